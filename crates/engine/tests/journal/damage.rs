//! Damage that somebody reads about, and what is no damage.

use crate::{at, opened, written};
use recipe_walk_engine::cloud::Undone;
use recipe_walk_engine::journal::{FILE, Journal, read};
use recipe_walk_engine::record::{Line, Record};

fn answered(value: &str) -> Record {
    Record::Answered { key: "users".into(), value: value.into() }
}

#[test]
fn damage_is_told_in_words() {
    let dir = tempfile::tempdir().expect("a directory");
    let text = |records: &[Record]| String::from_utf8(written(records)).expect("text");
    let good = text(&[opened(), Record::Unwinding]);
    let (first, second) = good.split_at(good.find('\n').expect("two lines") + 1);
    let mut future = opened();
    if let Record::Opened(opening) = &mut future {
        opening.version = 99;
    }
    let unknown = Record::UndoFinished { name: "x".into(), how: Undone::Deleted };
    for (bytes, said) in [
        (format!("{first}rubbish\n"), "line 2"),
        (
            text(&[opened(), answered("a\nb")]),
            "line 2: the session's journal: users: 'a\\nb' has characters that cannot",
        ),
        (text(&[opened(), answered(&"x".repeat(100_000))]), "(100000 bytes) is longer than 256 characters"),
        (text(&[opened(), opened()]), "line 2: a journal begins with one"),
        (text(&[opened(), unknown]), "line 2: 'x'"),
        (text(&[future]), "version 99"),
        ("\u{0}\u{0}\n".to_owned(), "line 1"),
        (second.to_owned(), "line 1: a journal begins with one"),
        (good.replace("Ana", "Eve"), "line 1: its seal does not fit"),
        (good.replace(",\"sum\"", ",\"som\""), "line 1: it has no seal"),
    ] {
        std::fs::write(dir.path().join(FILE), &bytes).expect("written");
        let error = read(dir.path()).expect_err("damage").to_string();
        assert!(error.contains(said), "'{said}' is missing in: {error}");
        assert!(Journal::open(dir.path()).is_err());
        assert_eq!(std::fs::read_to_string(dir.path().join(FILE)).expect("read"), bytes, "left as it was");
    }
}

#[test]
fn torn_last_lines_are_cut_off_and_writing_goes_on() {
    let dir = tempfile::tempdir().expect("a directory");
    let whole = written(&[opened(), Record::Unwinding]);
    std::fs::write(dir.path().join(FILE), &whole[..whole.len() - 1]).expect("written");
    let mut journal = Journal::open(dir.path()).expect("opens");
    assert!(journal.state().unwinding.is_none());
    journal.append(Line { at: at(1), record: Record::Unwinding }).expect("appended");
    drop(journal);
    assert_eq!(std::fs::read(dir.path().join(FILE)).expect("read"), whole);
}
