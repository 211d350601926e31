//! Files: what others may have written is read with limits, what is ours is for its owner only.

pub mod private;
mod read;

pub use read::{bytes, open, regular, text};
