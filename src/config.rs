//! Defaults: the configuration file, and `RECIPE_WALK_…` in the environment over it. What the command line says goes over
//! both.

use crate::error::{CommandError, Kind};
use crate::options::{AwsArgs, CacheEngine, PlaceArgs};
use crate::settings::{self, Setting};
use recipe_walk_engine::answers::Origin;
use recipe_walk_engine::did_you_mean::closest;
use recipe_walk_engine::shown::shown;
use recipe_walk_engine::tags::TagValue;
use recipe_walk_sandbox::Pace;
use serde::de::{Deserialize, Deserializer, Error as _};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use toml::de::{DeTable, DeValue};
use toml::{Table, Value};

/// The keys, with what they may hold.
const KEYS: [(&str, &str); 9] = [
    ("place", "sandbox or aws; aws counts only where you are asked before anything is made"),
    ("profile", "AWS profile"),
    ("region", "AWS region"),
    ("owner", "your name, as a tag on everything"),
    ("cohort", "name of the class, as a tag on everything"),
    ("engine", "redis or valkey"),
    ("pace", "fast, real, or a factor: how long things take on the sandbox"),
    ("recipe", "directory with another recipe"),
    ("plain", "true: no colour, no box drawing"),
];

/// The table of the file with answers to a recipe's questions.
const PARAMETERS: &str = "parameters";

/// Bytes of a configuration file.
const LARGEST: u64 = 1024 * 1024;

/// Where a walk runs when nobody says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DefaultPlace {
    /// On the sandbox.
    Sandbox,
    /// In the person's account, where they are asked before anything is made.
    Aws,
}

impl FromStr for DefaultPlace {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "sandbox" => Ok(Self::Sandbox),
            "aws" => Ok(Self::Aws),
            _ => Err("sandbox or aws".to_owned()),
        }
    }
}

/// The defaults.
#[derive(Debug, Clone, Default, PartialEq, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Config {
    #[serde(deserialize_with = "parsed")]
    pub(crate) place: Option<DefaultPlace>,
    #[serde(deserialize_with = "parsed")]
    pub(crate) profile: Option<String>,
    #[serde(deserialize_with = "parsed")]
    pub(crate) region: Option<String>,
    #[serde(deserialize_with = "parsed")]
    pub(crate) owner: Option<TagValue>,
    #[serde(deserialize_with = "parsed")]
    pub(crate) cohort: Option<TagValue>,
    #[serde(deserialize_with = "parsed")]
    pub(crate) engine: Option<CacheEngine>,
    #[serde(deserialize_with = "parsed")]
    pub(crate) pace: Option<Pace>,
    #[serde(deserialize_with = "parsed")]
    pub(crate) recipe: Option<PathBuf>,
    #[serde(deserialize_with = "flag")]
    pub(crate) plain: bool,
    /// Parameters of the recipe; of two for the same one the later counts.
    #[serde(skip)]
    pub(crate) parameters: Vec<Setting>,
}

/// A value as it is written in the file, or in the environment as text.
#[derive(serde::Deserialize)]
#[serde(untagged)]
enum Scalar {
    Text(String),
    Flag(bool),
    Whole(i64),
    Fraction(f64),
}

impl Scalar {
    fn text(self) -> String {
        match self {
            Self::Text(text) => text,
            Self::Flag(flag) => flag.to_string(),
            Self::Whole(number) => number.to_string(),
            Self::Fraction(number) => number.to_string(),
        }
    }
}

fn parsed<'de, D: Deserializer<'de>, T: FromStr>(value: D) -> Result<Option<T>, D::Error> {
    let text = Scalar::deserialize(value)?.text();
    text.parse().map(Some).map_err(|_| D::Error::custom("it is none of the values"))
}

fn flag<'de, D: Deserializer<'de>>(value: D) -> Result<bool, D::Error> {
    match Scalar::deserialize(value)?.text().as_str() {
        "true" | "1" | "yes" => Ok(true),
        "false" | "0" | "no" => Ok(false),
        _ => Err(D::Error::custom("it is neither true nor false")),
    }
}

/// Variables of ours that are nobody's to set: of the sandbox's instances, of the build and the tests.
const OTHERS: [&str; 10] = [
    "AWS",
    "AWS2",
    "FULL",
    "HOSTILE",
    "INSTANCE",
    "PROGRAM",
    "PYTHON",
    "RECORD_AGAIN",
    "SANDBOX_RUN",
    "WRITE_DOCS",
];

/// What to say about variables that look like ours and are none: a slip would otherwise be ignored without a word.
pub(crate) fn strangers(names: impl Iterator<Item = String>) -> Vec<String> {
    let known =
        || KEYS.iter().map(|(key, _)| key.to_uppercase()).chain(["CONFIG".to_owned(), "LOG".to_owned()]);
    let stranger = |name: String| {
        let rest = name.strip_prefix("RECIPE_WALK_")?;
        // The build's, with one for each kind of machine.
        if OTHERS.contains(&rest)
            || name.starts_with(settings::PREFIX)
            || rest.starts_with("PAYLOAD")
            || known().any(|k| k == rest)
        {
            return None;
        }
        let all: Vec<String> = known().collect();
        Some(match closest(rest, all.iter().map(String::as_str)) {
            Some(meant) => format!("{name} is no setting and is ignored. Did you mean RECIPE_WALK_{meant}?"),
            None => format!("{name} is no setting and is ignored; recipe-walk --help lists them."),
        })
    };
    let mut all: Vec<String> = names.filter_map(stranger).collect();
    all.sort();
    all
}

/// Settings that were looked at one by one, so that a mistake is told with its place.
#[derive(Default)]
struct Settings {
    table: Table,
    parameters: Vec<Setting>,
}

impl Settings {
    /// Takes one setting; `place` is where it was read.
    fn set(&mut self, key: &str, value: Value, place: &Origin) -> Result<(), CommandError> {
        let Some((_, about)) = KEYS.iter().find(|(known, _)| *known == key) else {
            let known: Vec<&str> = KEYS.iter().map(|(known, _)| *known).chain([PARAMETERS]).collect();
            let error =
                CommandError::new(Kind::Usage, format!("{place}: there is no setting {}", shown(key)));
            return Err(match closest(key, known.iter().copied()) {
                Some(meant) => error.means(format!("Did you mean '{meant}'?")),
                None => error.means(format!("There are: {}.", known.join(", "))),
            });
        };
        let text = Scalar::deserialize(value.clone()).map_err(|_| one_value(place, key))?.text();
        let alone = Table::from_iter([(key.to_owned(), value)]);
        if Config::deserialize(alone.clone()).is_err() {
            return Err(CommandError::new(Kind::Usage, format!("{place}: {key} cannot be {}", shown(&text)))
                .means(format!("It is: {about}.")));
        }
        // One that the whole program knows by name; the recipe has the last word on it.
        if key == "engine" {
            let (key, origin) = (settings::ENGINE.to_owned(), place.clone());
            self.parameters.push(Setting { key, value: text, origin });
        }
        self.table.extend(alone);
        Ok(())
    }

    /// Takes the table of answers. Whether the recipe asks for them is seen when there is a recipe.
    fn answers(
        &mut self,
        table: &DeTable<'_>,
        values: &Value,
        at: &dyn Fn(usize) -> Origin,
    ) -> Result<(), CommandError> {
        for key in table.keys() {
            let (name, place) = (key.get_ref().to_string(), at(key.span().start));
            let value = values.get(&name).cloned().and_then(|v| Scalar::deserialize(v).ok());
            let value = value.ok_or_else(|| one_value(&place, &name))?.text();
            self.parameters.push(Setting { key: name, value, origin: place });
        }
        Ok(())
    }

    fn config(self) -> Result<Config, CommandError> {
        let config = Config::deserialize(self.table)
            .map_err(|error| CommandError::new(Kind::Unexpected, error.to_string()))?;
        Ok(Config { parameters: self.parameters, ..config })
    }
}

fn one_value(place: &Origin, key: &str) -> CommandError {
    CommandError::new(Kind::Usage, format!("{place}: '{key}' must be one value"))
}

impl Config {
    /// Reads the file, if there is one, and the environment.
    pub(crate) fn load() -> Result<Self, CommandError> {
        let variable = |name: &str| std::env::var(name).ok().filter(|v| !v.is_empty());
        let file = path(&variable);
        let text = match file.as_ref().map(|file| recipe_walk_files::text(file, LARGEST)) {
            Some(Ok(text)) => text,
            Some(Err(e)) if e.kind() != std::io::ErrorKind::NotFound => {
                let shown = file.unwrap_or_default().display().to_string();
                return Err(CommandError::new(Kind::Usage, format!("{shown}: {e}")));
            }
            _ => String::new(),
        };
        Self::read(file.as_deref().unwrap_or(Path::new("config.toml")), &text, &variable)
    }

    fn read(
        file: &Path,
        text: &str,
        variable: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, CommandError> {
        let at = |offset: usize| {
            let line = text.get(..offset).unwrap_or_default().matches('\n').count() + 1;
            Origin::File(file.to_owned(), line)
        };
        let wrong = |error: &toml::de::Error| {
            let place = at(error.span().map_or(0, |span| span.start));
            CommandError::new(Kind::Usage, format!("{place}: {}", error.message()))
                .means("The configuration file is TOML: lines such as  region = \"eu-central-1\".")
        };
        // The places of the keys come from the one, the values from the other.
        let places = DeTable::parse(text).map_err(|error| wrong(&error))?;
        let mut values: Table = toml::from_str(text).map_err(|error| wrong(&error))?;
        let mut settings = Settings::default();
        for (key, value) in places.get_ref() {
            let (name, place) = (key.get_ref().to_string(), at(key.span().start));
            let Some(found) = values.remove(&name) else { continue };
            match value.get_ref() {
                DeValue::Table(table) if name == PARAMETERS => settings.answers(table, &found, &at)?,
                _ => settings.set(&name, found, &place)?,
            }
        }
        for (key, _) in KEYS {
            let name = format!("RECIPE_WALK_{}", key.to_uppercase());
            if let Some(value) = variable(&name) {
                settings.set(key, Value::String(value), &Origin::Variable(name))?;
            }
        }
        settings.config()
    }

    /// Where to look, for commands that change nothing.
    pub(crate) fn fill_place(&self, args: &mut PlaceArgs) {
        if !args.given() {
            args.sandbox = self.place == Some(DefaultPlace::Sandbox);
            args.aws = self.place == Some(DefaultPlace::Aws);
        }
        self.fill_target(args);
    }

    /// The usual profile and region. Where something is deleted, the place itself is the command line's alone.
    pub(crate) fn fill_target(&self, args: &mut PlaceArgs) {
        args.usual = AwsArgs { profile: self.profile.clone(), region: self.region.clone() };
    }
}

/// Takes the default where the command line says nothing.
pub(crate) fn fill<T: Clone>(place: &mut Option<T>, usual: Option<&T>) {
    if place.is_none() {
        *place = usual.cloned();
    }
}

/// `$RECIPE_WALK_CONFIG`, else the XDG place.
fn path(variable: &dyn Fn(&str) -> Option<String>) -> Option<PathBuf> {
    if let Some(file) = variable("RECIPE_WALK_CONFIG") {
        return Some(PathBuf::from(file));
    }
    let absolute = |name: &str| variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let home = absolute("XDG_CONFIG_HOME").or_else(|| absolute("HOME").map(|home| home.join(".config")))?;
    Some(home.join("recipe-walk/config.toml"))
}

#[cfg(test)]
mod tests;
