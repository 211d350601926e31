//! Tests say in their names what happens when.

use super::citations::sources;

/// A name of two words lacks the condition or the outcome, and one of more than ten is not read to its end.
const WORDS: std::ops::RangeInclusive<usize> = 3..=10;

/// The names of the tests in a source.
fn names(text: &str) -> Vec<&str> {
    // In two pieces, because this file is read too.
    let marks = [concat!("#[te", "st]"), concat!("#[tokio::te", "st")];
    let after = |mark: &&str| text.split(*mark).skip(1).collect::<Vec<_>>();
    let name = |rest: &'_ str| rest.split_once("fn ").and_then(|(_, rest)| Some(rest.split_once('(')?.0));
    marks.iter().flat_map(after).filter_map(name).collect()
}

#[test]
fn names_of_tests_have_three_to_ten_words() {
    let all = sources();
    let rust = all.iter().filter(|(path, _)| path.extension().is_some_and(|extension| extension == "rs"));
    let named: Vec<_> =
        rust.flat_map(|(path, text)| names(text).into_iter().map(move |name| (path, name))).collect();
    assert!(named.len() > 500, "{} tests are found", named.len());
    let wrong: Vec<_> = named.iter().filter(|(_, name)| !WORDS.contains(&name.split('_').count())).collect();
    assert!(wrong.is_empty(), "too short or too long: {wrong:#?}");
}
