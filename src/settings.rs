//! What is set before a walk begins: by `--set` and its short forms, by `RECIPE_WALK_SET_…`, and below `[parameters]` of
//! the configuration file. All of it goes through the recipe's own rules.

use crate::error::{CommandError, Kind};
use crate::options::CacheEngine;
use recipe_walk_engine::answers::{Answers, Origin};
use recipe_walk_engine::parameter::convention::BUDGET;
use recipe_walk_engine::recipe::Recipe;
use std::ffi::OsString;

/// The parameter that `--engine` sets.
pub(crate) const ENGINE: &str = "cache_engine";

/// Variables that set a parameter: its id in capitals follows.
pub(crate) const PREFIX: &str = "RECIPE_WALK_SET_";

/// One parameter with its value, not checked yet.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Setting {
    /// The parameter's id.
    pub(crate) key: String,
    /// Its value.
    pub(crate) value: String,
    /// Who says so.
    pub(crate) origin: Origin,
}

/// Options that answer a recipe's parameters.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct SetArgs {
    /// Set a parameter of the recipe, such as load_users=1,50; once for each
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = pair)]
    pairs: Vec<(String, String)>,
    /// What the configuration says where the command line does not.
    #[arg(skip)]
    pub(crate) usual: Vec<Setting>,
}

/// `KEY=VALUE`.
fn pair(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("a parameter and its value, such as load_users=1,50")?;
    Ok((key.to_owned(), value.to_owned()))
}

/// What `--budget` says.
pub(crate) fn budget(amount: &str) -> Setting {
    Setting { key: BUDGET.to_owned(), value: amount.to_owned(), origin: Origin::Option("--budget") }
}

/// What an engine's name says that has an option or a key of its own.
pub(crate) fn engine(engine: CacheEngine, origin: Origin) -> Setting {
    Setting { key: ENGINE.to_owned(), value: engine.name().to_owned(), origin }
}

/// The answers with which a walk begins: the recipe's defaults, over them the configuration file, the environment, and the
/// command line with the settings of its `short` forms. The first that the recipe refuses is the error, and so is a second
/// one for the same parameter on the command line.
pub(crate) fn answers(recipe: &Recipe, args: &SetArgs, short: Vec<Setting>) -> Result<Answers, CommandError> {
    let environment = std::env::vars_os().filter_map(variable);
    let given = args.pairs.iter().cloned();
    let given = given.map(|(key, value)| Setting { key, value, origin: Origin::Option("--set") });
    let line: Vec<Setting> = given.chain(short).collect();
    for (index, setting) in line.iter().enumerate() {
        if let Some(other) = line[..index].iter().find(|other| other.key == setting.key) {
            let what = format!("{}: {} was set by {} already", setting.origin, setting.key, other.origin);
            return Err(CommandError::new(Kind::Usage, what)
                .means("Each parameter can be set once on a command line."));
        }
    }
    let mut answers = recipe.defaults();
    for Setting { key, value, origin } in args.usual.iter().cloned().chain(environment).chain(line) {
        answers.put(&key, &value, origin).map_err(CommandError::from_setting)?;
    }
    Ok(answers)
}

/// The setting in a variable of the environment, if it is one of ours and not empty. What is no text is no value of any
/// rule: it is refused with the characters that stand for it.
fn variable((name, value): (OsString, OsString)) -> Option<Setting> {
    let name = name.into_string().ok()?;
    let key = name.strip_prefix(PREFIX)?;
    // In other letters it is no variable of ours; the recipe knows no such parameter and says so.
    let key = if key.chars().any(char::is_lowercase) { key.to_owned() } else { key.to_lowercase() };
    let value = value.into_string().unwrap_or_else(|value| value.to_string_lossy().replace('\u{fffd}', "\0"));
    (!value.is_empty()).then_some(Setting { key, value, origin: Origin::Variable(name) })
}

/// The settings that are not the recipe's own, one a line: a person who is not asked sees them here.
pub(crate) fn told(recipe: &Recipe, answers: &Answers) -> Vec<String> {
    let set = |origin: &&Origin| **origin != Origin::Recipe;
    let line = |key: &str, name: &str| {
        let origin = answers.origin(key).filter(set)?;
        Some(format!("{name}: {} ({origin})", answers.get(key).unwrap_or_default()))
    };
    recipe.parameters.iter().filter_map(|p| line(&p.id, &p.name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recipe() -> Recipe {
        crate::embedded::recipe(None).expect("parses")
    }

    fn of(
        usual: &[(&str, &str)],
        pairs: &[(&str, &str)],
        short: Vec<Setting>,
    ) -> Result<Answers, CommandError> {
        let owned = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
        let usual = usual.iter().map(owned);
        let args = SetArgs {
            pairs: pairs.iter().map(owned).collect(),
            usual: usual
                .map(|(key, value)| Setting { key, value, origin: Origin::File("config.toml".into(), 2) })
                .collect(),
        };
        answers(&recipe(), &args, short)
    }

    #[test]
    fn command_line_beats_file_and_file_beats_recipe() {
        let answers = of(
            &[("load_users", "1"), ("db_class", "db.t4g.micro")],
            &[("load_users", "1,5")],
            vec![budget("0.50")],
        );
        let answers = answers.expect("allowed");
        assert_eq!((answers.get("load_users"), answers.get("db_class")), (Some("1,5"), Some("db.t4g.micro")));
        assert_eq!((answers.get(BUDGET), answers.get("hours_to_live")), (Some("0.50"), Some("4")));
        let told = told(&recipe(), &answers);
        assert!(told.contains(&"users of the load test: 1,5 (--set)".to_owned()), "{told:?}");
        assert!(told.iter().any(|line| line.ends_with("(config.toml:2)")) && told.len() == 3, "{told:?}");
    }

    #[test]
    fn refusals_of_the_recipe_are_usage_errors_with_source() {
        for (usual, pairs, said) in [
            (vec![("load_user", "1")], vec![], "config.toml:2: the recipe has no parameter 'load_user'"),
            (
                vec![("load_users", "1;touch x")],
                vec![("load_users", "1")],
                "config.toml:2: load_users: '1;touch x' is not",
            ),
            (
                vec![],
                vec![("cache_engine", "valky")],
                "--set: cache_engine: 'valky' is not one of redis, valkey",
            ),
            (
                vec![],
                vec![("load_users", "1"), ("load_users", "2")],
                "--set: load_users was set by --set already",
            ),
        ] {
            let error = of(&usual, &pairs, Vec::new()).expect_err(said);
            assert!(error.kind == Kind::Usage && error.message.starts_with(said), "{}", error.message);
            assert!(error.message.len() < 250);
        }
        let error = of(&[], &[], vec![budget("nothing")]).expect_err("refused");
        assert!(
            error.message.starts_with("--budget: budget_usd: 'nothing' is not a number"),
            "{}",
            error.message
        );
    }

    #[test]
    fn variables_are_read_in_capitals_and_empty_ones_are_unset() {
        let of = |name: &str, value: &str| variable((name.into(), value.into()));
        let setting = of("RECIPE_WALK_SET_LOAD_USERS", "1,5").expect("a setting");
        assert_eq!((setting.key.as_str(), setting.value.as_str()), ("load_users", "1,5"));
        assert_eq!(setting.origin.to_string(), "RECIPE_WALK_SET_LOAD_USERS");
        assert_eq!(of("RECIPE_WALK_SET_load_USERS", "1").expect("a setting").key, "load_USERS");
        assert_eq!(of("RECIPE_WALK_SET_LOAD_USERS", ""), None);
        assert_eq!(of("RECIPE_WALK_REGION", "1"), None);
    }

    #[test]
    fn a_pair_is_split_at_its_first_equals_sign() {
        assert_eq!(pair("a=b=c"), Ok(("a".into(), "b=c".into())));
        assert_eq!(pair("a="), Ok(("a".into(), String::new())));
        assert!(pair("a").is_err());
    }
}
