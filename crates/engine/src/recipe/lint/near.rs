//! "Did you mean", as findings say it.

use crate::did_you_mean::closest;

/// What was probably meant by a word that is none of the known ones, as the end of a sentence.
pub(super) fn meant<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    closest(word, known.into_iter()).map_or_else(String::new, |known| format!("; did you mean '{known}'?"))
}

/// A message of serde's that names an unknown word and those that there are, with what was probably meant; and the word.
pub(super) fn told(message: &str) -> (String, Option<&str>) {
    let message = message.trim_end();
    let mut quoted = message.split('`').skip(1).step_by(2);
    if !message.starts_with("unknown ") {
        return (message.replace('\n', " "), None);
    }
    let word = quoted.next();
    (message.replace('\n', " ") + &meant(word.unwrap_or_default(), quoted), word)
}
