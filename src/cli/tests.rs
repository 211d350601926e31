use super::*;
use recipe_walk_sandbox::Pace;

fn parse(line: &str) -> Result<Cli, clap::Error> {
    Cli::read(std::iter::once("recipe-walk").chain(line.split_whitespace()).map(OsString::from))
}

#[test]
fn the_command_line_is_sound() {
    Cli::command().debug_assert();
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
    look(&Cli::command(), "recipe-walk");
}

#[test]
fn every_command_has_a_log() {
    for line in ["sessions -v", "sandbox status --log x", "--sandbox -vv", "walk --sandbox --verbose"] {
        assert!(parse(line).is_ok_and(|cli| cli.log.verbose > 0 || cli.log.log.is_some()), "{line}");
    }
}

#[test]
fn walk_is_the_default_with_and_without_its_name() {
    let bare = parse("--sandbox --yes --all --pace 0.05").expect("parses");
    assert!(bare.command.is_none() && bare.walk.sandbox && bare.walk.manner.all);
    assert_eq!(bare.walk.pace, Some(Pace::Factor(0.05)));
    let Some(Command::Walk(named)) = parse("walk --aws --profile p --region r").expect("parses").command
    else {
        panic!("no walk")
    };
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
    let Some(Command::Demo { args }) = parse("demo compare --json --help").expect("parses").command else {
        panic!("no demo")
    };
    assert_eq!(args, ["compare", "--json", "--help"]);
    let line = "sandbox instance-aws ssm get-parameter --name /x --with-decryption";
    let Some(Command::Sandbox(SandboxCommand::InstanceAws { args })) = parse(line).expect("parses").command
    else {
        panic!("no instance")
    };
    assert_eq!(args.len(), 5);
}
