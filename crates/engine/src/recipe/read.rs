//! Reading a recipe: one that the lint refuses is none.

use crate::lint::{self, Finding};
use crate::recipe::Recipe;
use std::path::Path;

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
        let (recipe, findings) = lint::lint(toml, &mut files);
        match recipe {
            Some(recipe) if findings.is_empty() => Ok(recipe),
            _ => Err(RecipeError::Findings(findings)),
        }
    }

    /// Reads a recipe from a directory.
    pub fn load(dir: &Path) -> Result<Self, RecipeError> {
        let path = dir.join("recipe.toml");
        let toml = std::fs::read_to_string(&path)
            .map_err(|e| RecipeError::File { file: path.display().to_string(), cause: e.to_string() })?;
        Self::parse(&toml, |file| std::fs::read_to_string(dir.join(file)).ok())
    }
}
