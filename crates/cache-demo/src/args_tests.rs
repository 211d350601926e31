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
fn every_command_is_found_in_the_help_and_has_its_defaults() {
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
