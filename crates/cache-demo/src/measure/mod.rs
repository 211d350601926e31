//! How something is measured, judged and handed back.

pub mod chart;
pub(crate) mod counted;
pub mod csv;
pub mod experiment;
pub mod failures;
pub mod latency;
pub(crate) mod memory;
pub mod noise;
pub mod progress;
pub mod report;
pub mod table;
pub mod timeline;
