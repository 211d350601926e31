use super::*;
use crate::cli::Cli;
use crate::commands::Command;

fn read(text: &str, variables: &[(&str, &str)]) -> Result<Config, CommandError> {
    let variable =
        |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
    Config::read(Path::new("/c/config.toml"), text, &variable)
}

fn filled(text: &str, line: &str) -> Command {
    let words = std::iter::once("recipe-walk").chain(line.split_whitespace());
    let mut cli = Cli::read(words.map(Into::into)).expect("parses");
    cli.command.fill(&read(text, &[]).expect("reads"));
    cli.command
}

fn walk(text: &str, line: &str) -> crate::commands::WalkArgs {
    match filled(text, line) {
        Command::Walk(args) => args,
        other => panic!("no walk: {other:?}"),
    }
}

#[test]
fn the_environment_goes_over_the_file() {
    let config =
        read("region = 'a'\ncohort = 'june'\nplain = true\npace = 0.5", &[("RECIPE_WALK_REGION", "b")]);
    let config = config.expect("reads");
    assert_eq!((config.region.as_deref(), config.cohort.as_deref()), (Some("b"), Some("june")));
    assert!(config.plain && config.pace == Some(Pace::Factor(0.5)));
    assert_eq!(read("", &[]).expect("reads"), Config::default());
}

#[test]
fn mistakes_are_told_with_their_line_and_what_was_meant() {
    for (text, said) in [
        (
            "# mine\n\nregoin = 'x'",
            ["/c/config.toml:3: there is no setting 'regoin'", "Did you mean 'region'?"],
        ),
        ("a = 1\nplace =", ["/c/config.toml:2", "TOML"]),
        ("place = 'moon'", ["/c/config.toml:1: place cannot be 'moon'", "sandbox or aws"]),
        ("plain = 'perhaps'", ["plain cannot be 'perhaps'", "true"]),
        ("[region]\nx = 1", ["/c/config.toml:1", ""]),
    ] {
        let error = read(text, &[]).expect_err(text);
        let all = format!("{} {}", error.message, error.meaning.join(" "));
        assert!(said.iter().all(|s| all.contains(s)) && error.kind == Kind::Usage, "{all}");
    }
    let error = read("", &[("RECIPE_WALK_ENGINE", "memcached")]).expect_err("refused");
    assert!(error.message.starts_with("RECIPE_WALK_ENGINE"), "{error:?}");
}

#[test]
fn command_line_beats_both_and_money_is_never_default() {
    let file = "place = 'aws'\nprofile = 'p'\nregion = 'r'\ncohort = 'june'";
    let args = walk(file, "--sandbox --cohort may");
    assert!(args.sandbox && !args.aws && args.profile.is_none());
    assert_eq!(args.cohort.as_deref(), Some("may"));
    let args = walk(file, "");
    assert!(args.aws && args.profile.as_deref() == Some("p"));
    assert!(!walk(file, "--yes").aws, "--yes needs --aws on the command line");
    let Command::Cleanup(args) = filled(file, "cleanup --cohort june --yes") else { panic!("no clean-up") };
    assert!(!args.place.given());
    let Command::Sessions(args) = filled(file, "sessions --remote") else { panic!("no sessions") };
    assert!(args.place.aws && args.place.target().profile.as_deref() == Some("p"));
}

#[test]
fn parameters_keep_their_place() {
    let config = read("region = 'r'\n[parameters]\n\nload_users = 50\nname = 'x'", &[]).expect("reads");
    let told = |s: &Setting| format!("{} {} {}", s.key, s.value, s.origin);
    let told: Vec<String> = config.parameters.iter().map(told).collect();
    assert_eq!(told, ["load_users 50 /c/config.toml:4", "name x /c/config.toml:5"]);
    let error = read("[parameters]\nname = [1]", &[]).expect_err("refused");
    assert!(error.message.starts_with("/c/config.toml:2: 'name' must be one value"), "{error:?}");
    assert!(read("parameters = 5", &[]).is_err());
}

#[test]
fn slips_in_our_variables_are_told_others_ignored() {
    let names =
        ["RECIPE_WALK_REGOIN", "RECIPE_WALK_XYZ", "RECIPE_WALK_REGION", "RECIPE_WALK_LOG", "AWS_REGION"];
    let said = strangers(names.into_iter().chain(["RECIPE_WALK_PAYLOAD_ARM64"]).map(str::to_owned));
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(said[0].contains("Did you mean RECIPE_WALK_REGION?") && said[1].contains("--help"), "{said:?}");
}

#[test]
fn the_file_follows_the_xdg_rules() {
    let of = |variables: &[(&str, &str)]| {
        path(&|name: &str| variables.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned()))
    };
    assert_eq!(of(&[("HOME", "/h")]), Some("/h/.config/recipe-walk/config.toml".into()));
    assert_eq!(of(&[("XDG_CONFIG_HOME", "/c"), ("HOME", "/h")]), Some("/c/recipe-walk/config.toml".into()));
    assert_eq!(of(&[("RECIPE_WALK_CONFIG", "x.toml")]), Some("x.toml".into()));
    assert_eq!(of(&[]), None);
}
