//! The recipe as data: parameters, phases, steps and their prose. Read from a directory or from the embedded copy.

pub mod answers;
pub mod diagram;
pub mod did_you_mean;
pub mod filling;
pub mod lab;
pub mod lint;
pub mod parameter;
pub mod plan;
pub mod prose;
pub mod question;
pub mod read;
pub mod shown;
pub mod step;
pub mod word;

use crate::answers::Answers;
use crate::diagram::Diagram;
use crate::filling::{Piece, pieces};
use crate::lab::Lab;
use crate::parameter::Parameter;
use crate::question::Question;
pub use crate::step::{Estimate, Program, Step};
use crate::word::Word;
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;

/// The format this program reads.
pub const FORMAT_VERSION: u32 = 2;

/// A whole recipe.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// Format of this file.
    pub format_version: u32,
    /// Id, recorded in the session.
    pub id: Word,
    /// Title.
    pub title: String,
    /// One sentence.
    #[serde(default)]
    pub summary: String,
    /// The program that runs on the instance, where it is not the demo.
    #[serde(default)]
    pub program: Option<Program>,
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
    pub id: Word,
    /// Title.
    pub title: String,
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

impl Recipe {
    /// What of the recipe a session depends on, as a short digest: its id, its parameters, and of its steps what they need,
    /// look up, make, wait for and run. Prose, titles, questions, labs and estimates may change under a session.
    pub fn fingerprint(&self) -> String {
        let parameters: Vec<&str> = self.parameters.iter().map(|p| p.id.as_str()).collect();
        let steps: Vec<Value> = self
            .steps
            .iter()
            .map(|s| json!([s.id, s.needs, s.optional, s.looks, s.makes, s.wait, s.configure, s.run]))
            .collect();
        let mut first = [0; 8];
        first.copy_from_slice(
            &Sha256::digest(json!([self.id, parameters, steps, self.program]).to_string())[..8],
        );
        format!("{:016x}", u64::from_be_bytes(first))
    }

    /// The facts that are worth telling, with what a person calls them.
    pub fn telling(&self) -> Vec<(String, &'static str)> {
        let lookups = self.steps.iter().flat_map(|step| &step.looks);
        // Which facts there are does not depend on what the fields are filled with.
        let looks = lookups.filter_map(|l| Some((l, plan::look(l, &|name| Ok(name.to_owned())).ok()?)));
        looks
            .flat_map(|(lookup, look)| {
                let told = look.facts().iter().filter(|(_, label)| !label.is_empty());
                told.map(|(fact, label)| (lookup.called(fact).to_owned(), *label))
            })
            .collect()
    }

    /// The parameter that is filled into a field of a kind, and into nothing else there.
    pub fn parameter_of(&self, kind: &str, field: &str) -> Option<&str> {
        let looks = self.steps.iter().flat_map(|step| step.looks.iter().map(|look| &look.fields));
        let makes = self.steps.iter().flat_map(|step| step.makes.iter().map(|make| &make.fields));
        let of_kind = looks.chain(makes).filter(|fields| fields.get("kind").is_some_and(|k| k == kind));
        let mut texts = of_kind.filter_map(|fields| fields.get(field)?.as_str());
        texts.find_map(|text| match pieces(text)[..] {
            [Piece::Name(name)] => self.parameters.iter().map(|p| p.id.as_str()).find(|id| *id == name),
            _ => None,
        })
    }

    /// The step whose run leaves this result.
    pub fn measuring(&self, result: &str) -> Option<&Step> {
        self.steps.iter().find(|step| step.result() == Some(result))
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
