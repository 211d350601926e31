//! How something is measured, judged and handed back.

pub(crate) mod counted;
pub mod csv;
pub mod failures;
pub mod latency;
pub(crate) mod memory;
pub mod noise;
pub mod progress;
pub mod report;
pub mod text;
pub mod timeline;
