//! Recipes with any content.
#![no_main]

use libfuzzer_sys::fuzz_target;
use recipe_walk_engine::recipe::Recipe;

fuzz_target!(|data: &[u8]| {
    if let Ok(text) = std::str::from_utf8(data) {
        let _ = Recipe::parse(text, |name| name.ends_with(".md").then(|| "# Title\n\nText".to_owned()));
    }
});
