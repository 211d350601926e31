//! Reading a recipe: one that the lint refuses is none.

use crate::lint::{self, Finding};
use crate::recipe::Recipe;
use std::path::{Component, Path};

/// Bytes of one file of a recipe; the longest of ours has less than a fiftieth.
const LARGEST: u64 = 1024 * 1024;

/// Why a recipe cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum RecipeError {
    /// A file is missing or unreadable.
    #[error("{file}: {cause}")]
    File {
        /// File name.
        file: String,
        /// Why.
        cause: String,
    },
    /// The lint found errors.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Findings(Vec<Finding>),
}

impl Recipe {
    /// Reads a recipe from its text and a way to get at its other files; refuses one that the lint refuses.
    pub fn parse(toml: &str, mut files: impl FnMut(&str) -> Option<String>) -> Result<Self, RecipeError> {
        sound(lint::lint(toml, &mut files))
    }

    /// Reads a recipe from a directory.
    pub fn load(dir: &Path) -> Result<Self, RecipeError> {
        sound(linted(dir)?)
    }
}

fn sound((recipe, findings): (Option<Recipe>, Vec<Finding>)) -> Result<Recipe, RecipeError> {
    match recipe {
        Some(recipe) if findings.is_empty() => Ok(recipe),
        _ => Err(RecipeError::Findings(findings)),
    }
}

/// Lints the recipe of a directory. A file that is there and is not read is a finding, also where none is needed.
pub fn linted(dir: &Path) -> Result<(Option<Recipe>, Vec<Finding>), RecipeError> {
    let toml = content(dir, "recipe.toml").map_err(|cause| {
        let file = dir.join("recipe.toml").display().to_string();
        RecipeError::File { file, cause: cause.to_string() }
    })?;
    let mut refused = Vec::new();
    let (recipe, mut findings) = lint::lint(&toml, &mut |file| match content(dir, file) {
        Ok(text) => Some(text),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => {
            let message = format!("it is not read: {error}");
            refused.push(Finding { file: file.to_owned(), line: 1, message });
            None
        }
    });
    findings.append(&mut refused);
    Ok((recipe, findings))
}

/// A file's text. A recipe may be anybody's, and what its files say goes to the account: only regular files below its
/// directory are read, and none without end.
pub fn content(dir: &Path, file: &str) -> std::io::Result<String> {
    let refused = |why: &str| std::io::Error::other(why.to_owned());
    if !Path::new(file).components().all(|part| matches!(part, Component::Normal(_))) {
        return Err(refused("it does not lie below the recipe's directory"));
    }
    let path = dir.join(file).canonicalize()?;
    if !path.starts_with(dir.canonicalize()?) {
        return Err(refused("it is a link out of the recipe's directory"));
    }
    recipe_walk_files::text(&path, LARGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn only_regular_files_below_the_directory_are_read() {
        let home = tempfile::tempdir().expect("a directory");
        let dir = home.path().join("recipe");
        std::fs::create_dir(&dir).expect("made");
        std::fs::write(home.path().join("secret"), "s").expect("written");
        std::fs::write(dir.join("a.md"), "text").expect("written");
        std::fs::write(dir.join("big.md"), "x".repeat(1024 * 1024 + 1)).expect("written");
        std::os::unix::fs::symlink(home.path().join("secret"), dir.join("link.md")).expect("linked");
        std::os::unix::fs::symlink("a.md", dir.join("inside.md")).expect("linked");
        std::os::unix::fs::symlink("/dev/zero", dir.join("endless.md")).expect("linked");
        let pipe = std::process::Command::new("mkfifo").arg(dir.join("pipe.md")).status().expect("runs");
        assert!(pipe.success());
        assert_eq!(content(&dir, "a.md").expect("read"), "text");
        assert_eq!(content(&dir, "inside.md").expect("read"), "text");
        let absolute = home.path().join("secret").display().to_string();
        for file in [
            "../secret",
            absolute.as_str(),
            "./../secret",
            "link.md",
            "endless.md",
            "pipe.md",
            "big.md",
            "",
            ".",
        ] {
            assert!(content(&dir, file).is_err(), "{file}");
        }
    }
}
