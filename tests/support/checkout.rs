//! Files of the checkout as tests need them: a copy of the recipe, and the policy.

use std::path::{Path, PathBuf};

/// The IAM policy that recipe-walk prints.
pub(crate) fn policy_file() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("assets/iam-policy.json")
}

/// The policy that bounds the roles of instances.
pub(crate) fn boundary_file() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("assets/boundary-policy.json")
}

/// A copy of the recipe in which these steps are optional; answers its directory.
pub(crate) fn recipe_without(home: &Path, steps: &[&str]) -> String {
    let dir = home.join("recipe");
    std::fs::create_dir(&dir).expect("a directory");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("recipe");
    for entry in std::fs::read_dir(&source).expect("the recipe") {
        let entry = entry.expect("a file");
        std::fs::copy(entry.path(), dir.join(entry.file_name())).expect("copied");
    }
    let text = std::fs::read_to_string(dir.join("recipe.toml")).expect("the recipe");
    let mut meant = false;
    let lines = text.lines().map(|line| {
        if let Some(id) = line.strip_prefix("id = ") {
            meant = steps.contains(&id.trim_matches('"'));
        }
        if meant && line == "optional = false" { "optional = true" } else { line }
    });
    let short = lines.collect::<Vec<_>>().join("\n");
    let required = |text: &str| text.matches("optional = false").count();
    assert_eq!(required(&text) - required(&short), steps.len());
    std::fs::write(dir.join("recipe.toml"), short).expect("written");
    dir.display().to_string()
}

/// Every text of the repository that people write, with its path.
pub(crate) fn sources() -> Vec<(PathBuf, String)> {
    let folders = ["assets", "crates", "docs", "fuzz", "recipe", "scripts", "src", "tests", ".github"];
    let mut open: Vec<PathBuf> =
        folders.iter().map(|name| Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).collect();
    let files = ["build.rs", "Cargo.toml", "README.md", "CONTRIBUTING.md", "clippy.toml", "deny.toml"];
    open.extend(files.map(|name| Path::new(env!("CARGO_MANIFEST_DIR")).join(name)));
    let mut found = Vec::new();
    while let Some(path) = open.pop() {
        if path.is_dir() {
            let built = path.file_name().is_some_and(|name| name == "target" || name == "__pycache__");
            if !built {
                let entries = std::fs::read_dir(&path).expect("a folder");
                open.extend(entries.map(|entry| entry.expect("an entry").path()));
            }
        } else if let Ok(text) = std::fs::read_to_string(&path) {
            found.push((path, text));
        }
    }
    found
}
