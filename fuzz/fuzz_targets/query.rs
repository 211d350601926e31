//! Well-signed requests with any query body.
#![no_main]

use libfuzzer_sys::fuzz_target;
use recipe_walk_sandbox::fuzzing::Target;
use std::sync::LazyLock;

static TARGET: LazyLock<Target> = LazyLock::new(Target::new);

fuzz_target!(|data: &[u8]| TARGET.query(data));
