//! The journal under random events, random bytes and random damage, and the work and memory that reading takes.

use proptest::collection::vec;
use proptest::prelude::*;
use recipe_walk_engine::action::{Action, Output, Planned};
use recipe_walk_engine::cloud::{Place, Undone};
use recipe_walk_engine::failure::Failure;
use recipe_walk_engine::id::SessionId;
use recipe_walk_engine::journal::{FILE, Journal, JournalError, read, replay, write_line};
use recipe_walk_engine::record::{Line, Opening, Record, VERSION};
use recipe_walk_engine::seal::Seal;
use recipe_walk_engine::state::State;
use recipe_walk_engine::tags::Tags;
use recipe_walk_engine::transition::{Event, Status, next};
use std::collections::BTreeMap;
use std::io::{BufReader, Read as _};
use std::path::Path;

fn at(second: usize) -> jiff::Timestamp {
    jiff::Timestamp::from_second(1_795_000_000 + i64::try_from(second).expect("small")).expect("a time")
}

fn id() -> SessionId {
    SessionId::from_bytes([9; 8])
}

fn opened() -> Record {
    Record::Opened(Box::new(Opening {
        version: VERSION,
        session: id(),
        place: Place { account: "1".into(), region: "us-east-1".into(), endpoint: None },
        sandbox: false,
        recipe: "r".into(),
        recipe_hash: None,
        recipe_dir: None,
        owner: "Ana".into(),
        cohort: String::new(),
        expires_at: at(0),
    }))
}

fn planned(name: &str, text: &str) -> Planned {
    let tags = Tags {
        session: id(),
        step: "s".into(),
        owner: "Ana".into(),
        cohort: String::new(),
        expires_at: at(0),
    };
    let action =
        Action::Note { path: format!("/{name}"), description: "what it is for".into(), text: text.into() };
    Planned { name: name.into(), action, tags }
}

fn unclear(cause: &str) -> Failure {
    Failure::Unclear { operation: "s:Call".into(), cause: cause.into() }
}

/// Sealed lines of a journal.
fn written<'a>(records: impl IntoIterator<Item = &'a Record>) -> Vec<u8> {
    let (mut all, mut seal) = (Vec::new(), Seal::default());
    for (second, record) in records.into_iter().enumerate() {
        let (bytes, after) =
            write_line(&Line { at: at(second), record: record.clone() }, seal).expect("JSON");
        all.extend(bytes);
        seal = after;
    }
    all
}

/// Any record at all, about one of three things.
fn any_record() -> impl Strategy<Value = Record> {
    let name = || prop_oneof![Just("a".to_owned()), Just("b".to_owned()), Just("c".to_owned())];
    let text = || prop_oneof!["[a-z.]{0,8}", any::<String>()];
    let output = (text(), text(), text()).prop_map(|(id, k, v)| Output::id(id).with(&k, v));
    let output2 = (text(), text(), text()).prop_map(|(id, k, v)| Output::id(id).with(&k, v));
    let failure = || text().prop_map(|t| unclear(&t));
    let how = prop_oneof![Just(Undone::Deleted), Just(Undone::AlreadyGone), Just(Undone::NotOurs)];
    let life = prop_oneof![
        (name(), text()).prop_map(|(n, t)| Record::Intended(Box::new(planned(&n, &t)))),
        (name(), output).prop_map(|(name, output)| Record::Created { name, output }),
        (name(), output2).prop_map(|(name, output)| Record::Adopted { name, output }),
        (name(), failure()).prop_map(|(name, failure)| Record::Refused { name, failure }),
        (name(), failure()).prop_map(|(name, failure)| Record::Unclear { name, failure }),
        name().prop_map(|name| Record::UndoStarted { name }),
        (name(), failure()).prop_map(|(name, failure)| Record::UndoFailed { name, failure }),
        (name(), how).prop_map(|(name, how)| Record::UndoFinished { name, how }),
    ];
    let rest = prop_oneof![
        Just(opened()),
        (text(), text()).prop_map(|(key, value)| Record::Answered { key, value }),
        (name(), text()).prop_map(|(step, reason)| Record::Skipped { step, reason }),
        (name(), vec((text(), text()), 0..3))
            .prop_map(|(step, facts)| Record::Verified { step, facts: facts.into_iter().collect() }),
        name().prop_map(|step| Record::Reopened { step }),
        (name(), any::<i64>())
            .prop_map(|(kind, n)| Record::Measured { kind, result: serde_json::json!({"n": n}) }),
        (text(), text()).prop_map(|(question, answer)| Record::Predicted { question, answer }),
        (name(), 0.0..1e6_f64).prop_map(|(what, seconds)| Record::Took { what, seconds }),
        Just(Record::Unwinding),
        Just(Record::Closed),
    ];
    prop_oneof![3 => life, 1 => rest]
}

/// Records that a journal can hold: what does not fit is left out.
fn fitting(records: Vec<Record>) -> Vec<Record> {
    let mut state = State::default();
    let all = std::iter::once(opened()).chain(records).enumerate();
    all.filter(|(s, r)| state.fold(Line { at: at(*s), record: r.clone() }).is_ok()).map(|(_, r)| r).collect()
}

const EVENTS: [Event; 7] = [
    Event::Intend,
    Event::Arrive,
    Event::Refuse,
    Event::Blur,
    Event::StartUndo,
    Event::FailUndo,
    Event::FinishUndo,
];

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
    fn an_action_goes_through_any_events_without_being_made_twice_or_forgotten(
        events in vec(0..EVENTS.len(), 0..60)
    ) {
        let (mut status, mut there) = (Status::Untouched, false);
        for event in events.into_iter().map(|e| EVENTS[e]) {
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
                let out = EVENTS.iter().filter(|e| next(status, **e).is_ok()).collect::<Vec<_>>();
                prop_assert_eq!(out, vec![&Event::Intend]);
            }
        }
    }

    #[test]
    fn live_and_replayed_are_the_same_and_what_does_not_fit_changes_nothing(
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
    fn a_journal_cut_anywhere_is_read_up_to_its_last_whole_line(
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
    fn damage_is_told_with_its_line_and_never_taken_for_a_journal(
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
        fields in vec((0..WORDS.len(), 0..WORDS.len()), 0..8), kind in 0..KINDS.len()
    ) {
        let (line, seal) =
            write_line(&Line { at: at(0), record: opened() }, Seal::default()).expect("JSON");
        let mut object = serde_json::Map::new();
        for (key, value) in fields {
            let value = serde_json::from_str(WORDS[value]).unwrap_or_else(|_| WORDS[value].into());
            object.insert(WORDS[key].to_owned(), value);
        }
        object.insert("at".into(), "2026-11-22T12:00:00Z".into());
        object.insert("record".into(), KINDS[kind].into());
        let mut nonsense = serde_json::to_vec(&object).expect("JSON");
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
/// Kinds of records, one of them a later version's.
const KINDS: [&str; 19] = [
    "opened",
    "answered",
    "skipped",
    "intended",
    "created",
    "adopted",
    "refused",
    "unclear",
    "verified",
    "reopened",
    "measured",
    "predicted",
    "took",
    "unwinding",
    "undo_started",
    "undo_failed",
    "undo_finished",
    "closed",
    "danced",
];

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
fn a_torn_last_line_is_cut_off_and_the_journal_goes_on_behind_it() {
    let dir = tempfile::tempdir().expect("a directory");
    let whole = written(&[opened(), Record::Unwinding]);
    std::fs::write(dir.path().join(FILE), &whole[..whole.len() - 1]).expect("written");
    let mut journal = Journal::open(dir.path()).expect("opens");
    assert!(journal.state().unwinding.is_none());
    journal.append(Line { at: at(1), record: Record::Unwinding }).expect("appended");
    drop(journal);
    assert_eq!(std::fs::read(dir.path().join(FILE)).expect("read"), whole);
}

/// What a walk that was repaired over and over writes; `names` tells whether each round is about a thing of its own.
fn long(records: usize, names: bool) -> Vec<u8> {
    let mut all = vec![opened()];
    for round in 0.. {
        let name = if names { format!("cache-{round}") } else { "cache".to_owned() };
        let output = Output::id("rw-abcdefgh-cache").with("arn", "arn:aws:elasticache:us-east-1:1:x");
        let facts = BTreeMap::from([("cache.primary_host".to_owned(), "127.0.0.2".to_owned())]);
        let result = serde_json::json!({"rows": vec![[0.25, 1.5, 3.75]; 20]});
        all.extend([
            Record::Intended(Box::new(planned(&name, "{\"maxmemory-policy\":\"allkeys-lru\"}"))),
            Record::Unclear { name: name.clone(), failure: unclear("the connection was lost") },
            Record::Adopted { name: name.clone(), output },
            Record::Verified { step: "wait".into(), facts },
            Record::Measured { kind: "compare".into(), result },
            Record::Reopened { step: "wait".into() },
            Record::UndoStarted { name: name.clone() },
            Record::UndoFinished { name, how: Undone::Deleted },
        ]);
        if all.len() >= records {
            break;
        }
    }
    written(&all[..records])
}

#[test]
fn reading_takes_work_in_proportion_to_the_length_and_memory_for_one_line() {
    let measure = |bytes: &[u8]| {
        let info = allocation_counter::measure(|| {
            replay(Path::new("j"), BufReader::new(bytes)).expect("sound");
        });
        (info.count_total, info.bytes_max)
    };
    for names in [false, true] {
        let (short, long) = (long(1_000, names), long(10_000, names));
        let ((few, small), (many, large)) = (measure(&short), measure(&long));
        // Ten times the records, ten times the work: no copy of what is known is made for each of them.
        assert!(many <= few * 11, "{few} allocations for 1,000 records, {many} for 10,000");
        assert!(many < 10_000 * 40, "{many} allocations for 10,000 records");
        if !names {
            assert!(large < small + 4096, "{small} bytes at once for 1,000 records, {large} for 10,000");
        }
    }
}

#[test]
fn a_line_without_an_end_is_refused_before_it_fills_the_memory() {
    let info = allocation_counter::measure(|| {
        let endless = BufReader::new(std::io::repeat(b'x').take(1 << 30));
        let error = replay(Path::new("j"), endless).expect_err("no journal").to_string();
        assert!(error.contains("line 1: it has no end"), "{error}");
    });
    assert!(info.bytes_max < 8 << 20, "{} bytes at once", info.bytes_max);
}
