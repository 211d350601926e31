//! The ports: the cloud, the person and the clock, and what is said through them.

pub mod clock;
pub mod cloud;
pub mod difference;
pub mod failure;
pub mod finding;
pub mod guide;
