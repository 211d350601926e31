//! The instance: its architecture, the delivery of the demo, and the commands that run there.

pub mod configuration;
pub mod deliver;
pub mod demo;
pub mod machine;
pub mod once;
pub mod shell;
