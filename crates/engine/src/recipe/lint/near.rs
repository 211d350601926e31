//! "Did you mean", as findings say it.

use crate::did_you_mean::closest;
use std::cell::Cell;

/// Names that are compared with wrong ones, in all: a recipe of thousands of steps is to be linted in a moment too.
const COMPARED: usize = 20_000;

/// Says what was probably meant, as long as that does not take too long.
pub(super) struct Near(Cell<usize>);

impl Default for Near {
    fn default() -> Self {
        Self(Cell::new(COMPARED))
    }
}

impl Near {
    /// What was probably meant by a word that is none of the known ones, as the end of a sentence.
    pub(super) fn meant<'a>(&self, word: &str, known: impl IntoIterator<Item = &'a str>) -> String {
        let left = &self.0;
        let some = known.into_iter().take(left.get()).inspect(|_| left.set(left.get().saturating_sub(1)));
        closest(word, some).map_or_else(String::new, |known| format!("; did you mean '{known}'?"))
    }
}

/// A message of serde's that names an unknown word and those that there are, with what was probably meant; and the word.
pub(super) fn told(message: &str) -> (String, Option<&str>) {
    let message = message.trim_end();
    let mut quoted = message.split('`').skip(1).step_by(2);
    if !message.starts_with("unknown ") {
        return (message.replace('\n', " "), None);
    }
    let word = quoted.next();
    (message.replace('\n', " ") + &Near::default().meant(word.unwrap_or_default(), quoted), word)
}
