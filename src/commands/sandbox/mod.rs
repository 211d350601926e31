//! `sandbox …`: serve it, look at it, stop it.

mod fault;

use crate::cli::{DirArgs, SandboxCommand, ServeArgs};
use crate::error::{CommandError, Kind};
use crate::paths::Paths;
use crate::session::{engines, place};
use crate::ui::style::Paint;
use crate::ui::table::Table;
use crate::ui::text::span;
use crate::ui::{self, Terminal};
use recipe_walk_sandbox::{Access, Departure, ServeOptions};
use std::path::PathBuf;

/// Runs one of the sandbox's commands.
pub(crate) async fn sandbox(command: SandboxCommand, terminal: &Terminal) -> Result<(), CommandError> {
    match command {
        SandboxCommand::Serve(args) => serve(args, terminal).await,
        SandboxCommand::Env(args) => env(&directory(&args)?).await,
        SandboxCommand::Status { dir, show } => status(&directory(&dir)?, show.json, terminal).await,
        SandboxCommand::Stop(args) => {
            let stopped = place::stop(&directory(&args)?).await?;
            terminal.say(if stopped {
                "The sandbox is stopped; its state stays."
            } else {
                "No sandbox is running."
            });
            Ok(())
        }
        SandboxCommand::Reset(args) => {
            recipe_walk_sandbox::reset(&directory(&args)?).await?;
            terminal.say("The sandbox is empty: resources, data and keys are gone.");
            Ok(())
        }
        SandboxCommand::Fault(command) => fault::fault(command, terminal).await,
        SandboxCommand::Calls { dir, show } => fault::calls(&dir, show.json, terminal).await,
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

/// The sandbox's directory.
pub(super) fn directory(args: &DirArgs) -> Result<PathBuf, CommandError> {
    if let Some(dir) = &args.dir {
        return Ok(dir.clone());
    }
    Ok(Paths::find()?.sandbox(None))
}

async fn serve(args: ServeArgs, terminal: &Terminal) -> Result<(), CommandError> {
    let dir = directory(&args.dir)?;
    let detached = args.detached;
    if !detached && !args.no_engines {
        let missing = engines::look(engines::preference(args.engine)).missing();
        if !missing.is_empty() {
            let list: Vec<&str> = missing.iter().map(|m| m.what).collect();
            terminal.warn(&format!("This machine lacks {}: see recipe-walk doctor.", list.join(" and ")));
        }
    }
    let options = ServeOptions {
        dir: dir.clone(),
        port: args.port,
        pace: args.pace,
        engines: !args.no_engines,
        engine_preference: engines::preference(args.engine),
        exit_when_idle: detached,
        departure: Departure {
            policy: args.policy.map(|path| std::path::absolute(&path).unwrap_or(path)),
            clock_ahead: args.clock_ahead,
            free_plan: args.free_plan,
        },
    };
    let bare = args.no_engines;
    recipe_walk_sandbox::serve(options, |access| {
        if let Err(error) = place::note_bare(&dir, bare) {
            terminal.warn(&format!("{}: {error}", dir.display()));
        }
        if !detached {
            ready(access, args.dir.dir.as_ref(), terminal);
        }
    })
    .await?;
    Ok(())
}

fn ready(access: &Access, dir: Option<&PathBuf>, terminal: &Terminal) {
    terminal
        .say(&format!("The sandbox listens on {} (pace {}). Ctrl-C stops it.", access.endpoint, access.pace));
    terminal.say("In another terminal:");
    let dir = dir.map(|d| format!(" --dir {}", d.display())).unwrap_or_default();
    terminal.tell(Paint::Command, &format!("  eval \"$({} sandbox env{dir})\"", ui::program()));
}

async fn env(dir: &std::path::Path) -> Result<(), CommandError> {
    let Some(access) = recipe_walk_sandbox::running(dir).await? else { return Err(not_running()) };
    ui::raw(&format!(
        "export AWS_ENDPOINT_URL={}\nexport AWS_ACCESS_KEY_ID={}\nexport AWS_SECRET_ACCESS_KEY={}\n\
         export AWS_REGION={region}\nexport AWS_DEFAULT_REGION={region}\nexport AWS_PAGER=\nunset AWS_PROFILE AWS_SESSION_TOKEN\n",
        access.endpoint,
        access.access_key_id,
        access.secret_access_key,
        region = access.region
    ));
    Ok(())
}

/// What is told where a sandbox should run and none does.
pub(super) fn not_running() -> CommandError {
    CommandError::new(Kind::Sandbox, "no sandbox is running")
        .means("This command never starts one. A walk on the sandbox does, and so does:")
        .next("recipe-walk sandbox serve")
}

async fn status(dir: &std::path::Path, json: bool, terminal: &Terminal) -> Result<(), CommandError> {
    let Some(access) = recipe_walk_sandbox::running(dir).await? else {
        if json {
            ui::json(&serde_json::json!({"running": false}));
        }
        return Err(not_running());
    };
    let status = recipe_walk_sandbox::status(&access).await?;
    if json {
        let mut value = serde_json::to_value(&status).unwrap_or_default();
        value["running"] = true.into();
        ui::json(&value);
        return Ok(());
    }
    terminal.say(&format!(
        "The sandbox listens on {} (process {}, pace {}, up for {}).",
        status.endpoint,
        status.pid,
        status.pace,
        span(status.uptime_seconds)
    ));
    if let Some(reason) = &status.ports_stay_open {
        terminal
            .say(&format!("Security groups are kept but not enforced at the engines' ports here: {reason}."));
    }
    let mut table = Table::new(&["Engine", "Version", "Address", "For"]);
    for engine in &status.engines {
        table.row([&engine.kind, &engine.version, &engine.address, &engine.resource]);
    }
    if !table.is_empty() {
        terminal.say(&table.render(terminal.style()));
    }
    let mut table = Table::new(&["Resource", "Id", "Status"]);
    for resource in &status.resources {
        table.row([&resource.kind, &resource.id, &resource.status]);
    }
    if table.is_empty() {
        terminal.say("It holds nothing.");
    } else {
        terminal.say(&table.render(terminal.style()));
    }
    Ok(())
}
