use super::*;
use recipe_walk_sandbox::Pace;

fn parse(line: &str) -> Result<Cli, clap::Error> {
    Cli::read(std::iter::once("recipe-walk").chain(line.split_whitespace()).map(OsString::from))
}

#[test]
fn the_command_line_is_sound() {
    definition().debug_assert();
}

#[test]
fn every_command_has_an_example() {
    fn look(command: &clap::Command, name: &str) {
        let help = command.get_after_long_help().or(command.get_after_help()).map(ToString::to_string);
        assert!(help.is_some_and(|h| h.contains("Example")), "{name} has no example");
        for sub in command.get_subcommands().filter(|c| !c.is_hide_set()) {
            look(sub, &format!("{name} {}", sub.get_name()));
        }
    }
    look(&definition(), "recipe-walk");
}

#[test]
fn every_command_has_a_log() {
    for line in ["sessions -v", "sandbox status --log x", "--sandbox -vv", "walk --sandbox --verbose"] {
        assert!(parse(line).is_ok_and(|cli| cli.common.verbose > 0 || cli.common.log.is_some()), "{line}");
    }
}

#[test]
fn plain_may_stand_anywhere() {
    for line in ["--plain --sandbox", "status --plain", "--plain board --cohort june", "sandbox --plain env"]
    {
        assert!(parse(line).is_ok_and(|cli| cli.common.plain), "{line}");
    }
}

#[test]
fn walk_is_the_default_with_and_without_its_name() {
    let walk = |line| match parse(line).expect("parses").command {
        Command::Walk(args) => args,
        other => panic!("no walk: {other:?}"),
    };
    let bare = walk("--sandbox --yes --all --pace 0.05");
    assert!(bare.sandbox && bare.output.all);
    assert_eq!(bare.pace, Some(Pace::Factor(0.05)));
    let named = walk("walk --aws --profile p --region r");
    assert!(named.aws && named.profile.as_deref() == Some("p"));
}

#[test]
fn contradictions_are_refused() {
    for line in [
        "--sandbox --aws",
        "--sandbox --profile p",
        "--profile p",
        "--aws --pace fast",
        "--keep",
        "--all",
        "--pace never",
        "--sandbox resume",
        "resume --rebuild",
        "cleanup rw-k3v9x2ab --cohort june",
        "cleanup --sandbox --profile p",
        "nonsense",
    ] {
        assert!(parse(line).is_err(), "{line}");
    }
}

#[test]
fn the_demo_and_the_instance_get_their_arguments_untouched() {
    let Command::Demo(demo) = parse("demo compare --json --plain --help").expect("parses").command else {
        panic!("no demo")
    };
    assert_eq!(demo.args, ["compare", "--json", "--plain", "--help"]);
    let line = "sandbox instance-aws ssm get-parameter --name /x --with-decryption";
    let instance = format!("{:?}", parse(line).expect("parses").command);
    assert!(instance.contains("\"--name\", \"/x\", \"--with-decryption\""), "{instance}");
}
