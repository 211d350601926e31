//! The recipe's questions: asked before the step that answers them, and held against what was measured.

use crate::guide::person::Person;
use crate::guide::question::{letters, outcome};
use crate::ui::prompt::{Item, Unanswered};
use recipe_walk_engine::guide::StepView;
use recipe_walk_engine::question::Question;

impl Person {
    /// Asks what the person thinks, where the step has questions that are not answered yet. Enter passes; who has passed
    /// is not asked again while the program runs.
    pub(super) fn predict(&self, view: &StepView<'_>) -> Result<(), Unanswered> {
        let recorded = |q: &Question| self.session.with(|s| s.predictions.contains_key(q.id.as_str()));
        let open = |q: &&Question| !self.answers.is_settled(q) && !recorded(q);
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
                self.answers.pass(question);
                continue;
            };
            self.answers.answer(question, option);
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
                let (answer, _) = state.predictions.get(q.id.as_str())?;
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
