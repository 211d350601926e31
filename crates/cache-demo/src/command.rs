//! The subcommands; each is named like the kind of its result.

pub use recipe_walk_measurements::Kind as Command;

/// All names, for a message.
pub(crate) fn names() -> String {
    Command::ALL.map(Command::name).join(", ")
}
