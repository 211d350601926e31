//! The answers to a recipe's parameters: checked, wherever they come from. None that its rules refuse can be read here.

use crate::did_you_mean::suggestion;
use crate::parameter::{Parameter, admissible};
use crate::shown::shown;
use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

/// Where an answer comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// The recipe's default.
    Recipe,
    /// An option of the command line, such as `--set`.
    Option(&'static str),
    /// A variable of the environment.
    Variable(String),
    /// A line of a configuration file, counted from one.
    File(PathBuf, usize),
    /// A prompt.
    Asked,
    /// The session's note in the account.
    Note,
    /// The session's journal.
    Journal,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Recipe => write!(f, "the recipe's default"),
            Self::Option(option) => write!(f, "{option}"),
            Self::Variable(name) => write!(f, "{name}"),
            Self::File(path, line) => write!(f, "{}:{line}", path.display()),
            Self::Asked => write!(f, "your answer"),
            Self::Note => write!(f, "the session's note in the account"),
            Self::Journal => write!(f, "the session's journal"),
        }
    }
}

/// An answer that is not used, with the reason. Its text holds nothing that steers a terminal, however the answer was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{origin}: {why}")]
pub struct BadAnswer {
    /// Where it comes from.
    pub origin: Origin,
    /// What is wrong with it, in words.
    pub why: String,
    /// What was probably meant, or what there is; or nothing.
    pub help: String,
    /// Whether it answers nothing that the recipe asks.
    pub unasked: bool,
}

/// One answer.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Answer {
    value: String,
    origin: Origin,
}

/// The answers of a walk. They are read only once the recipe's parameters are known: what a journal has recorded waits
/// until [`Answers::admit`].
#[derive(Debug, Clone, Default)]
pub struct Answers {
    parameters: Option<Arc<[Parameter]>>,
    checked: BTreeMap<String, Answer>,
    recorded: BTreeMap<String, String>,
}

impl Answers {
    /// No answers yet, to these parameters.
    pub fn to(parameters: &[Parameter]) -> Self {
        Self { parameters: Some(parameters.into()), ..Self::default() }
    }

    /// The defaults of these parameters.
    pub fn defaults(parameters: &[Parameter]) -> Self {
        let mut answers = Self::to(parameters);
        // The lint has checked them.
        let checked = parameters.iter().filter(|p| p.check(&p.default).is_ok());
        answers.checked.extend(
            checked.map(|p| (p.id.to_string(), Answer { value: p.default.clone(), origin: Origin::Recipe })),
        );
        answers
    }

    /// The one way in: an answer that the recipe asks for and its rule allows.
    pub fn put(&mut self, key: &str, value: &str, origin: Origin) -> Result<(), BadAnswer> {
        self.fits(key, value, &origin)?;
        self.checked.insert(key.to_owned(), Answer { value: value.to_owned(), origin });
        Ok(())
    }

    /// Whether an answer may be put. Where the recipe is not known yet, it must be one that any recipe could ask for.
    pub fn fits(&self, key: &str, value: &str, origin: &Origin) -> Result<(), BadAnswer> {
        let bad = |why: String, help: String, unasked: bool| BadAnswer {
            origin: origin.clone(),
            why,
            help,
            unasked,
        };
        let Some(parameters) = &self.parameters else {
            admissible(key).map_err(|why| bad(format!("the key {why}"), String::new(), true))?;
            return admissible(value).map_err(|why| bad(format!("{key}: {why}"), String::new(), false));
        };
        let Some(parameter) = parameters.iter().find(|p| p.id == key) else {
            let help = match suggestion(key, parameters.iter().map(|p| p.id.as_str())) {
                _ if parameters.is_empty() => "It has none.".to_owned(),
                help => help,
            };
            return Err(bad(format!("the recipe has no parameter {}", shown(key)), help, true));
        };
        parameter.check(value).map_err(|why| {
            let help = parameter.meant(value).map(|meant| format!("Did you mean '{meant}'?"));
            bad(format!("{key}: {why}"), help.unwrap_or_default(), false)
        })
    }

    /// Keeps an answer that a journal has recorded and that [`Answers::fits`].
    pub(crate) fn record(&mut self, key: String, value: String) {
        if self.parameters.is_some() {
            self.checked.insert(key, Answer { value, origin: Origin::Journal });
        } else {
            self.recorded.insert(key, value);
        }
    }

    /// Checks what was recorded against these parameters, from now on the rules of all answers. What they refuse is
    /// dropped, and told.
    pub fn admit(&mut self, parameters: &[Parameter]) -> Vec<BadAnswer> {
        let mut admitted = Self::to(parameters);
        let again = std::mem::take(&mut self.checked)
            .into_iter()
            .map(|(key, answer)| (key, answer.value, answer.origin));
        let recorded =
            std::mem::take(&mut self.recorded).into_iter().map(|(key, value)| (key, value, Origin::Journal));
        let refused = again
            .chain(recorded)
            .filter_map(|(key, value, origin)| admitted.put(&key, &value, origin).err())
            .collect();
        *self = admitted;
        refused
    }

    /// Parameters without an answer.
    pub fn open(&self) -> Vec<Parameter> {
        let parameters = self.parameters.iter().flat_map(|p| p.iter());
        parameters.filter(|p| !self.checked.contains_key(p.id.as_str())).cloned().collect()
    }

    /// The answer, if there is one that was checked.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.checked.get(key).map(|answer| answer.value.as_str())
    }

    /// Where the answer comes from.
    pub fn origin(&self, key: &str) -> Option<&Origin> {
        self.checked.get(key).map(|answer| &answer.origin)
    }

    /// The answers that were checked, by key.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.checked.iter().map(|(key, answer)| (key.as_str(), answer.value.as_str()))
    }

    /// All answers, also those that still wait for the recipe: to be shown to a person, not to be used.
    pub fn told(&self) -> BTreeMap<String, String> {
        let checked = self.iter().map(|(key, value)| (key.to_owned(), value.to_owned()));
        self.recorded.clone().into_iter().chain(checked).collect()
    }
}

/// The same answers, whatever is known of their rules and their origins.
impl PartialEq for Answers {
    fn eq(&self, other: &Self) -> bool {
        self.told() == other.told()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameters() -> Vec<Parameter> {
        let toml = "[[p]]\nid = 'engine'\nname = 'e'\nquestion = '?'\ntype = 'choice'\nchoices = ['steam', 'diesel']\ndefault = \
                    'steam'\n[[p]]\nid = 'hours'\nname = 'h'\nquestion = '?'\ntype = 'integer'\nmin = 1\nmax = 24\ndefault = 4";
        let mut all: BTreeMap<String, Vec<Parameter>> = toml::from_str(toml).expect("parameters");
        all.remove("p").expect("there")
    }

    #[test]
    fn wrong_keys_and_values_are_refused_with_origin_and_suggestion() {
        let mut answers = Answers::defaults(&parameters());
        let file = Origin::File("/c/config.toml".into(), 3);
        for (key, value, origin, said, help) in [
            (
                "engin",
                "steam",
                Origin::Option("--set"),
                "--set: the recipe has no parameter 'engin'",
                "Did you mean 'engine'?",
            ),
            (
                "x\u{1b}[1m",
                "",
                file.clone(),
                "/c/config.toml:3: the recipe has no parameter 'x\\u{1b}[1m'",
                "There are: engine, hours.",
            ),
            (
                "engine",
                "diesl",
                file,
                "/c/config.toml:3: engine: 'diesl' is not one of steam, diesel",
                "Did you mean 'diesel'?",
            ),
            (
                "hours",
                "4000000000",
                Origin::Note,
                "the session's note in the account: hours: '4000000000' is not a whole number from 1 to 24",
                "",
            ),
        ] {
            let bad = answers.put(key, value, origin).expect_err(key);
            assert_eq!((bad.to_string().as_str(), bad.help.as_str()), (said, help));
        }
        assert_eq!(answers, Answers::defaults(&parameters()), "nothing was taken");
        answers.put("hours", "24", Origin::Asked).expect("allowed");
        assert_eq!((answers.get("hours"), answers.origin("hours")), (Some("24"), Some(&Origin::Asked)));
    }

    #[test]
    fn recorded_answers_are_unreadable_until_the_recipe_admits_them() {
        let mut answers = Answers::default();
        for (key, value) in [("engine", "diesel"), ("hours", "99"), ("gone", "1")] {
            answers.fits(key, value, &Origin::Journal).expect("any recipe could ask for it");
            answers.record(key.into(), value.into());
        }
        assert_eq!((answers.get("engine"), answers.told().len()), (None, 3));
        let refused = answers.admit(&parameters());
        let told: Vec<(String, bool)> = refused.iter().map(|bad| (bad.to_string(), bad.unasked)).collect();
        assert_eq!(
            told,
            [
                ("the session's journal: the recipe has no parameter 'gone'".into(), true),
                ("the session's journal: hours: '99' is not a whole number from 1 to 24".into(), false),
            ]
        );
        assert_eq!(answers.get("engine"), Some("diesel"));
        assert_eq!(answers.get("hours"), None);
        assert_eq!(answers.open().iter().map(|p| p.id.as_str()).collect::<Vec<_>>(), ["hours"]);
        assert!(answers.admit(&parameters()).is_empty(), "once more changes nothing");
    }

    #[test]
    fn no_recipe_could_ask_for_what_cannot_be_seen() {
        let answers = Answers::default();
        let long = "x".repeat(10_000_000);
        for (key, value) in [("a", "1\n2"), ("a", "\u{1b}]0;x\u{7}"), ("a", &long), ("a\nb", "1")] {
            let bad = answers.fits(key, value, &Origin::Journal).expect_err("refused");
            assert!(bad.to_string().len() < 250 && !bad.to_string().contains(['\n', '\u{1b}']), "{bad}");
        }
    }
}
