//! Tests say in their names what happens when.

use super::citations::{ROOT, sources};
use std::path::Path;

/// A name of two words lacks the condition or the outcome, and one of more than ten is not read to its end.
const WORDS: std::ops::RangeInclusive<usize> = 3..=10;

/// The folders whose tests are named so; the others follow.
const NAMED: [&str; 4] = ["crates/cache-demo", "crates/measurements", "crates/sandbox", "tests"];

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
    let named = |path: &Path| NAMED.iter().any(|folder| path.starts_with(Path::new(ROOT).join(folder)));
    let rust =
        all.iter().filter(|(path, _)| path.extension().is_some_and(|kind| kind == "rs") && named(path));
    let all: Vec<_> =
        rust.flat_map(|(path, text)| names(text).into_iter().map(move |name| (path, name))).collect();
    assert!(all.len() > 400, "{} tests are found", all.len());
    let wrong: Vec<_> = all.iter().filter(|(_, name)| !WORDS.contains(&name.split('_').count())).collect();
    assert!(wrong.is_empty(), "too short or too long: {wrong:#?}");
}
