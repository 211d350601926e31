//! A step as the recipe tells it: what it looks up, makes, waits for and runs on the instance.

use crate::word::{Key, Word};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::time::Duration;

/// One step.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Id, unique.
    pub id: Word,
    /// Title.
    pub title: String,
    /// Phase id.
    pub phase: String,
    /// Its number in the source document, or empty.
    #[serde(default)]
    pub source: String,
    /// Steps that must be done before.
    #[serde(default)]
    pub needs: Vec<String>,
    /// Whether it may be left out.
    #[serde(default)]
    pub optional: bool,
    /// File with its prose.
    pub prose: String,
    /// Help for who does it alone: a nudge, then a pointer. The command itself is the third.
    #[serde(default)]
    pub hints: Vec<String>,
    /// How long it takes.
    pub estimate: Estimate,
    /// How long each thing takes that it waits for, by its name.
    #[serde(default)]
    pub parts: BTreeMap<String, Estimate>,
    /// What is looked up in the account, before anything is made.
    #[serde(default, rename = "look")]
    pub looks: Vec<Lookup>,
    /// What is made, in this order.
    #[serde(default, rename = "make")]
    pub makes: Vec<Make>,
    /// Names of what is waited for, all at once.
    #[serde(default)]
    pub wait: Vec<String>,
    /// The demo's configuration, where this step writes it on the instance.
    #[serde(default)]
    pub configure: Option<Configure>,
    /// The command of the demo that runs on the instance.
    #[serde(default)]
    pub run: Option<Run>,
    /// Whether it is the recipe's first: there the session says in the account what it is. Set when the recipe is read.
    #[serde(skip)]
    pub first: bool,
    /// Whether the demo has a configuration when this step runs it. Set when the recipe is read.
    #[serde(skip)]
    pub configured: bool,
}

impl Step {
    /// The kind of result that it leaves, where it runs the demo.
    pub fn result(&self) -> Option<&str> {
        self.run.as_ref().map(|run| run.command.as_str())
    }
}

/// Something that is looked up in the account.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Lookup {
    /// What its facts are called here, where that is not their own name.
    #[serde(default, rename = "as")]
    pub names: BTreeMap<String, Key>,
    /// The kind of look-up and its fields.
    #[serde(flatten)]
    pub fields: Map<String, Value>,
}

impl Lookup {
    /// What a fact of it is called in this recipe.
    pub fn called<'a>(&'a self, fact: &'a str) -> &'a str {
        self.names.get(fact).map_or(fact, Key::as_str)
    }
}

/// Something that is made.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Make {
    /// Unique in the recipe: its facts are `<name>.id` and `<name>.<attribute>`.
    #[serde(rename = "as")]
    pub name: Word,
    /// The kind and its fields.
    #[serde(flatten)]
    pub fields: Map<String, Value>,
}

/// The demo's configuration: JSON, written on the instance into a file that only its owner can read.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Configure {
    /// File of the recipe with the JSON. Beside facts it may name `{{secret:NAME}}`, which the instance reads itself,
    /// `{{system-roots}}` and `{{fetched-roots}}`.
    pub file: String,
    /// Where the instance fetches `{{fetched-roots}}`, a bundle of CA certificates.
    #[serde(default)]
    pub roots: Option<String>,
    /// The file's content. Set when the recipe is read.
    #[serde(skip_deserializing)]
    pub content: Value,
}

/// A program of the recipe's own: a script that takes the demo's place. It is called as the demo is, with a command,
/// `--config config.json` where there is one, `--json`, `--progress FILE` and the arguments, and prints lines of JSON: at
/// last one of type `result` or `error`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Program {
    /// Its file in the recipe's directory.
    pub file: String,
    /// The file's content. Set when the recipe is read.
    #[serde(skip_deserializing)]
    pub content: String,
}

/// A command of the demo on the instance. Its result is kept under the command's name.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// Subcommand.
    pub command: Word,
    /// Its arguments, each with placeholders.
    #[serde(default)]
    pub arguments: Vec<String>,
    /// Whether its result says how things stand and not what was measured: then it runs again in a rebuilt session.
    #[serde(default)]
    pub again: bool,
    /// What is done when the demo asks for it.
    #[serde(default, rename = "when")]
    pub whens: Vec<When>,
}

/// What is done while the demo runs, once.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct When {
    /// The event of the demo.
    pub event: String,
    /// What the person is told.
    #[serde(default)]
    pub say: String,
    /// A call that changes something and leaves nothing behind: the kind of act and its fields.
    #[serde(default)]
    pub act: Option<Map<String, Value>>,
    /// A setting that holds until the run ends.
    #[serde(default)]
    pub set: Option<Setting>,
}

/// Other values of a setting for a while.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Setting {
    /// Name of the setting that was made.
    pub make: Word,
    /// Its values meanwhile.
    pub values: BTreeMap<String, String>,
}

/// How long a step takes, in seconds.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Estimate {
    /// On AWS.
    pub aws_seconds: f64,
    /// On the sandbox at its fast pace.
    pub sandbox_seconds: f64,
}

impl Estimate {
    /// The estimate for the place.
    pub fn at(&self, sandbox: bool) -> Duration {
        let seconds = if sandbox { self.sandbox_seconds } else { self.aws_seconds };
        Duration::try_from_secs_f64(seconds).unwrap_or_default()
    }
}
