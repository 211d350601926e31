//! Journals with any content.
#![no_main]

use libfuzzer_sys::fuzz_target;
use recipe_walk_engine::journal::replay;
use std::path::Path;

fuzz_target!(|data: &[u8]| {
    if let Ok((_, length)) = replay(Path::new("journal.jsonl"), data) {
        // What is taken as whole is read the same way again.
        assert!(length <= data.len() && replay(Path::new("journal.jsonl"), &data[..length]).is_ok());
    }
});
