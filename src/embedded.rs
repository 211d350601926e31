//! The recipe and the tables that the program carries.

use crate::error::{CommandError, Kind};
use recipe_walk_engine::cost::Prices;
use recipe_walk_engine::lint::{Finding, lint};
use recipe_walk_engine::read::{RecipeError, content, linted};
use recipe_walk_engine::recipe::Recipe;
use recipe_walk_engine::typed;
use std::path::Path;

/// The recipe's files by name.
pub(crate) const RECIPE: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/recipe.rs"));

/// The price table.
const PRICES: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/prices.toml"));

/// The clean-up's prose.
const CLEANUP: &str = "cleanup.md";

fn file(name: &str) -> Option<String> {
    RECIPE.iter().find(|(n, _)| *n == name).map(|(_, text)| (*text).to_owned())
}

/// The recipe of a directory, or the embedded one.
pub(crate) fn recipe(dir: Option<&Path>) -> Result<Recipe, CommandError> {
    let read = match dir {
        Some(dir) => Recipe::load(dir),
        None => Recipe::parse(&file("recipe.toml").unwrap_or_default(), file),
    };
    read.map_err(|error| {
        let check = match dir {
            Some(dir) => typed!("recipe-walk check {}", dir.display()),
            None => "recipe-walk check".into(),
        };
        let mut command = CommandError::new(Kind::Recipe, "the recipe cannot be used");
        match error {
            RecipeError::File { .. } => command = command.means(error.to_string()),
            RecipeError::Findings(findings) => {
                command.meaning.extend(findings.iter().map(ToString::to_string));
            }
        }
        command.next(check)
    })
}

/// The lint's findings on a directory, or on the embedded recipe.
pub(crate) fn findings(dir: Option<&Path>) -> Result<Vec<Finding>, CommandError> {
    let Some(dir) = dir else {
        return Ok(lint(&file("recipe.toml").unwrap_or_default(), &mut file).1);
    };
    let (_, findings) = linted(dir).map_err(|error| {
        CommandError::new(Kind::Recipe, error.to_string())
            .means("A recipe is a directory with a recipe.toml and a Markdown file for each step.")
    })?;
    Ok(findings)
}

/// The price table.
pub(crate) fn prices() -> Result<Prices, CommandError> {
    Prices::parse(PRICES)
        .map_err(|e| CommandError::new(Kind::Unexpected, format!("the price table cannot be read: {e}")))
}

/// The text about clean-up: the recipe's own where its directory has one.
pub(crate) fn cleanup_prose(dir: Option<&Path>) -> String {
    dir.and_then(|dir| content(dir, CLEANUP).ok()).or_else(|| file(CLEANUP)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_embedded_is_sound() {
        assert_eq!(findings(None).expect("reads"), Vec::new());
        assert_eq!(recipe(None).expect("parses").steps.len(), 20);
        assert!(prices().expect("parses").hourly.len() > 5);
        assert!(cleanup_prose(None).starts_with("## "));
    }
}
