//! Something to read while a step waits: cards and questions, turned over with a key.

use crate::guide::question::{Answers, letters, outcome};
use crate::ui::Terminal;
use crate::ui::style::Paint;
use recipe_walk_engine::question::Question;
use recipe_walk_engine::recipe::{Card, Recipe};
use recipe_walk_engine::session::Session;
use std::sync::Arc;

/// The pages of one step.
pub(super) struct Reading {
    terminal: Terminal,
    session: Arc<Session>,
    answers: Answers,
    cards: Vec<Card>,
    questions: Vec<Question>,
    next: usize,
}

impl Reading {
    /// The pages of a step; nothing where it has none.
    pub(super) fn of(
        step: &str,
        recipe: &Recipe,
        session: &Arc<Session>,
        answers: &Answers,
        terminal: &Terminal,
    ) -> Option<Self> {
        let cards: Vec<Card> = recipe.cards.iter().filter(|c| c.step == step).cloned().collect();
        // What a measurement answers is asked before it; here only what can be answered at once.
        let questions: Vec<Question> =
            recipe.questions_of(step).filter(|q| !q.is_prediction()).cloned().collect();
        let any = !(cards.is_empty() && questions.is_empty());
        let (terminal, session, answers) = (terminal.clone(), Arc::clone(session), answers.clone());
        any.then_some(Self { terminal, session, answers, cards, questions, next: 0 })
    }

    /// What a person can do meanwhile.
    pub(super) fn invitation(&self) -> String {
        format!(
            "Meanwhile: Space turns a page ({} cards, {} questions). Ctrl-C leaves safely.",
            self.cards.len(),
            self.questions.len()
        )
    }

    fn page(&self, index: usize) -> (Option<&Card>, Option<&Question>) {
        match place(index, self.cards.len(), self.questions.len()) {
            Place::Card(index) => (self.cards.get(index), None),
            Place::Question(index) => (None, self.questions.get(index)),
        }
    }

    /// Turns a page, or answers the question on it.
    pub(super) fn key(&mut self, key: u8) {
        match key {
            b' ' | b'\n' | b'\r' | b'n' => {
                self.show(self.next);
                self.next += 1;
            }
            b'b' if self.next >= 2 => {
                self.next -= 1;
                self.show(self.next - 1);
            }
            b'1'..=b'5' if self.next > 0 => self.answer(usize::from(key - b'1')),
            _ => {}
        }
    }

    fn show(&self, index: usize) {
        let t = &self.terminal;
        t.gap();
        match self.page(index) {
            (Some(card), _) => {
                t.tell(Paint::Heading, &card.title);
                t.prose(&card.text);
            }
            (_, Some(question)) => {
                t.prose(&question.ask);
                for (key, option) in letters().zip(&question.options) {
                    t.say(&format!("  {key}  {}", option.text));
                }
                t.tell(Paint::Faint, "A number answers, Space goes on.");
            }
            _ => {}
        }
    }

    fn answer(&self, option: usize) {
        let (_, Some(question)) = self.page(self.next - 1) else { return };
        let Some(option) = question.options.get(option) else { return };
        self.answers.answer(question, &option.id);
        if let Some(verdict) = self.session.with(|s| outcome(question, &option.id, s)) {
            self.terminal.prose(&verdict);
        }
    }
}

/// What is on a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Card(usize),
    Question(usize),
}

/// A question after every two cards, while there are any of both; then the rest. It begins again after the last.
fn place(index: usize, cards: usize, questions: usize) -> Place {
    let index = index % (cards + questions).max(1);
    // As long as both last, three pages are two cards and a question.
    let mixed = 3 * questions.min(cards / 2);
    if index < mixed {
        let (round, page) = (index / 3, index % 3);
        return if page == 2 { Place::Question(round) } else { Place::Card(2 * round + page) };
    }
    let (card, question) = (mixed / 3 * 2 + index - mixed, mixed / 3);
    if card < cards { Place::Card(card) } else { Place::Question(question + card - cards) }
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_page_is_shown_once_in_a_round() {
        // The same arithmetic as `page`, over counts alone.
        for (cards, questions) in [(7, 3), (1, 3), (3, 0), (0, 2), (2, 2), (8, 1)] {
            let mut seen = std::collections::BTreeSet::new();
            for index in 0..cards + questions {
                seen.insert(super::place(index, cards, questions));
            }
            assert_eq!(seen.len(), cards + questions, "{cards} {questions}: {seen:?}");
        }
    }
}
