//! What a walk does only where somebody has agreed to it: `--yes` alone does not.

pub(crate) mod recipe_trust;
pub(crate) mod unknown_cost;
