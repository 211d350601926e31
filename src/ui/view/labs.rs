//! The labs of a recipe.

use crate::ui::terminal::Terminal;
use recipe_walk_engine::lab::Lab;

impl Terminal {
    /// Lists them.
    pub(crate) fn labs(&self, labs: &[Lab]) {
        self.say("Labs, for a session on the sandbox that has loaded its data:");
        for lab in labs {
            self.say(&format!("  {:14} {}", lab.id, lab.title));
        }
    }
}
