//! `sandbox …`: serve it, look at it, stop it.

mod dir;
mod fault;
mod serve;
mod status;

use crate::error::{CommandError, Kind};
use crate::session::place;
use crate::ui::{self, Terminal};
use clap::Subcommand;
use dir::DirArgs;
use fault::FaultCommand;
use serve::ServeArgs;

pub(crate) const EXAMPLES: &str = "\
Examples:
  recipe-walk sandbox serve
  recipe-walk sandbox status
  eval \"$(recipe-walk sandbox env)\"";

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
        /// JSON instead of a table
        #[arg(long)]
        json: bool,
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
        /// JSON instead of a table
        #[arg(long)]
        json: bool,
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

/// Runs one of the sandbox's commands.
pub(crate) async fn run(command: SandboxCommand, terminal: &Terminal) -> Result<(), CommandError> {
    match command {
        SandboxCommand::Serve(args) => serve::run(args, terminal).await,
        SandboxCommand::Env(args) => status::env(&args).await,
        SandboxCommand::Status { dir, json } => status::status(&dir, json, terminal).await,
        SandboxCommand::Stop(args) => {
            let stopped = place::stop(&args.find()?).await?;
            terminal.say(if stopped {
                "The sandbox is stopped; its state stays."
            } else {
                "No sandbox is running."
            });
            Ok(())
        }
        SandboxCommand::Reset(args) => {
            recipe_walk_sandbox::reset(&args.find()?).await?;
            terminal.say("The sandbox is empty: resources, data and keys are gone.");
            Ok(())
        }
        SandboxCommand::Fault(command) => fault::run(command, terminal).await,
        SandboxCommand::Calls { dir, json } => fault::calls(&dir, json, terminal).await,
        SandboxCommand::KillEngine { resource, dir } => fault::kill_engine(&resource, &dir, terminal).await,
        SandboxCommand::InstanceAws { args } => {
            match recipe_walk_sandbox::engines::instance_aws(&args).await {
                Ok(text) => {
                    ui::raw(&format!("{text}\n"));
                    Ok(())
                }
                Err(why) => {
                    ui::raw_error(&why);
                    Err(CommandError::new(Kind::Sandbox, "the instance's aws failed"))
                }
            }
        }
    }
}
