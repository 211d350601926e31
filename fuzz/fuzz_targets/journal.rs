//! Journals with any content.
#![no_main]

use libfuzzer_sys::fuzz_target;
use recipe_walk_engine::journal::replay;
use std::path::Path;

fuzz_target!(|data: &[u8]| {
    if let Ok(replayed) = replay(Path::new("journal.jsonl"), data) {
        let length = usize::try_from(replayed.sound).unwrap_or(usize::MAX);
        // What is taken as whole is read the same way again.
        assert!(length <= data.len() && replay(Path::new("journal.jsonl"), &data[..length]).is_ok());
    }
});
