//! The command line of the sandbox's faults and calls.

use super::{DirArgs, JsonArgs};
use clap::{Args, Subcommand};
use recipe_walk_sandbox::{FaultKind, SLOW_SECONDS};

const KINDS: &str = "\
Kinds:
  throttle       the service's throttling error; no effect
  server-error   the service's own failure, HTTP 500; no effect
  refuse         refused by policy, in the service's words; no effect
  no-capacity    no capacity, told at once (replication group, DB instance, EC2 instance)
  create-failed  the call succeeds, what it creates fails later; the reason is in the events
  not-yet        answered as if each service's newest thing had not been made yet
  drop           takes effect, then closes the connection without an answer
  slow           takes effect, answers some seconds later (--seconds)
  stall-before   held before its effect, until `fault clear` or until the client is gone
  stall-after    held after its effect, likewise

Operations:
  CreateReplicationGroup, elasticache:CreateReplicationGroup, elasticache:*,
  * (every call that changes something), read:* (every other call)

Faults are kept in memory: a sandbox that starts again has none.

Examples:
  recipe-walk sandbox fault add CreateReplicationGroup throttle --times 3
  recipe-walk sandbox fault add rds:CreateDBInstance drop
  recipe-walk sandbox fault add '*' stall-before --after-calls 4
  recipe-walk sandbox fault add 'read:*' slow --seconds 8 --times 100";

/// Commands of faults.
#[derive(Debug, Subcommand)]
pub(crate) enum FaultCommand {
    /// Put a fault on the next calls of an operation
    #[command(after_help = KINDS)]
    Add(FaultArgs),
    /// List the faults and how many calls each has hit and holds
    #[command(after_help = "Example:\n  recipe-walk sandbox fault list --json")]
    List {
        #[command(flatten)]
        dir: DirArgs,
        #[command(flatten)]
        show: JsonArgs,
    },
    /// Remove every fault, and let go of every call that one holds
    #[command(after_help = "Example:\n  recipe-walk sandbox fault clear")]
    Clear(DirArgs),
}

/// Options of `sandbox fault add`.
#[derive(Debug, Clone, Args)]
pub(crate) struct FaultArgs {
    /// Which calls: an operation, elasticache:*, * or read:*
    pub(crate) operation: String,
    /// What happens to them
    pub(crate) kind: FaultKind,
    /// How many calls it hits
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) times: u32,
    /// How many such calls pass before
    #[arg(long, value_name = "K", default_value_t = 0)]
    pub(crate) after_calls: u32,
    /// How long a slow call waits
    #[arg(long, value_name = "S", default_value_t = SLOW_SECONDS)]
    pub(crate) seconds: f64,
    #[command(flatten)]
    pub(crate) dir: DirArgs,
}
