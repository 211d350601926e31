//! Which sandbox is meant, and how it is reached.

use crate::error::{CommandError, Kind};
use crate::paths::Paths;
use clap::Args;
use recipe_walk_sandbox::Access;
use std::path::PathBuf;

/// Which sandbox.
#[derive(Debug, Clone, Args)]
pub(crate) struct DirArgs {
    /// The sandbox's directory; without it: the one that walks use
    #[arg(long, value_name = "D")]
    pub(crate) dir: Option<PathBuf>,
}

impl DirArgs {
    /// The sandbox's directory.
    pub(crate) fn find(&self) -> Result<PathBuf, CommandError> {
        match &self.dir {
            Some(dir) => Ok(dir.clone()),
            None => Ok(Paths::find()?.sandbox(None)),
        }
    }

    /// The way in to the sandbox that runs there.
    pub(crate) async fn access(&self) -> Result<Access, CommandError> {
        recipe_walk_sandbox::running(&self.find()?).await?.ok_or_else(not_running)
    }
}

/// What is told where a sandbox should run and none does.
pub(crate) fn not_running() -> CommandError {
    CommandError::new(Kind::Sandbox, "no sandbox is running")
        .means("This command never starts one. A walk on the sandbox does, and so does:")
        .next("recipe-walk sandbox serve")
}
