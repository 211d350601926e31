//! The results of the demo, known in one place: their types, how their figures are written, and their tables and charts as
//! data. The demo fills the types, the walk stores them, terminal and report render them. It knows no terminal and no HTML.
//!
//! `schema.json` is made from the types (a test compares the two). With the feature `read`, a result from outside is read
//! within limits ([`Measurement::read`]), and a path to a figure is checked against the schema ([`figure`]).

mod cache;
pub mod chart;
mod failure;
#[cfg(feature = "read")]
mod figure;
pub mod format;
mod headline;
mod kind;
mod latencies;
mod line;
mod noise;
#[cfg(feature = "read")]
mod read;
pub mod result;
#[cfg(feature = "read")]
mod sample;
pub mod table;
pub mod visible;

pub use cache::{Circuit, Counts};
pub use failure::{Failure, FailureKind, Message};
#[cfg(feature = "read")]
pub use figure::{Figure, NoFigure, figure, figures};
pub use headline::{Headline, headlines};
pub use kind::Kind;
pub use latencies::Latencies;
pub use line::{Line, Outcome, Progress, Refusal};
pub use noise::Noise;
#[cfg(feature = "read")]
pub use read::{NotUnderstood, plain_table, read_any};
pub use result::Measurement;
#[cfg(feature = "read")]
pub use sample::sample;

/// The JSON schema of [`Line`], as `schema.json` in this crate's folder.
pub const SCHEMA: &str = include_str!("../schema.json");
