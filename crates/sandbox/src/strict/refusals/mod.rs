//! Plays `refusals.txt`, and keeps docs/sandbox-errors.md in step with it.

mod answer;
mod book;
mod page;
mod stage;

use book::{Entry, book};
use stage::Stage;
use std::path::PathBuf;

const SOURCES: &str = include_str!("../sources.txt");

#[tokio::test(flavor = "multi_thread")]
async fn listed_requests_are_refused_as_on_aws_and_change_nothing() {
    let book = book();
    for entry in &book.entries {
        let mut stage = Stage::new(&book).await;
        let mut answered = None;
        for line in &entry.lines {
            let (mark, rest) = line.split_at(2);
            match mark {
                "! " => stage.hook(rest).await,
                "+ " => stage.must(rest).await,
                "> " => {
                    let before = stage.door.ctx.world().all();
                    let (service, answer) = stage.send(rest).await;
                    let kept = answer.status < 400 || before == stage.door.ctx.world().all();
                    assert!(kept, "{}: a refused request has changed something", entry.name);
                    answered = Some((service, answer));
                }
                "< " => {
                    let (service, answer) = answered.take().expect("an answer");
                    answer::check(entry.name, &stage, service, &answer, rest);
                }
                "x " | "t " => {}
                other => panic!("{}: what is {other}?", entry.name),
            }
        }
        assert!(answered.is_none(), "{}: an answer that nobody looks at", entry.name);
    }
}

/// A line of the source may have several entries; each adds what it is about in brackets.
#[test]
fn each_line_of_the_sources_has_an_entry() {
    let book = book();
    let sources = || SOURCES.lines().filter(|line| !line.starts_with('#'));
    let about = |entry: &Entry, line: &str| {
        entry.name.strip_prefix(line).is_some_and(|rest| rest.is_empty() || rest.starts_with(" ("))
    };
    let missing: Vec<&str> = sources().filter(|line| !book.entries.iter().any(|e| about(e, line))).collect();
    assert!(missing.is_empty(), "without an entry: {missing:#?}");
    let strange: Vec<&str> =
        book.entries.iter().filter(|e| !sources().any(|line| about(e, line))).map(|e| e.name).collect();
    assert!(strange.is_empty(), "not in sources.txt: {strange:#?}");
}

/// What takes more than a request has a test somewhere else, which is still there.
#[test]
fn the_tests_that_are_named_are_there() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    let book = book();
    let lines = book.entries.iter().flat_map(|entry| &entry.lines);
    let mut named = 0;
    for (file, test) in lines.filter_map(|line| line.strip_prefix("t ")?.split_once(' ')) {
        let text = std::fs::read_to_string(root.join(file)).expect(file);
        assert!(text.contains(&format!("fn {test}(")), "{file} has no {test}");
        named += 1;
    }
    assert!(named > 4, "{named}");
}
