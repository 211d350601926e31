//! The kinds of Systems Manager.

mod note;
mod secret;

pub use note::Note;
pub use secret::Secret;
