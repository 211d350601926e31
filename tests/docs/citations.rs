//! What the sources cite is there: each section of a document that is cited by file and name exists.

use crate::support::checkout::sources;
use std::fs;
use std::path::Path;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Papers that are not in the repository, so nobody who has only that could follow a citation. In two pieces, because
/// this file is read too.
const ELSEWHERE: [&str; 4] =
    [concat!("AWS-", "FACTS"), concat!("AWS-", "ERRORS"), concat!("DESIGN", ".md"), concat!("HOUSE", ".md")];

/// The text as one line, so that a citation may be wrapped within a comment.
fn unwrapped(text: &str) -> String {
    let line = |line: &str| {
        let line = line.trim_start();
        let marks = ["//! ", "/// ", "// ", "# "];
        marks.iter().find_map(|mark| line.strip_prefix(mark)).unwrap_or(line).to_owned()
    };
    text.lines().map(line).collect::<Vec<_>>().join(" ").replace("\\\"", "\"")
}

/// Documents and sections that a text cites: a document, a comma, and names in quotes. Documents cite each other
/// without their folder.
fn citations(text: &str, in_docs: bool) -> Vec<(String, String)> {
    let text = unwrapped(text);
    let mut found = Vec::new();
    for (at, _) in text.match_indices(".md, \"") {
        let before = &text[..at];
        let name = before.rsplit(|c: char| !(c.is_ascii_lowercase() || c == '-')).next().unwrap_or_default();
        if !in_docs && !before.ends_with(&format!("docs/{name}")) {
            continue;
        }
        let mut rest = &text[at + ".md, ".len()..];
        while let Some((section, after)) = rest.strip_prefix('"').and_then(|rest| rest.split_once('"')) {
            found.push((format!("docs/{name}.md"), section.to_owned()));
            rest = [", ", " and "].iter().find_map(|and| after.strip_prefix(and)).unwrap_or_default();
        }
    }
    found
}

#[test]
fn cited_sections_are_headings_of_existing_documents() {
    let mut count = 0;
    for (path, text) in sources() {
        let in_docs = path.starts_with(Path::new(ROOT).join("docs"));
        for (document, section) in citations(&text, in_docs) {
            let cited = fs::read_to_string(Path::new(ROOT).join(&document));
            let cited = cited.unwrap_or_else(|error| panic!("{} cites {document}: {error}", path.display()));
            let is_heading = |line: &str| line.trim_start_matches('#').strip_prefix(' ') == Some(&section);
            assert!(
                cited.lines().any(|line| line.starts_with('#') && is_heading(line)),
                "{} cites \"{section}\", which {document} does not have",
                path.display()
            );
            count += 1;
        }
    }
    assert!(count > 3, "only {count} citations were found");
}

#[test]
fn wrapped_and_listed_citations_are_found() {
    // Put together here: as they stand they would be citations of this file.
    let text =
        ["/// As docs/a", ".md, \"One\", \"Two\nwords\" and \"Three\" say, and b", ".md, \"Four\"."].concat();
    let text = text.replace("Two\n", "Two\n    /// ");
    let names =
        |in_docs| citations(&text, in_docs).into_iter().map(|(_, section)| section).collect::<Vec<_>>();
    assert_eq!(names(false), ["One", "Two words", "Three"]);
    assert_eq!(names(true), ["One", "Two words", "Three", "Four"]);
}

#[test]
fn papers_outside_the_repository_are_cited_nowhere() {
    for (path, text) in sources() {
        for name in ELSEWHERE {
            assert!(!text.contains(name), "{} cites {name}", path.display());
        }
    }
}
