//! Well-signed requests with any json body.
#![no_main]

use libfuzzer_sys::fuzz_target;
use recipe_walk_sandbox::fuzzing::Target;
use std::sync::LazyLock;

static TARGET: LazyLock<Target> = LazyLock::new(Target::new);

fuzz_target!(|data: &[u8]| TARGET.json(data));
