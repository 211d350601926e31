//! `sandbox fault …`, `sandbox calls` and `sandbox kill-engine`: disturb the sandbox, and see what was asked of it.

use crate::commands::sandbox::dir::DirArgs;
use crate::error::{CommandError, Kind};
use crate::ui::table::Table;
use crate::ui::{self, Terminal};
use clap::{Args, Subcommand};
use recipe_walk_sandbox::{CallRecord, Fault, FaultKind, FaultStatus, SLOW_SECONDS, SandboxError};

const KINDS: &str = "\
Kinds:
  throttle       the service's throttling error; no effect
  server-error   the service's own failure, HTTP 500; no effect
  refuse         refused by policy, in the service's words; no effect
  unknown-key    the service does not know the key, as IAM says to a managed one; no effect
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
        /// JSON instead of a table
        #[arg(long)]
        json: bool,
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

/// Runs one of the commands of faults.
pub(crate) async fn run(command: FaultCommand, terminal: &Terminal) -> Result<(), CommandError> {
    match command {
        FaultCommand::Add(args) => add(args, terminal).await,
        FaultCommand::List { dir, json } => {
            let faults = recipe_walk_sandbox::faults(&dir.access().await?).await?;
            if json {
                ui::json(&faults);
            } else {
                list(&faults, terminal);
            }
            Ok(())
        }
        FaultCommand::Clear(dir) => {
            recipe_walk_sandbox::clear_faults(&dir.access().await?).await?;
            terminal.say("No faults any more; calls that were held go on.");
            Ok(())
        }
    }
}

/// Lists the calls that the sandbox has served.
pub(crate) async fn calls(dir: &DirArgs, json: bool, terminal: &Terminal) -> Result<(), CommandError> {
    let calls = recipe_walk_sandbox::calls(&dir.access().await?).await?;
    if json {
        ui::json(&calls);
        return Ok(());
    }
    let mut table = Table::new(&["No.>", "Call", "Changes", "Resource", "By", "Fault", "Outcome"]);
    for call in &calls {
        table.row(row(call));
    }
    if table.is_empty() {
        terminal.say("No call of an AWS service yet.");
    } else {
        terminal.lines(&table.render(terminal.style()));
    }
    Ok(())
}

/// Kills one engine process.
pub(crate) async fn kill_engine(
    resource: &str,
    dir: &DirArgs,
    terminal: &Terminal,
) -> Result<(), CommandError> {
    let killed = recipe_walk_sandbox::kill_engine(&dir.access().await?, resource).await.map_err(refused)?;
    terminal.say(&format!("Killed {} of {} (process {}).", killed.kind, killed.resource, killed.pid));
    Ok(())
}

async fn add(args: FaultArgs, terminal: &Terminal) -> Result<(), CommandError> {
    let fault = Fault {
        operation: args.operation,
        kind: args.kind,
        times: args.times,
        after_calls: args.after_calls,
        seconds: args.seconds,
    };
    recipe_walk_sandbox::add_fault(&args.dir.access().await?, &fault).await.map_err(refused)?;
    terminal.say(&format!("{} will meet: {}.", whom(&fault), what(&fault)));
    Ok(())
}

fn list(faults: &[FaultStatus], terminal: &Terminal) {
    if faults.is_empty() {
        terminal.say("No faults.");
        return;
    }
    let mut table = Table::new(&["Calls", "Fault", "Hits>", "Times>", "After>", "Holds>"]);
    for FaultStatus { fault, hits, held } in faults {
        let numbers = [*hits, fault.times, fault.after_calls, *held].map(|n| n.to_string());
        table.row([fault.operation.clone(), what(fault)].into_iter().chain(numbers));
    }
    terminal.lines(&table.render(terminal.style()));
}

/// The calls that a fault is for, at the start of a sentence.
fn whom(fault: &Fault) -> String {
    let calls = match fault.times {
        1 => "The next call".to_owned(),
        n => format!("The next {n} calls"),
    };
    let after = match fault.after_calls {
        0 => String::new(),
        1 => ", after one that passes,".to_owned(),
        n => format!(", after {n} that pass,"),
    };
    format!("{calls} of {}{after}", fault.operation)
}

fn what(fault: &Fault) -> String {
    match fault.kind {
        FaultKind::Slow => format!("slow ({} s)", fault.seconds),
        kind => kind.to_string(),
    }
}

fn row(call: &CallRecord) -> [String; 7] {
    [
        call.number.to_string(),
        format!("{}:{}", call.service, call.operation),
        if call.mutating { "yes" } else { "no" }.to_owned(),
        short(&call.resource),
        short(&call.principal),
        call.fault.map(|kind| kind.to_string()).unwrap_or_default(),
        call.outcome.clone().unwrap_or_else(|| "running".into()),
    ]
}

/// An ARN without what is the same for everything in the sandbox.
fn short(arn: &str) -> String {
    match arn.splitn(6, ':').nth(5) {
        Some(name) if arn.starts_with("arn:") => name.to_owned(),
        _ => arn.to_owned(),
    }
}

/// What the sandbox refuses here is a mistake on the command line.
fn refused(error: SandboxError) -> CommandError {
    match error {
        SandboxError::Refused { reason } => CommandError::new(Kind::Usage, reason),
        other => other.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_and_short_names() {
        let fault = Fault { times: 2, after_calls: 1, ..Fault::new("*", FaultKind::Slow) };
        assert_eq!(whom(&fault), "The next 2 calls of *, after one that passes,");
        assert_eq!(what(&fault), "slow (3 s)");
        assert_eq!(short("arn:aws:rds:us-east-1:123456789012:db:x"), "db:x");
        assert_eq!(short("*"), "*");
    }
}
