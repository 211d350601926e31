//! The database is filled.

use crate::format::{count, figure};
use serde::{Deserialize, Serialize};

/// The result of `load-data`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LoadData {
    /// Rows of `categories`.
    pub categories: u32,
    /// Rows of `products`.
    pub products: u32,
    /// Rows of `order_lines`.
    pub order_lines: u32,
    /// How long it took.
    pub seconds: f64,
    /// Of the data, as the database computed it.
    pub checksum: String,
    /// The same data was there already, and was left alone.
    pub reused: bool,
}

impl LoadData {
    /// What there is now, in a sentence.
    pub fn sentence(&self) -> String {
        let what = format!(
            "{} products in {} categories with {} order lines",
            count(self.products.into()),
            count(self.categories.into()),
            count(self.order_lines.into())
        );
        if self.reused {
            format!("{what}: there already, with the right checksum.")
        } else {
            format!("{what}, in {} s.", figure(self.seconds))
        }
    }
}
