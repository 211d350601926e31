//! The journal under random events, random bytes and random damage, records of a later version, and the work and memory
//! that reading takes.

mod damage;
mod later;
mod random;
mod records;
mod size;

use recipe_walk_engine::action::{Action, Planned};
use recipe_walk_engine::cloud::Place;
use recipe_walk_engine::failure::Failure;
use recipe_walk_engine::id::SessionId;
use recipe_walk_engine::journal::write_line;
use recipe_walk_engine::record::{Line, Opening, Record};
use recipe_walk_engine::seal::Seal;

fn at(second: usize) -> jiff::Timestamp {
    jiff::Timestamp::from_second(1_795_000_000 + i64::try_from(second).expect("small")).expect("a time")
}

fn id() -> SessionId {
    SessionId::from_bytes([9; 8])
}

fn opening() -> Opening {
    let place = Place { account: "1".into(), region: "us-east-1".into(), endpoint: None };
    Opening { owner: "Ana".into(), ..Opening::new(id(), place, "r", at(0)) }
}

fn opened() -> Record {
    Record::Opened(Box::new(opening()))
}

fn planned(name: &str, text: &str) -> Planned {
    let action = Action::Note(recipe_walk_engine::kind::Note {
        path: format!("/{name}"),
        description: "what it is for".into(),
        text: text.into(),
    });
    Planned::new(name, action, opening().tags("s"))
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
