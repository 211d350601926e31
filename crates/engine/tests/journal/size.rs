//! The work and memory that reading takes.

use crate::{opened, planned, unclear, written};
use recipe_walk_engine::action::Output;
use recipe_walk_engine::cloud::Undone;
use recipe_walk_engine::journal::replay;
use recipe_walk_engine::record::Record;
use std::collections::BTreeMap;
use std::io::{BufReader, Read as _};
use std::path::Path;

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
fn reading_takes_linear_work_and_memory_for_one_line() {
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
            // One life of the one thing in about eight records, of which two times are kept for its cost.
            let lives = 64 * 9_000 / 8;
            assert!(
                large < small + 4096 + lives,
                "{small} bytes at once for 1,000 records, {large} for 10,000"
            );
        }
    }
}

#[test]
fn endless_lines_are_refused_before_they_fill_memory() {
    let info = allocation_counter::measure(|| {
        let endless = BufReader::new(std::io::repeat(b'x').take(1 << 30));
        let error = replay(Path::new("j"), endless).expect_err("no journal").to_string();
        assert!(error.contains("line 1: it has no end"), "{error}");
    });
    assert!(info.bytes_max < 8 << 20, "{} bytes at once", info.bytes_max);
}
