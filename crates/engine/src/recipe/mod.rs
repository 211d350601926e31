//! The recipe as data: parameters, phases, steps and their prose. Read from a directory or from the embedded copy.

pub mod answers;
pub mod diagram;
pub mod did_you_mean;
pub mod lab;
pub mod lint;
pub mod parameter;
pub mod plan;
pub mod prose;
pub mod question;
pub mod shown;

use crate::answers::Answers;
use crate::diagram::Diagram;
use crate::lab::Lab;
use crate::parameter::Parameter;
use crate::question::Question;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

/// The format this program reads.
pub const FORMAT_VERSION: u32 = 1;

/// A whole recipe.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// Format of this file.
    pub format_version: u32,
    /// Id, recorded in the session.
    pub id: String,
    /// Title.
    pub title: String,
    /// One sentence.
    #[serde(default)]
    pub summary: String,
    /// What may be asked.
    #[serde(default, rename = "parameter")]
    pub parameters: Vec<Parameter>,
    /// Groups of steps.
    #[serde(rename = "phase")]
    pub phases: Vec<Phase>,
    /// The steps in their order.
    #[serde(rename = "step")]
    pub steps: Vec<Step>,
    /// Questions to the person.
    #[serde(default, rename = "question")]
    pub questions: Vec<Question>,
    /// Things to read while something is waited for.
    #[serde(default, rename = "card")]
    pub cards: Vec<Card>,
    /// Labs, in which something is broken on purpose.
    #[serde(default, rename = "lab")]
    pub labs: Vec<Lab>,
    /// The picture of what the recipe makes.
    #[serde(skip)]
    pub diagram: Diagram,
    /// Prose by file name.
    #[serde(skip)]
    pub prose: BTreeMap<String, String>,
}

/// A group of steps.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Phase {
    /// Id.
    pub id: String,
    /// Title.
    pub title: String,
}

/// One step.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Id, unique.
    pub id: String,
    /// Title.
    pub title: String,
    /// Phase id.
    pub phase: String,
    /// Its number in the source document, or empty.
    #[serde(default)]
    pub source: String,
    /// What it does.
    pub action: String,
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
    /// How long each thing takes that it waits for, by action name.
    #[serde(default)]
    pub parts: BTreeMap<String, Estimate>,
}

/// Something to read while something is waited for.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Card {
    /// The step during which it is shown.
    pub step: String,
    /// Title.
    pub title: String,
    /// A few sentences.
    pub text: String,
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

/// What a step can do. The recipe names it, the program knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Work {
    Prepare,
    SecurityGroups,
    CacheSubnetGroup,
    ParameterGroup,
    ReplicationGroup,
    Database,
    AppInstance,
    Wait,
    Connect,
    LoadData,
    Compare,
    LoadTest,
    Patterns,
    Failover,
    Eviction,
    /// An experiment of the demo, by its subcommand.
    Experiment(&'static str),
}

impl Work {
    /// All of them, by their name in a recipe.
    pub const ALL: [(&'static str, Self); 20] = [
        ("prepare", Self::Prepare),
        ("security-groups", Self::SecurityGroups),
        ("cache-subnet-group", Self::CacheSubnetGroup),
        ("parameter-group", Self::ParameterGroup),
        ("replication-group", Self::ReplicationGroup),
        ("database", Self::Database),
        ("app-instance", Self::AppInstance),
        ("wait", Self::Wait),
        ("connect", Self::Connect),
        ("load-data", Self::LoadData),
        ("compare", Self::Compare),
        ("load-test", Self::LoadTest),
        ("patterns", Self::Patterns),
        ("failover", Self::Failover),
        ("warming", Self::Experiment("warming")),
        ("invalidation", Self::Experiment("invalidation")),
        ("stampede", Self::Experiment("stampede")),
        ("write-through", Self::Experiment("write-through")),
        ("ttl-sweep", Self::Experiment("ttl-sweep")),
        ("eviction", Self::Eviction),
    ];

    /// The kind of result that it leaves, where it measures.
    pub fn result(self) -> Option<&'static str> {
        match self {
            Self::LoadData => Some("load-data"),
            Self::Compare => Some("compare"),
            Self::LoadTest => Some("load"),
            Self::Patterns => Some("patterns"),
            Self::Failover => Some("failover"),
            Self::Eviction => Some("eviction"),
            Self::Experiment(name) => Some(name),
            _ => None,
        }
    }

    /// Whether it makes things that a person could make as well.
    pub fn makes(self) -> bool {
        matches!(
            self,
            Self::SecurityGroups
                | Self::CacheSubnetGroup
                | Self::ParameterGroup
                | Self::ReplicationGroup
                | Self::Database
                | Self::AppInstance
        )
    }

    /// The work by its name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(n, _)| *n == name).map(|(_, w)| *w)
    }
}

/// Why a recipe cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum RecipeError {
    /// A file is missing or unreadable.
    #[error("{file}: {cause}")]
    File {
        /// File name.
        file: String,
        /// Why.
        cause: String,
    },
    /// The lint found errors.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Findings(Vec<crate::lint::Finding>),
}

impl Recipe {
    /// Reads a recipe from its text and a way to get at prose files; refuses one that the lint refuses.
    pub fn parse(toml: &str, mut prose: impl FnMut(&str) -> Option<String>) -> Result<Self, RecipeError> {
        let (recipe, findings) = crate::lint::lint(toml, &mut prose);
        match recipe {
            Some(recipe) if findings.is_empty() => Ok(recipe),
            _ => Err(RecipeError::Findings(findings)),
        }
    }

    /// Reads a recipe from a directory.
    pub fn load(dir: &Path) -> Result<Self, RecipeError> {
        let path = dir.join("recipe.toml");
        let toml = std::fs::read_to_string(&path)
            .map_err(|e| RecipeError::File { file: path.display().to_string(), cause: e.to_string() })?;
        Self::parse(&toml, |file| std::fs::read_to_string(dir.join(file)).ok())
    }

    /// What of the recipe a session depends on, as a short digest: its id, its parameters and its steps with what they do
    /// and need. Prose, titles, questions and estimates may change under a session.
    pub fn fingerprint(&self) -> String {
        let parameters = self.parameters.iter().map(|p| format!("? {}", p.id));
        let steps = self.steps.iter().map(|Step { id, action, needs, optional, .. }| {
            format!("> {id} {action} {} {optional}", needs.join(","))
        });
        let text: Vec<String> = std::iter::once(self.id.clone()).chain(parameters).chain(steps).collect();
        let mut first = [0; 8];
        first.copy_from_slice(&Sha256::digest(text.join("\n"))[..8]);
        format!("{:016x}", u64::from_be_bytes(first))
    }

    /// A phase's title.
    pub fn phase_title<'a>(&'a self, id: &'a str) -> &'a str {
        self.phases.iter().find(|p| p.id == id).map_or(id, |p| p.title.as_str())
    }

    /// The questions that belong to a step.
    pub fn questions_of<'a>(&'a self, step: &'a str) -> impl Iterator<Item = &'a Question> {
        self.questions.iter().filter(move |q| q.step == step)
    }

    /// The defaults of all parameters.
    pub fn defaults(&self) -> Answers {
        Answers::defaults(&self.parameters)
    }
}
