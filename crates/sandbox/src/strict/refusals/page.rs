//! docs/sandbox-errors.md, generated from the book.

use super::book::{Book, book};
use std::{fmt::Write as _, path::PathBuf};

/// The generated page.
fn page(book: &Book) -> String {
    let mut out = String::from(
        "# What the sandbox refuses\n\n\
         Generated from `crates/sandbox/src/strict/refusals.txt`, which a test plays as signed HTTP requests; do not edit.\n\
         Code and status are those of AWS everywhere. \"Text\" says whether the words were seen from AWS and are compared;\n\
         where they were not, the sandbox's own words are used.\n\n\
         The same request again, byte for byte, is no refusal: like AWS, the sandbox keeps no list of the requests that it\n\
         has seen, and answers one for as long as its signature holds. After 15 minutes, after the end of the session that\n\
         signed it, and at any other sandbox it is refused.\n",
    );
    out.push_str(
        "\nThe texts of the quotas of EC2, RDS and IAM are those of public reports. For those of ElastiCache none was found.\n",
    );
    let mut section = "";
    let mut never = String::new();
    for entry in &book.entries {
        let (of, what) = entry.name.split_once(": ").unwrap();
        if let Some(reason) = entry.lines.iter().find_map(|line| line.strip_prefix("x ")) {
            let _ = writeln!(never, "- {of}, {what}: {reason}");
            continue;
        }
        let elsewhere = entry.lines.iter().find_map(|line| line.strip_prefix("t ")?.split_once(' '));
        if of != section {
            section = of;
            let _ = write!(out, "\n## {of}\n\n| situation | answer | text |\n|---|---|---|\n");
        }
        if let Some((file, test)) = elsewhere {
            let _ =
                writeln!(out, "| {} | `{file}`: {} | - |", what.replace('|', "\\|"), test.replace('_', " "));
            continue;
        }
        let answers: Vec<&str> = entry.lines.iter().filter_map(|line| line.strip_prefix("< ")).collect();
        let mut codes: Vec<String> = Vec::new();
        for answer in &answers {
            let mut words = answer.split(' ');
            let (status, code) = (words.next().unwrap(), words.next().unwrap());
            let told = if status == "200" { "succeeds".to_owned() } else { format!("{code} {status}") };
            if !codes.contains(&told) {
                codes.push(told);
            }
        }
        let told = |answer: &&str| !answer.starts_with("200") && answer.splitn(3, ' ').count() == 3;
        let (texts, all) = (
            answers.iter().filter(|a| told(a)).count(),
            answers.iter().filter(|a| !a.starts_with("200")).count(),
        );
        if codes.is_empty() {
            codes.push("succeeds".into());
        }
        let text = match (texts, all) {
            (_, 0) => "-",
            (0, _) => "not seen",
            (t, a) if t == a => "compared",
            _ => "partly",
        };
        let _ = writeln!(out, "| {} | {} | {text} |", what.replace('|', "\\|"), codes.join(", "));
    }
    let _ = write!(out, "\n## What no request can trigger here, and why\n\n{never}");
    out
}

#[test]
fn the_page_about_refusals_is_current() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/sandbox-errors.md");
    let wanted = page(&book());
    if std::env::var_os("RECIPE_WALK_WRITE_DOCS").is_some() {
        std::fs::write(&path, &wanted).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == wanted,
        "docs/sandbox-errors.md is out of date: run this test with RECIPE_WALK_WRITE_DOCS=1"
    );
}
