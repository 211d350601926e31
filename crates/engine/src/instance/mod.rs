//! The instance: its architecture, the delivery of the demo, and the commands that run there.

pub mod deliver;
pub mod demo;
pub mod machine;
pub mod once;
