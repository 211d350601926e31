//! A step's prose: Markdown in fixed sections, with a few placeholders.

use std::collections::BTreeMap;

/// The sections every step has, in their order.
pub const SECTIONS: [&str; 5] = ["Why", "What happens", "Look at", "Cost", "In production"];

/// The headings of level two, with the line they are on (one-based).
pub fn headings(text: &str) -> Vec<(usize, &str)> {
    text.lines().enumerate().filter_map(|(i, l)| l.strip_prefix("## ").map(|h| (i + 1, h.trim()))).collect()
}

/// The placeholders used, with the line they are on (one-based).
pub fn placeholders(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let mut rest = line;
        while let Some((_, after)) = rest.split_once("{{") {
            let Some((name, tail)) = after.split_once("}}") else { break };
            found.push((index + 1, name));
            rest = tail;
        }
    }
    found
}

/// Number of words of a text.
pub fn words(text: &str) -> usize {
    text.split_whitespace().filter(|w| w.chars().any(char::is_alphanumeric)).count()
}

/// The text with its placeholders filled in; one without a value yet shows as an ellipsis.
pub fn fill(text: &str, values: &BTreeMap<String, String>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        out.push_str(before);
        let Some((name, tail)) = after.split_once("}}") else {
            out.push_str("{{");
            rest = after;
            continue;
        };
        out.push_str(values.get(name).map_or("…", String::as_str));
        rest = tail;
    }
    out.push_str(rest);
    out
}

/// Splits a text at its first section: what is shown at once, and what "read more" shows.
pub fn split(text: &str) -> (&str, &str) {
    let first = text.find("## ").unwrap_or(0);
    match text[first..].match_indices("\n## ").next() {
        Some((at, _)) => text.split_at(first + at + 1),
        None => (text, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "## Why\nFor {{session}}.\n\n## What happens\nIt {{odd}} happens.\n";

    #[test]
    fn sections_and_placeholders_are_found_with_their_lines() {
        assert_eq!(headings(TEXT), [(1, "Why"), (4, "What happens")]);
        assert_eq!(placeholders(TEXT), [(2, "session"), (5, "odd")]);
        let (first, more) = split(TEXT);
        assert!(first.ends_with("{{session}}.\n\n") && more.starts_with("## What happens"));
    }

    #[test]
    fn filling_leaves_no_braces_and_survives_odd_text() {
        let values = BTreeMap::from([("session".to_owned(), "rw-x".to_owned())]);
        assert_eq!(fill(TEXT, &values), "## Why\nFor rw-x.\n\n## What happens\nIt … happens.\n");
        assert_eq!(fill("a {{ b", &values), "a {{ b");
    }
}
