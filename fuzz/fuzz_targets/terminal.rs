//! Text for a screen with any content.
#![no_main]

#[path = "../checks.rs"]
#[allow(dead_code, reason = "each target has one of them")]
mod checks;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| checks::terminal(text));
