//! The kinds of Systems Manager.

mod note;
mod note_key;
mod parameter;
mod secret;

pub use note::Note;
pub use note_key::NoteKey;
pub use secret::Secret;
