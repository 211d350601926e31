//! The command line of the commands that work on sessions which are there already.

use super::{AwsArgs, JsonArgs, Manner};
use clap::Args;
use recipe_walk_engine::cli_line::quote;
use std::path::PathBuf;

/// Where sessions are looked for that this machine does not know.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct PlaceArgs {
    /// Look on the sandbox of this machine
    #[arg(long, conflicts_with_all = ["aws", "profile", "region"])]
    pub(crate) sandbox: bool,
    /// Look in your AWS account
    #[arg(long)]
    pub(crate) aws: bool,
    #[command(flatten)]
    pub(crate) target: AwsArgs,
    /// What the configuration says where the command line does not.
    #[arg(skip)]
    pub(crate) usual: AwsArgs,
}

impl PlaceArgs {
    /// Whether the command line names a place.
    pub(crate) fn given(&self) -> bool {
        self.sandbox || self.wants_aws()
    }

    /// The same options once more, for a command that is to be typed next.
    pub(crate) fn words(&self) -> String {
        let value = |option: &str, value: &Option<String>| {
            value.as_ref().map(|v| format!(" {option} {}", quote(v))).unwrap_or_default()
        };
        let place = if self.sandbox {
            " --sandbox"
        } else if self.aws {
            " --aws"
        } else {
            ""
        };
        place.to_owned() + &value("--profile", &self.target.profile) + &value("--region", &self.target.region)
    }

    /// The profile and the region, with the configuration's where none is given.
    pub(crate) fn target(&self) -> AwsArgs {
        AwsArgs {
            profile: self.target.profile.clone().or_else(|| self.usual.profile.clone()),
            region: self.target.region.clone().or_else(|| self.usual.region.clone()),
        }
    }

    /// Whether it names AWS; a profile or a region says so too.
    pub(crate) fn wants_aws(&self) -> bool {
        self.aws || self.target.profile.is_some() || self.target.region.is_some()
    }
}

/// Options of `resume`.
#[derive(Debug, Clone, Args)]
pub(crate) struct ResumeArgs {
    /// The session; without it: the only unfinished one of this machine
    pub(crate) session: Option<String>,
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
    /// Directory of the recipe, for a session that was begun with another recipe than the embedded one
    #[arg(long, value_name = "DIR")]
    pub(crate) recipe: Option<PathBuf>,
    /// Rebuild a session with a damaged journal from what is in the account
    #[arg(long, requires = "session")]
    pub(crate) rebuild: bool,
    /// Go on although another walk holds the session
    #[arg(long)]
    pub(crate) take_over: bool,
    /// Warn from now on when the estimated cost passes this (US dollars)
    #[arg(long, value_name = "USD", value_parser = super::dollars)]
    pub(crate) budget: Option<String>,
    #[command(flatten)]
    pub(crate) manner: Manner,
}

/// Options of `sessions`.
#[derive(Debug, Clone, Args)]
pub(crate) struct SessionsArgs {
    /// List what is in the account, whoever made it
    #[arg(long)]
    pub(crate) remote: bool,
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
    #[command(flatten)]
    pub(crate) show: JsonArgs,
}

/// Options of `status`.
#[derive(Debug, Clone, Args)]
pub(crate) struct StatusArgs {
    /// The session; without it: the only unfinished one, else the newest
    pub(crate) session: Option<String>,
    /// Read it from the account, whoever walks it and wherever; nothing is changed
    #[arg(long, requires = "session")]
    pub(crate) remote: bool,
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
    #[command(flatten)]
    pub(crate) show: JsonArgs,
}

/// Options of `cleanup`.
#[derive(Debug, Clone, Args)]
pub(crate) struct CleanupArgs {
    /// The session; without it: the only unfinished one of this machine
    pub(crate) session: Option<String>,
    /// Every session of this class in the account
    #[arg(long, value_name = "C", conflicts_with_all = ["session", "rebuild"])]
    pub(crate) cohort: Option<String>,
    /// Every session in the account that should be gone by now
    #[arg(long, conflicts_with_all = ["session", "rebuild"])]
    pub(crate) expired: bool,
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
    /// Do not ask for the session's name, or for the account
    #[arg(long)]
    pub(crate) yes: bool,
    /// Only list what would go
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Rebuild a session with a damaged journal from what is in the account
    #[arg(long, requires = "session")]
    pub(crate) rebuild: bool,
    /// Clean up although a walk holds the session
    #[arg(long)]
    pub(crate) take_over: bool,
    #[command(flatten)]
    pub(crate) show: JsonArgs,
}

impl CleanupArgs {
    /// Whether sessions are chosen by what they are, not by name.
    pub(crate) fn chooses(&self) -> bool {
        self.cohort.is_some() || self.expired
    }
}
