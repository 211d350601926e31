//! How far figures can be trusted.

use crate::format::sentence;
use serde::{Deserialize, Serialize};

/// How far figures can be trusted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Noise {
    /// Whether to take them with care.
    pub noisy: bool,
    /// What to do about it; also a busy machine, where the figures came out even.
    pub advice: Vec<String>,
}

impl Noise {
    /// The sentence of a noisy measurement.
    pub const NOISY: &str = "The measurement was noisy: take its figures with care.";

    /// What there is to say of it, in sentences; nothing where all is well.
    pub fn words(&self) -> Vec<String> {
        let noisy = self.noisy.then(|| Self::NOISY.to_owned());
        noisy.into_iter().chain(self.advice.iter().map(|advice| sentence(advice))).collect()
    }
}
