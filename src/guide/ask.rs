//! The recipe's questions: asked before the step that answers them, and held against what was measured.

use crate::guide::person::Person;
use crate::ui::prompt::{Item, Unanswered};
use crate::ui::view::results::figured;
use recipe_walk_engine::guide::StepView;
use recipe_walk_engine::question::Question;
use recipe_walk_engine::record::Record;
use recipe_walk_engine::state::State;
use std::sync::PoisonError;

/// The keys of a question's options.
pub(super) fn letters() -> impl Iterator<Item = char> {
    '1'..='9'
}

/// The record of an answer.
pub(super) fn asked(question: &Question, option: &str) -> Record {
    Record::Predicted { question: question.id.clone(), answer: option.to_owned() }
}

/// What to say about an answer, once that is known.
pub(super) fn outcome(question: &Question, said: &str, state: &State) -> Option<String> {
    let verdict = question.verdict(said, &state.measured)?;
    let measured = verdict.figure.map(|figure| {
        let unit = if question.unit.is_empty() { String::new() } else { format!(" {}", question.unit) };
        format!("{}{unit}", figured(figure))
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

impl Person {
    /// Asks what the person thinks, where the step has questions that are not answered yet. Enter passes; who has passed
    /// is not asked again while the program runs.
    pub(super) fn predict(&self, view: &StepView<'_>) -> Result<(), Unanswered> {
        let passed = self.passed.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let answered = |q: &Question| self.session.with(|s| s.predictions.contains_key(&q.id));
        let open = |q: &&Question| !passed.contains(&q.id) && !answered(q);
        // What a waiting step asks stands on the pages that are turned while it waits.
        let waits = !view.step.parts.is_empty();
        for question in self.recipe.questions_of(&view.step.id).filter(open).filter(|_| !waits) {
            self.terminal.gap();
            let mut items: Vec<Item<Option<&str>>> = letters()
                .zip(&question.options)
                .map(|(key, option)| Item::new(key, option.text.clone(), Some(option.id.as_str())))
                .collect();
            let pass = items.len();
            items.push(Item::new('p', "Pass", None));
            self.terminal.prose(&question.ask);
            let Some(option) = self.terminal.choose("What do you think?", items, Some(pass))? else {
                self.passed.lock().unwrap_or_else(PoisonError::into_inner).insert(question.id.clone());
                continue;
            };
            // A journal that cannot be written any more says so at the walk's own next record.
            let _ = self.session.record(asked(question, option));
            if question.is_prediction() {
                self.terminal.prose("We will see: your own measurement answers it.");
            } else if let Some(text) = self.session.with(|s| outcome(question, option, s)) {
                self.terminal.prose(&text);
            }
        }
        Ok(())
    }

    /// Holds what the person said against what was measured.
    pub(super) fn compare_predictions(&self, kind: &str) {
        let texts = self.session.with(|state| {
            let of_kind = self.recipe.questions.iter().filter(|q| q.result.as_deref() == Some(kind));
            let said = of_kind.filter_map(|q| {
                let (answer, _) = state.predictions.get(&q.id)?;
                Some(format!("{} {}", q.ask, outcome(q, answer, state)?))
            });
            said.collect::<Vec<_>>()
        });
        for text in texts {
            self.terminal.gap();
            self.terminal.prose(&text);
        }
    }
}
