//! Random events, bytes and damage.

use crate::records::{any_record, fitting};
use crate::{at, opened, written};
use proptest::collection::vec;
use proptest::prelude::*;
use recipe_walk_engine::journal::{JournalError, replay, write_line};
use recipe_walk_engine::line::known;
use recipe_walk_engine::record::{Line, Record};
use recipe_walk_engine::seal::Seal;
use recipe_walk_engine::state::State;
use recipe_walk_engine::transition::{Event, Status, next};
use serde_json::json;
use std::path::Path;

/// Damage to a file.
#[derive(Debug, Clone)]
enum Damage {
    Flip(usize, u8),
    Remove(usize, usize),
    Insert(usize, Vec<u8>),
    Zeroes(usize, usize),
    LostLine(usize),
    Repeated(usize),
    Swapped(usize, usize),
}

fn any_damage() -> impl Strategy<Value = Damage> {
    let at = || any::<usize>();
    prop_oneof![
        (at(), 0..8_u8).prop_map(|(p, bit)| Damage::Flip(p, bit)),
        (at(), 1..40_usize).prop_map(|(p, n)| Damage::Remove(p, n)),
        (at(), vec(any::<u8>(), 1..40)).prop_map(|(p, bytes)| Damage::Insert(p, bytes)),
        (at(), 1..600_usize).prop_map(|(p, n)| Damage::Zeroes(p, n)),
        at().prop_map(Damage::LostLine),
        at().prop_map(Damage::Repeated),
        (at(), at()).prop_map(|(p, q)| Damage::Swapped(p, q)),
    ]
}

fn damaged(whole: &[u8], damage: &Damage) -> Vec<u8> {
    let mut bytes = whole.to_vec();
    let mut lines: Vec<&[u8]> = whole.split_inclusive(|b| *b == b'\n').collect();
    let count = lines.len();
    match damage {
        Damage::Flip(p, bit) => bytes[p % whole.len()] ^= 1 << bit,
        Damage::Remove(p, n) => drop(bytes.drain(p % whole.len()..(p % whole.len() + n).min(whole.len()))),
        Damage::Insert(p, more) => drop(bytes.splice(p % whole.len()..p % whole.len(), more.iter().copied())),
        Damage::Zeroes(p, n) => {
            bytes.iter_mut().skip(p % whole.len()).take(*n).for_each(|b| *b = 0);
        }
        Damage::LostLine(p) => drop(lines.remove(p % count)),
        Damage::Repeated(p) => lines.insert(p % count, lines[p % count]),
        Damage::Swapped(p, q) => lines.swap(p % count, q % count),
    }
    match damage {
        Damage::LostLine(_) | Damage::Repeated(_) | Damage::Swapped(..) => lines.concat(),
        _ => bytes,
    }
}

proptest! {
    #[test]
    fn actions_under_any_events_are_never_doubled_or_forgotten(
        events in vec(0..Event::ALL.len(), 0..60)
    ) {
        let (mut status, mut there) = (Status::Untouched, false);
        for event in events.into_iter().map(|e| Event::ALL[e]) {
            match next(status, event) {
                Ok(after) => {
                    prop_assert!(!(there && event == Event::Intend), "made twice");
                    there = match event {
                        Event::Arrive => true,
                        Event::FinishUndo => false,
                        _ => there,
                    };
                    prop_assert!(!there || !matches!(after, Status::Gone | Status::Refused), "forgotten");
                    status = after;
                }
                Err(illegal) => prop_assert_eq!((illegal.status, illegal.event), (status, event)),
            }
            // What is gone stays gone until somebody means to make it again.
            if status == Status::Gone {
                let out = Event::ALL.iter().filter(|e| next(status, **e).is_ok()).collect::<Vec<_>>();
                prop_assert_eq!(out, vec![&Event::Intend]);
            }
        }
    }

    #[test]
    fn replay_equals_live_and_misfits_change_nothing(
        records in vec(any_record(), 0..60)
    ) {
        let (mut live, mut kept, mut begun) = (State::default(), Vec::new(), false);
        for (second, record) in records.into_iter().enumerate() {
            let before = live.clone();
            let fits = live.fits(&record).is_ok();
            if live.fold(Line { at: at(second), record: record.clone() }).is_ok() {
                prop_assert!(fits);
                prop_assert!(begun != matches!(record, Record::Opened(_)), "opened once, and first");
                begun = true;
                kept.push((second, record));
            } else {
                prop_assert!(!fits);
                prop_assert_eq!(&live, &before);
            }
            // The ends of a session are not taken back.
            prop_assert!(before.opening.is_none() || live.opening == before.opening);
            prop_assert!(before.unwinding.is_none() || live.unwinding == before.unwinding);
            prop_assert!(before.closed.is_none() || live.closed.is_some());
        }
        let (mut bytes, mut seal) = (Vec::new(), Seal::default());
        for (second, record) in kept {
            let (line, after) = write_line(&Line { at: at(second), record }, seal).expect("JSON");
            bytes.extend(line);
            seal = after;
        }
        let replayed = replay(Path::new("j"), &bytes[..]).expect("sound");
        prop_assert_eq!(replayed.sound, bytes.len() as u64);
        prop_assert_eq!((replayed.state, replayed.seal), (live, seal));
    }

    #[test]
    fn journals_cut_anywhere_are_read_to_their_last_line(
        records in vec(any_record(), 0..30), cut in any::<usize>()
    ) {
        let whole = written(&fitting(records));
        let cut = &whole[..cut % (whole.len() + 1)];
        let sound = cut.iter().rposition(|b| *b == b'\n').map_or(0, |p| p + 1);
        let replayed = replay(Path::new("j"), cut).expect("a torn last line is no damage");
        prop_assert_eq!(replayed.sound, sound as u64);
        prop_assert_eq!(replayed, replay(Path::new("j"), &cut[..sound]).expect("sound"));
    }

    #[test]
    fn damage_is_told_with_its_line_and_never_read(
        records in vec(any_record(), 0..30), damage in any_damage()
    ) {
        let whole = written(&fitting(records));
        let bytes = damaged(&whole, &damage);
        match replay(Path::new("j"), &bytes[..]) {
            // What is read is what was written: the damage is in what looks like a torn last line, or changed nothing.
            Ok(replayed) => {
                let sound = usize::try_from(replayed.sound).expect("small");
                prop_assert!(whole.starts_with(&bytes[..sound]));
                prop_assert!(!bytes[sound..].contains(&b'\n'), "a whole line was passed over");
            }
            Err(JournalError::Damaged { line, .. }) => {
                let same = whole.iter().zip(&bytes).take_while(|(a, b)| a == b).count();
                let first = bytes[..same].split(|b| *b == b'\n').count();
                prop_assert_eq!(line, first, "the first line that differs");
            }
            Err(other) => prop_assert!(false, "{}", other),
        }
    }

    #[test]
    fn random_bytes_are_no_journal_and_no_reason_to_panic(bytes in vec(any::<u8>(), 0..3000)) {
        if let Ok(replayed) = replay(Path::new("j"), &bytes[..]) {
            prop_assert_eq!(replayed, replay(Path::new("j"), &b""[..]).expect("empty"));
            prop_assert!(!bytes.contains(&b'\n'));
        }
    }

    /// Beyond the seal: objects with our fields and any values in them.
    #[test]
    fn sealed_nonsense_is_read_or_refused_and_never_half_taken(
        fields in vec((0..WORDS.len(), 0..WORDS.len()), 0..8), kind in 0..=known().len()
    ) {
        let (line, seal) =
            write_line(&Line { at: at(0), record: opened() }, Seal::default()).expect("JSON");
        let mut object = serde_json::Map::new();
        for (key, value) in fields {
            let value = serde_json::from_str(WORDS[value]).unwrap_or_else(|_| WORDS[value].into());
            object.insert(WORDS[key].to_owned(), value);
        }
        // One kind is a later version's.
        let kind = known().get(kind).copied().unwrap_or("danced");
        let record = if object.is_empty() { json!(kind) } else { json!({kind: object}) };
        let line_two = json!({"at": "2026-11-22T12:00:00Z", "record": record});
        let mut nonsense = serde_json::to_vec(&line_two).expect("JSON");
        let after = seal.put(&mut nonsense);
        let bytes = [&line[..], &nonsense[..], b"\n"].concat();
        match replay(Path::new("j"), &bytes[..]) {
            Ok(replayed) => prop_assert_eq!(replayed.seal, after),
            Err(error) => prop_assert!(error.to_string().contains("line 2"), "{}", error),
        }
    }
}

/// Field names, values and JSON of all types.
const WORDS: [&str; 24] = [
    "name",
    "step",
    "facts",
    "output",
    "failure",
    "how",
    "kind",
    "result",
    "action",
    "tags",
    "key",
    "value",
    "reason",
    "null",
    "true",
    "1e400",
    "-7",
    "[]",
    "{}",
    "{\"id\":\"x\"}",
    "\"deleted\"",
    "[[[[[[]]]]]]",
    "{\"failure\":\"unclear\",\"operation\":\"o\",\"cause\":\"c\"}",
    "{\"make\":\"role\"}",
];
