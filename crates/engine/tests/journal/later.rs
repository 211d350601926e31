//! Journals of a later version, which knows more records and more fields.

use crate::records::{any_record, fitting};
use crate::{at, opened};
use proptest::collection::vec;
use proptest::prelude::*;
use recipe_walk_engine::journal::{FILE, Journal, read, replay};
use recipe_walk_engine::record::{Line, Record};
use recipe_walk_engine::seal::Seal;
use recipe_walk_engine::state::State;
use serde_json::{Value, json};
use std::path::Path;

/// Puts a field that nobody knows into an object and into those of its fields that have a shape of their own.
fn enrich(value: &mut Value) {
    let Some(object) = value.as_object_mut() else { return };
    for name in ["action", "tags", "output", "failure", "place"] {
        object.get_mut(name).into_iter().for_each(enrich);
    }
    // A record that says more than its kind is an object with that one key.
    let record = object.get_mut("record").and_then(Value::as_object_mut);
    record.into_iter().flat_map(serde_json::Map::values_mut).for_each(enrich);
    object.insert("later".into(), json!({"deep": [1, null, {"x": "y"}]}));
}

/// A journal as a later version writes it: fields that nobody knows on every line, and records that nobody knows behind
/// those lines.
fn of_a_later_version(records: &[Record], danced: &[bool]) -> Vec<u8> {
    let (mut all, mut seal) = (Vec::new(), Seal::default());
    let mut line = |value: &Value| {
        let mut bytes = serde_json::to_vec(value).expect("JSON");
        seal = seal.put(&mut bytes);
        all.extend(bytes);
        all.push(b'\n');
    };
    for (second, record) in records.iter().enumerate() {
        let mut value = serde_json::to_value(Line { at: at(second), record: record.clone() }).expect("JSON");
        enrich(&mut value);
        line(&value);
        if danced.get(second).copied().unwrap_or_default() {
            line(&json!({"at": at(second), "record": {"danced": {"name": 7, "with": {"whom": "Ada"}}}}));
        }
    }
    all
}

proptest! {
    #[test]
    fn what_a_later_version_adds_is_passed_over(
        records in vec(any_record(), 0..40), danced in vec(any::<bool>(), 40)
    ) {
        let records = fitting(records);
        let mut known = State::default();
        for (second, record) in records.iter().enumerate() {
            known.fold(Line { at: at(second), record: record.clone() }).expect("it fits");
        }
        let bytes = of_a_later_version(&records, &danced);
        let replayed = replay(Path::new("j"), &bytes[..]).expect("sound");
        prop_assert_eq!(replayed.sound, bytes.len() as u64);
        prop_assert_eq!(replayed.state, known);
    }
}

#[test]
fn records_of_a_later_version_are_kept_and_followed() {
    let dir = tempfile::tempdir().expect("a directory");
    let before = of_a_later_version(&[opened()], &[true]);
    std::fs::write(dir.path().join(FILE), &before).expect("written");
    let mut journal = Journal::open(dir.path()).expect("it opens");
    journal.append(Line { at: at(9), record: Record::Unwinding }).expect("appended");
    drop(journal);
    let after = std::fs::read(dir.path().join(FILE)).expect("read");
    assert!(after.starts_with(&before) && after.len() > before.len());
    assert!(read(dir.path()).expect("sound").unwinding.is_some());
}
