//! Tests say in their names what happens when.

use crate::support::checkout::sources;

/// A name of two words lacks the condition or the outcome, and one of more than ten is not read to its end.
const WORDS: std::ops::RangeInclusive<usize> = 3..=10;

/// The names of the tests in a source.
fn names(text: &str) -> Vec<&str> {
    // In two pieces, because this file is read too.
    let marks = [concat!("#[te", "st]"), concat!("#[tokio::te", "st")];
    let after = marks.iter().flat_map(|mark| text.split(mark).skip(1));
    after.filter_map(|rest| rest.split_once("fn ")?.1.split_once('(')).map(|(name, _)| name).collect()
}

#[test]
fn names_of_tests_have_three_to_ten_words() {
    let all = sources();
    let rust = all.iter().filter(|(path, _)| path.extension().is_some_and(|kind| kind == "rs"));
    let all: Vec<_> =
        rust.flat_map(|(path, text)| names(text).into_iter().map(move |name| (path, name))).collect();
    assert!(all.len() > 700, "{} tests are found", all.len());
    let wrong: Vec<_> = all.iter().filter(|(_, name)| !WORDS.contains(&name.split('_').count())).collect();
    assert!(wrong.is_empty(), "too short or too long: {wrong:#?}");
}
