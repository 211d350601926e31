//! Requests with any headers, signed by nobody.
#![no_main]

use libfuzzer_sys::fuzz_target;
use recipe_walk_sandbox::fuzzing::Target;
use std::sync::LazyLock;

static TARGET: LazyLock<Target> = LazyLock::new(Target::new);

fuzz_target!(|data: &[u8]| TARGET.signature(data));
