//! Tests of the command line.

use super::*;

fn run(line: &str) -> Result<Parsed, Failure> {
    parse(line.split_whitespace().map(OsString::from))
}

#[test]
fn a_full_line_parses() {
    let line =
        "load --redis-url rediss://h:1 --mysql-url mysql://u@d/s --json --users 1,5 --skew 0.5 --seconds 0.5";
    let Ok(Parsed::Run(args)) = run(line) else { panic!("must parse") };
    assert_eq!((args.command, args.format), (Command::Load, Format::Json));
    assert_eq!(args.tuning.users, [1, 5]);
    assert_eq!(args.tuning.stage, Duration::from_millis(500));
}

#[test]
fn help_and_version_win_over_everything_after_them() {
    assert_eq!(run("--help --nonsense"), Ok(Parsed::Help));
    assert_eq!(run("check -V"), Ok(Parsed::Version));
}

#[test]
fn mistakes_are_usage_failures_and_repeat_no_value() {
    for line in [
        "",
        "check",
        "chekc --config f",
        "check --config",
        "check --config f --redis-url redis://h",
        "check --config f --reader-url redis://h",
        "check --redis-url redis://h",
        "check --config f --frobnicate",
        "check --config f extra",
        "check --config f --json=hunter2",
        "check --config f --rounds 3",
        "compare --config f --rounds 0",
        "load --config f --skew NaN",
        "load --config f --writes 1.5",
        "load --config f --users 1,x",
        "load --config f --users 20000",
        "load --config f --users +5",
        "load --config f --users 05",
        "load --config f --users 5,",
        "load --config f --users ,5",
        "load --config f --users \u{661}",
        "load --config f --query everything",
        "load --config f --rate 0",
        "load --config f --json --csv",
        "failover --config f --users 1,2",
        "stampede --config f --users 5",
        "check --config f --may-configure",
    ] {
        let failure = run(line).expect_err(line);
        assert_eq!(failure.kind.exit(), 2, "{line}");
        assert!(!failure.to_string().contains("hunter2"), "{line}");
        assert!(!failure.hint.is_empty(), "{line}");
    }
}

#[test]
fn hostile_values_are_usage_failures_and_never_echoed_whole() {
    let (long, esc, many) = ("9".repeat(1_000_000), "1\u{1b}[31m".to_owned(), vec!["1"; 500_000].join(","));
    let values = [
        "1;touch x",
        "$(id)",
        "`id`",
        "1\n2",
        "1,\n2",
        " 1",
        "1 ",
        "+1",
        "-1",
        "1e3",
        "0x10",
        "",
        ",",
        "1,",
        "1,,2",
        "٣",
    ];
    let values = values.into_iter().chain([long.as_str(), esc.as_str(), many.as_str()]);
    for value in values {
        for option in
            ["--users", "--rate", "--seconds", "--skew", "--connections", "--key-version", "--query"]
        {
            let line = ["load", "--config", "f", option, value].map(OsString::from);
            // Some of them are numbers where decimals are taken: never more than that.
            let Err(failure) = parse(line) else { panic!("{option} took {}", shown(value)) };
            assert_eq!(failure.kind.exit(), 2);
            let said = failure.to_string();
            assert!(
                said.len() < 300 && !said.contains(['\u{1b}', '`', ';']) && !said.contains("$("),
                "{said}"
            );
        }
    }
    for line in [
        vec!["\u{1b}[2J".to_owned()],
        vec![format!("--{}", "x".repeat(10_000_000))],
        vec!["y".repeat(10_000_000)],
    ] {
        let said = parse(line.into_iter().map(OsString::from)).expect_err("a usage failure").to_string();
        assert!(said.len() < 400 && !said.contains('\u{1b}'), "{said}");
    }
}

#[test]
fn at_most_twenty_stages_are_taken() {
    let users = |count: usize| run(&format!("load --config f --users {}", vec!["10000"; count].join(",")));
    assert!(users(20).is_ok() && users(21).is_err());
}

#[test]
fn every_command_has_help_and_defaults() {
    for command in Command::ALL {
        assert_eq!(Command::from_name(command.name()), Some(command));
        assert!(HELP.contains(&format!("\n  {}", command.name())), "{}", command.name());
    }
    let Ok(Parsed::Run(args)) = run("failover --config f --writes 0.1") else { panic!("must parse") };
    assert_eq!(args.tuning.users, [50]);
    assert!((args.tuning.writes - 0.1).abs() < 1e-9);
}

#[test]
fn help_fits_the_terminal() {
    assert!(HELP.lines().all(|line| line.chars().count() <= 80), "wider than 80 columns");
}
