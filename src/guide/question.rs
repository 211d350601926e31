//! A question of the recipe: its keys, what the person said, and what to say about that.

use recipe_walk_engine::guide::Answered;
use recipe_walk_engine::question::Question;
use recipe_walk_engine::state::State;
use recipe_walk_measurements::format::figure_or_count;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The keys of a question's options.
pub(super) fn letters() -> impl Iterator<Item = char> {
    '1'..='9'
}

/// What to say about an answer, once that is known.
pub(super) fn outcome(question: &Question, said: &str, state: &State) -> Option<String> {
    let verdict = question.verdict(said, &state.measured)?;
    let measured = verdict.figure.map(|figure| {
        let unit = if question.unit.is_empty() { String::new() } else { format!(" {}", question.unit) };
        format!("{}{unit}", figure_or_count(figure))
    });
    let explain = &question.explain;
    Some(match (verdict.correct, measured) {
        (true, None) => format!("Right: {}. {explain}", verdict.right),
        (true, Some(measured)) => {
            format!("You said \"{}\", and so it is: measured {measured}. {explain}", verdict.said)
        }
        (false, None) => format!("Not quite. {} It is: {}. {explain}", verdict.why_not, verdict.right),
        (false, Some(measured)) => format!(
            "You said \"{}\". Measured: {measured}, so it is \"{}\". {} {explain}",
            verdict.said, verdict.right, verdict.why_not
        ),
    })
}

/// What the person has said, until the engine asks for it. Clones are the same.
#[derive(Debug, Clone, Default)]
pub(super) struct Answers(Arc<Mutex<Said>>);

#[derive(Debug, Default)]
struct Said {
    /// What the engine does not know yet.
    new: Vec<Answered>,
    /// Questions that were answered or passed: they are not asked again while the program runs.
    settled: BTreeSet<String>,
}

impl Answers {
    fn said(&self) -> MutexGuard<'_, Said> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes an answer.
    pub(super) fn answer(&self, question: &Question, option: &str) {
        self.pass(question);
        let answered = Answered { question: question.id.to_string(), option: option.to_owned() };
        self.said().new.push(answered);
    }

    /// Notes that the person has passed.
    pub(super) fn pass(&self, question: &Question) {
        self.said().settled.insert(question.id.to_string());
    }

    /// Whether the question was answered or passed.
    pub(super) fn is_settled(&self, question: &Question) -> bool {
        self.said().settled.contains(question.id.as_str())
    }

    /// Hands over what is new.
    pub(super) fn take(&self) -> Vec<Answered> {
        std::mem::take(&mut self.said().new)
    }
}
