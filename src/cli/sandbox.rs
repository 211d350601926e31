//! The sandbox's commands and options.

use super::JsonArgs;
use super::fault::FaultCommand;
use super::walk::CacheEngine;
use clap::{Args, Subcommand};
use recipe_walk_sandbox::Pace;
use std::path::PathBuf;

/// Commands of the sandbox.
#[derive(Debug, Subcommand)]
pub(crate) enum SandboxCommand {
    /// Serve in the foreground until Ctrl-C
    #[command(after_help = "Example:\n  recipe-walk sandbox serve --port 4566 --pace 0.05")]
    Serve(ServeArgs),
    /// Print what points the AWS CLI and SDKs at the running sandbox
    #[command(after_help = "\
Example:
  eval \"$(recipe-walk sandbox env)\"
  aws --endpoint-url \"$AWS_ENDPOINT_URL\" elasticache describe-replication-groups")]
    Env(DirArgs),
    /// Show whether the sandbox runs, and what it holds
    #[command(after_help = "Example:\n  recipe-walk sandbox status --json")]
    Status {
        #[command(flatten)]
        dir: DirArgs,
        #[command(flatten)]
        show: JsonArgs,
    },
    /// Stop the sandbox; its state stays
    #[command(after_help = "Example:\n  recipe-walk sandbox stop")]
    Stop(DirArgs),
    /// Stop the sandbox and delete everything in it
    #[command(after_help = "Example:\n  recipe-walk sandbox reset")]
    Reset(DirArgs),
    /// Make calls of its services fail, hang or lose their answer, for tests and lessons
    #[command(
        subcommand,
        after_help = "Examples:\n  recipe-walk sandbox fault add RunInstances throttle --times 3\n  recipe-walk sandbox fault clear"
    )]
    Fault(FaultCommand),
    /// List the calls of AWS services that it has served since its start
    #[command(after_help = "Example:\n  recipe-walk sandbox calls --json")]
    Calls {
        #[command(flatten)]
        dir: DirArgs,
        #[command(flatten)]
        show: JsonArgs,
    },
    /// Kill a cache node or a database as a crash would
    #[command(after_help = "\
Examples:
  recipe-walk sandbox status
  recipe-walk sandbox kill-engine rw-k3v9x2ab-cache-001")]
    KillEngine {
        /// Cache node, DB instance, or replication group (its primary goes)
        resource: String,
        #[command(flatten)]
        dir: DirArgs,
    },
    /// What the sandbox's instances have as `aws`.
    #[command(hide = true, disable_help_flag = true)]
    InstanceAws {
        /// As the AWS CLI takes them.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
}

/// Which sandbox.
#[derive(Debug, Clone, Args)]
pub(crate) struct DirArgs {
    /// The sandbox's directory; without it: the one that walks use
    #[arg(long, value_name = "D")]
    pub(crate) dir: Option<PathBuf>,
}

/// Options of `sandbox serve`.
#[derive(Debug, Clone, Args)]
pub(crate) struct ServeArgs {
    #[command(flatten)]
    pub(crate) dir: DirArgs,
    /// Port on 127.0.0.1; without it: the last one, or a free one
    #[arg(long, value_name = "P")]
    pub(crate) port: Option<u16>,
    /// How long things take: fast, real, or a factor such as 0.05
    #[arg(long, value_name = "PACE")]
    pub(crate) pace: Option<Pace>,
    /// Which cache engine to take where both are installed
    #[arg(long, value_enum)]
    pub(crate) engine: Option<CacheEngine>,
    /// The control plane alone: no Redis, no database
    #[arg(long)]
    pub(crate) no_engines: bool,
    /// Allow its key only what this IAM policy allows, instead of everything
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: Option<PathBuf>,
    /// Started by a walk: ends by itself when it is empty and idle.
    #[arg(long, hide = true)]
    pub(crate) detached: bool,
    /// Seconds by which its clock is ahead of this machine's.
    #[arg(long, hide = true, value_name = "S", default_value_t = 0, allow_negative_numbers = true)]
    pub(crate) clock_ahead: i64,
    /// An account on the free plan.
    #[arg(long, hide = true)]
    pub(crate) free_plan: bool,
}
