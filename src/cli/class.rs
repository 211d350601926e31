//! The command line of trainers and of people who write recipes.

use clap::Args;
use std::path::PathBuf;

/// Options of `board`.
#[derive(Debug, Clone, Args)]
pub(crate) struct BoardArgs {
    /// The class
    #[arg(long, value_name = "C")]
    pub(crate) cohort: Option<String>,
    /// Look on the sandbox of this machine
    #[arg(long, conflicts_with_all = ["aws", "profile", "region"])]
    pub(crate) sandbox: bool,
    /// Look in AWS accounts
    #[arg(long)]
    pub(crate) aws: bool,
    /// AWS profile; several for several accounts
    #[arg(long, value_name = "P", value_delimiter = ',')]
    pub(crate) profile: Vec<String>,
    /// AWS region; several are looked at with every profile
    #[arg(long, value_name = "R", value_delimiter = ',')]
    pub(crate) region: Vec<String>,
    /// Seconds between two looks
    #[arg(long, value_name = "S", default_value_t = 15, value_parser = clap::value_parser!(u64).range(2..))]
    pub(crate) every: u64,
    /// Look once and end; so it does without a terminal too
    #[arg(long)]
    pub(crate) once: bool,
    /// JSON instead of a table; looks once
    #[arg(long)]
    pub(crate) json: bool,
    /// Plain lines: no colour, no box drawing
    #[arg(long)]
    pub(crate) plain: bool,
}

impl BoardArgs {
    /// Whether it names AWS; a profile or a region says so too.
    pub(crate) fn wants_aws(&self) -> bool {
        self.aws || !self.profile.is_empty() || !self.region.is_empty()
    }
}

/// Options of `handover`.
#[derive(Debug, Clone, Args)]
pub(crate) struct HandoverArgs {
    /// The session; without it: the only unfinished one of this machine
    pub(crate) session: Option<String>,
}

/// Options of `new`.
#[derive(Debug, Clone, Args)]
pub(crate) struct NewArgs {
    /// Directory for the copy; it must be new or empty
    pub(crate) dir: PathBuf,
}
