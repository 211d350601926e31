//! Notes of an account with any content.
#![no_main]

#[path = "../checks.rs"]
#[allow(dead_code, reason = "each target has one of them")]
mod checks;

use libfuzzer_sys::fuzz_target;

use recipe_walk_engine::recipe::Recipe;
use std::path::Path;
use std::sync::LazyLock;

static RECIPE: LazyLock<Recipe> = LazyLock::new(|| {
    Recipe::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../recipe")).expect("the recipe")
});

fuzz_target!(|text: &str| checks::notes(text, &RECIPE));
