//! The engine is free of every recipe's words: only kinds may speak of what AWS offers.

use std::path::{Path, PathBuf};

/// Words of one recipe.
const WORDS: [&str; 7] = ["redis", "valkey", "mysql", "mariadb", "shop", "cache", "database"];

/// Where results of the demo are typed, which the measurements' own crate is for.
const ALLOWED: [&str; 1] = ["session/account/note.rs"];

fn sources(dir: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(dir).expect("a directory").map(|entry| entry.expect("an entry").path());
    entries
        .filter(|path| !path.ends_with("kind") && !ALLOWED.iter().any(|allowed| path.ends_with(allowed)))
        .flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] })
        .collect()
}

#[test]
fn outside_its_kinds_the_engine_names_nothing_of_a_recipe() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    for path in sources(&root) {
        let name = path.strip_prefix(&root).expect("below").to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).expect("text");
        for (index, line) in text.lines().enumerate() {
            let line = line.to_lowercase();
            let mut words = line.split(|c: char| !c.is_ascii_alphanumeric());
            if let Some(word) = words.find(|word| WORDS.contains(word)) {
                found.push(format!("{name}:{}: {word}", index + 1));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}
