//! Defaults: the configuration file, and `RECIPE_WALK_…` in the environment over it. What the command line says goes over
//! both.

use crate::cli::session::PlaceArgs;
use crate::cli::{AwsArgs, CacheEngine, Cli, Command, Manner, WalkArgs};
use crate::did_you_mean::closest;
use crate::error::{CommandError, Kind};
use clap::ValueEnum as _;
use recipe_walk_sandbox::Pace;
use std::path::{Path, PathBuf};
use toml::de::{DeTable, DeValue};

/// The keys, with what they may hold.
pub(crate) const KEYS: [(&str, &str); 9] = [
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

/// Where a walk runs when nobody says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Usual {
    Sandbox,
    Aws,
}

/// The defaults.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Config {
    place: Option<Usual>,
    profile: Option<String>,
    region: Option<String>,
    owner: Option<String>,
    cohort: Option<String>,
    engine: Option<CacheEngine>,
    pace: Option<Pace>,
    recipe: Option<PathBuf>,
    plain: Option<bool>,
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
        if OTHERS.contains(&rest) || rest.starts_with("PAYLOAD") || known().any(|k| k == rest) {
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

impl Config {
    /// Reads the file, if there is one, and the environment.
    pub(crate) fn load() -> Result<Self, CommandError> {
        let variable = |name: &str| std::env::var(name).ok().filter(|v| !v.is_empty());
        let file = path(&variable);
        let text = match file.as_ref().map(std::fs::read_to_string) {
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
            format!("{}:{line}", file.display())
        };
        let mut config = Self::default();
        let table = DeTable::parse(text).map_err(|e| {
            let place = at(e.span().map_or(0, |s| s.start));
            CommandError::new(Kind::Usage, format!("{place}: {}", e.message()))
                .means("The configuration file is TOML: lines such as  region = \"eu-central-1\".")
        })?;
        for (key, value) in table.get_ref() {
            let place = at(key.span().start);
            let text = match value.get_ref() {
                DeValue::String(text) => text.to_string(),
                DeValue::Boolean(flag) => flag.to_string(),
                DeValue::Integer(number) => number.to_string(),
                DeValue::Float(number) => number.to_string(),
                _ => {
                    return Err(CommandError::new(
                        Kind::Usage,
                        format!("{place}: '{}' must be one value", key.get_ref()),
                    ));
                }
            };
            config.set(key.get_ref(), &text, &place)?;
        }
        for (key, _) in KEYS {
            let name = format!("RECIPE_WALK_{}", key.to_uppercase());
            if let Some(value) = variable(&name) {
                config.set(key, &value, &name)?;
            }
        }
        Ok(config)
    }

    /// Sets one key; `place` is where it was read, for the person to find.
    fn set(&mut self, key: &str, value: &str, place: &str) -> Result<(), CommandError> {
        let wrong = |what: &str| {
            CommandError::new(Kind::Usage, format!("{place}: {key} cannot be '{value}'"))
                .means(format!("It is: {what}."))
        };
        let about = KEYS.iter().find(|(known, _)| *known == key).map(|(_, about)| *about);
        let Some(about) = about else {
            let known: Vec<&str> = KEYS.iter().map(|(known, _)| *known).collect();
            let error = CommandError::new(Kind::Usage, format!("{place}: there is no setting '{key}'"));
            return Err(match closest(key, known.iter().copied()) {
                Some(meant) => error.means(format!("Did you mean '{meant}'?")),
                None => error.means(format!("There are: {}.", known.join(", "))),
            });
        };
        let text = || Some(value.to_owned());
        match key {
            "place" => {
                self.place = Some(match value {
                    "sandbox" => Usual::Sandbox,
                    "aws" => Usual::Aws,
                    _ => return Err(wrong(about)),
                });
            }
            "profile" => self.profile = text(),
            "region" => self.region = text(),
            "owner" => self.owner = text(),
            "cohort" => self.cohort = text(),
            "engine" => {
                self.engine = Some(CacheEngine::from_str(value, true).map_err(|_| wrong(about))?);
            }
            "pace" => self.pace = Some(value.parse().map_err(|_| wrong(about))?),
            "recipe" => self.recipe = Some(PathBuf::from(value)),
            _ => {
                self.plain = Some(match value {
                    "true" | "1" | "yes" => true,
                    "false" | "0" | "no" => false,
                    _ => return Err(wrong(about)),
                });
            }
        }
        Ok(())
    }

    /// Whether lines are to be plain.
    pub(crate) fn plain(&self) -> bool {
        self.plain.unwrap_or(false)
    }

    /// Fills in what the command line leaves open.
    pub(crate) fn apply(&self, cli: &mut Cli) {
        match &mut cli.command {
            None => self.walk(&mut cli.walk),
            Some(Command::Walk(args)) => self.walk(args),
            Some(Command::Resume(args)) => {
                self.usual(&mut args.place);
                self.manner(&mut args.manner);
            }
            // What deletes is never pointed anywhere by a file: the place is the command line's alone.
            Some(Command::Cleanup(args)) => self.usual(&mut args.place),
            Some(Command::Sessions(args)) if args.remote => self.place(&mut args.place),
            Some(Command::Status(args)) if args.remote => self.place(&mut args.place),
            Some(Command::Board(args)) => {
                args.cohort = args.cohort.take().or_else(|| self.cohort.clone());
                if !args.sandbox && !args.wants_aws() {
                    args.sandbox = self.place == Some(Usual::Sandbox);
                    args.aws = self.place == Some(Usual::Aws);
                }
                if args.wants_aws() && args.profile.is_empty() {
                    args.profile.extend(self.profile.clone());
                }
                if args.wants_aws() && args.region.is_empty() {
                    args.region.extend(self.region.clone());
                }
            }
            Some(Command::Doctor(args)) => {
                fill(&mut args.profile, self.profile.as_ref());
                if !args.fresh {
                    fill(&mut args.region, self.region.as_ref());
                }
            }
            _ => {}
        }
    }

    fn walk(&self, args: &mut WalkArgs) {
        if !args.sandbox && !args.aws {
            match self.place {
                Some(Usual::Sandbox) => args.sandbox = true,
                // Without a question nothing that can cost money is ever a default.
                Some(Usual::Aws) if !args.manner.yes => args.aws = true,
                _ => {}
            }
        }
        if !args.sandbox {
            fill(&mut args.profile, self.profile.as_ref());
            fill(&mut args.region, self.region.as_ref());
        }
        if !args.aws {
            fill(&mut args.pace, self.pace.as_ref());
        }
        fill(&mut args.owner, self.owner.as_ref());
        fill(&mut args.cohort, self.cohort.as_ref());
        fill(&mut args.engine, self.engine.as_ref());
        fill(&mut args.recipe, self.recipe.as_ref());
        self.manner(&mut args.manner);
    }

    fn manner(&self, manner: &mut Manner) {
        manner.plain |= self.plain();
    }

    /// Where to look, for commands that change nothing.
    fn place(&self, args: &mut PlaceArgs) {
        if !args.given() {
            args.sandbox = self.place == Some(Usual::Sandbox);
            args.aws = self.place == Some(Usual::Aws);
        }
        self.usual(args);
    }

    fn usual(&self, args: &mut PlaceArgs) {
        args.usual = AwsArgs { profile: self.profile.clone(), region: self.region.clone() };
    }
}

fn fill<T: Clone>(place: &mut Option<T>, usual: Option<&T>) {
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
mod tests {
    use super::*;
    use clap::Parser as _;

    fn read(text: &str, variables: &[(&str, &str)]) -> Result<Config, CommandError> {
        let variable = |name: &str| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        };
        Config::read(Path::new("/c/config.toml"), text, &variable)
    }

    fn applied(text: &str, line: &str) -> Cli {
        let words = std::iter::once("recipe-walk").chain(line.split_whitespace());
        let mut cli = Cli::try_parse_from(words).expect("parses");
        read(text, &[]).expect("reads").apply(&mut cli);
        cli
    }

    #[test]
    fn the_environment_goes_over_the_file() {
        let config =
            read("region = 'a'\ncohort = 'june'\nplain = true\npace = 0.5", &[("RECIPE_WALK_REGION", "b")]);
        let config = config.expect("reads");
        assert_eq!((config.region.as_deref(), config.cohort.as_deref()), (Some("b"), Some("june")));
        assert!(config.plain() && config.pace == Some(Pace::Factor(0.5)));
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
    fn the_command_line_goes_over_both_and_money_is_never_a_default() {
        let file = "place = 'aws'\nprofile = 'p'\nregion = 'r'\ncohort = 'june'";
        let cli = applied(file, "--sandbox --cohort may");
        assert!(cli.walk.sandbox && !cli.walk.aws && cli.walk.profile.is_none());
        assert_eq!(cli.walk.cohort.as_deref(), Some("may"));
        let cli = applied(file, "");
        assert!(cli.walk.aws && cli.walk.profile.as_deref() == Some("p"));
        assert!(!applied(file, "--yes").walk.aws, "--yes needs --aws on the command line");
        let Some(Command::Cleanup(args)) = applied(file, "cleanup --cohort june --yes").command else {
            panic!("no clean-up")
        };
        assert!(!args.place.given());
        let Some(Command::Sessions(args)) = applied(file, "sessions --remote").command else {
            panic!("no sessions")
        };
        assert!(args.place.aws && args.place.target().profile.as_deref() == Some("p"));
    }

    #[test]
    fn a_slip_in_a_variable_is_told_and_nobody_elses_is() {
        let names =
            ["RECIPE_WALK_REGOIN", "RECIPE_WALK_XYZ", "RECIPE_WALK_REGION", "RECIPE_WALK_LOG", "AWS_REGION"];
        let said = strangers(names.into_iter().chain(["RECIPE_WALK_PAYLOAD_ARM64"]).map(str::to_owned));
        assert_eq!(said.len(), 2, "{said:?}");
        assert!(
            said[0].contains("Did you mean RECIPE_WALK_REGION?") && said[1].contains("--help"),
            "{said:?}"
        );
    }

    #[test]
    fn the_file_follows_the_xdg_rules() {
        let of = |variables: &[(&str, &str)]| {
            path(&|name: &str| variables.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned()))
        };
        assert_eq!(of(&[("HOME", "/h")]), Some("/h/.config/recipe-walk/config.toml".into()));
        assert_eq!(
            of(&[("XDG_CONFIG_HOME", "/c"), ("HOME", "/h")]),
            Some("/c/recipe-walk/config.toml".into())
        );
        assert_eq!(of(&[("RECIPE_WALK_CONFIG", "x.toml")]), Some("x.toml".into()));
        assert_eq!(of(&[]), None);
    }
}
