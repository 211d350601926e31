//! Running scripts on instances, as the agent there does.

use super::state::{Command, Invocation};
use crate::{
    engines::instance::{self as machine, RunRequest},
    model::error::ApiError,
    server::ctx::Ctx,
    services::iam::keys_for,
    system::private,
};
use serde::{Deserialize, Serialize};
use std::{fmt::Write as _, fs, io, path::PathBuf, sync::Arc, time::Duration};

/// Bytes that are read of what was kept of a command.
const LONGEST: u64 = 64 << 20;

/// What a script wrote.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct Output {
    pub(super) stdout: String,
    pub(super) stderr: String,
}

/// The files of a command; ids are UUIDs that we made, so that no path can lead out.
fn files(ctx: &Ctx, command: &str) -> PathBuf {
    ctx.dir.join("commands").join(command)
}

fn write(path: &std::path::Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(parent) = path.parent() {
        private::directory(parent)?;
    }
    private::replace(path, bytes)
}

pub(super) fn write_script(ctx: &Ctx, command: &str, text: &str) -> Result<(), ApiError> {
    write(&files(ctx, command).join("script"), text.as_bytes()).map_err(|error| {
        tracing::error!(%error, "a command cannot be recorded");
        ApiError::new("InternalServerError", 500, "The sandbox cannot write its state.")
    })
}

pub(super) fn read_script(ctx: &Ctx, command: &str) -> String {
    recipe_walk_files::text(&files(ctx, command).join("script"), LONGEST).unwrap_or_default()
}

pub(super) fn read_output(ctx: &Ctx, command: &str, instance: &str) -> Output {
    recipe_walk_files::bytes(&files(ctx, command).join(instance), LONGEST)
        .ok()
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .unwrap_or_default()
}

pub(super) fn forget(ctx: &Ctx, command: &str) {
    let _ = fs::remove_dir_all(files(ctx, command));
}

/// Starts a script in the background.
pub(super) fn start(ctx: &Arc<Ctx>, command: &Command, instance: &str) {
    let cancelled = ctx.commands.begin(&command.id, instance);
    let (task, command, instance) = (Arc::clone(ctx), command.clone(), instance.to_owned());
    ctx.spawn(async move {
        let outcome = tokio::select! {
            outcome = execute(&task, &command, &instance) => outcome,
            () = cancelled.notified() => Ended::new("Cancelled", "Cancelled", -1, Output::default()),
        };
        task.commands.end(&command.id, &instance);
        // The output is written first, so that everything is there once the state says that it is over.
        let bytes = serde_json::to_vec(&outcome.output).unwrap_or_default();
        if let Err(error) = write(&files(&task, &command.id).join(&instance), &bytes) {
            tracing::error!(%error, "a command's output cannot be recorded");
        }
        let now = task.now();
        update(&task, &command.id, &instance, |invocation| {
            invocation.status = outcome.status.into();
            invocation.details = outcome.details.into();
            invocation.code = outcome.code;
            invocation.ended = Some(now);
        });
    });
}

/// How a script ended.
struct Ended {
    status: &'static str,
    details: &'static str,
    code: i32,
    output: Output,
}

impl Ended {
    fn new(status: &'static str, details: &'static str, code: i32, output: Output) -> Self {
        Self { status, details, code, output }
    }
}

async fn execute(ctx: &Arc<Ctx>, command: &Command, instance: &str) -> Ended {
    let places = ctx.commands.places(instance);
    let failed =
        |text: String| Ended::new("Failed", "Failed", 1, Output { stdout: String::new(), stderr: text });
    let Ok(_place) = places.acquire_owned().await else { return failed("the sandbox stops".into()) };
    let now = ctx.now();
    update(ctx, &command.id, instance, |invocation| {
        invocation.status = "InProgress".into();
        invocation.details = "InProgress".into();
        invocation.started = Some(now);
    });
    let profile = ctx.read(|w| w.ec2.instance(instance).and_then(|i| i.profile.clone()));
    let keys = match keys_for(ctx, instance, profile.as_deref()) {
        Ok(keys) => keys,
        Err(error) => return failed(error.to_string()),
    };
    let mut env = vec![
        ("AWS_ENDPOINT_URL".to_owned(), ctx.endpoint.clone()),
        ("AWS_REGION".to_owned(), ctx.region.clone()),
        ("AWS_DEFAULT_REGION".to_owned(), ctx.region.clone()),
    ];
    if let Some(keys) = keys {
        env.push(("AWS_ACCESS_KEY_ID".into(), keys.access_key_id));
        env.push(("AWS_SECRET_ACCESS_KEY".into(), keys.secret_access_key));
        env.push(("AWS_SESSION_TOKEN".into(), keys.token));
    }
    let request = RunRequest {
        instance_dir: machine::directory(&ctx.dir, instance),
        script: read_script(ctx, &command.id),
        env,
        timeout: Duration::from_secs(command.execution_timeout),
        working_directory: command.working_directory.clone(),
    };
    let outcome = match machine::run(request).await {
        Ok(outcome) => outcome,
        Err(error) => return failed(format!("failed to run commands: {error}")),
    };
    let mut output = Output {
        stdout: String::from_utf8_lossy(&outcome.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&outcome.stderr).into_owned(),
    };
    if outcome.timed_out {
        return Ended::new("TimedOut", "ExecutionTimedOut", -1, output);
    }
    match outcome.exit_code {
        Some(0) => Ended::new("Success", "Success", 0, output),
        Some(code) => {
            // The agent adds this line itself.
            let _ = write!(output.stderr, "failed to run commands: exit status {code}");
            Ended::new("Failed", "Failed", code, output)
        }
        None => {
            output.stderr += "failed to run commands: signal: killed";
            Ended::new("Failed", "Failed", -1, output)
        }
    }
}

fn update(ctx: &Ctx, command: &str, instance: &str, change: impl FnOnce(&mut Invocation)) {
    let done = ctx.change(|world| {
        let invocations = world.ssm.commands.get_mut(command).map(|c| &mut c.invocations);
        if let Some(found) = invocations.and_then(|all| all.iter_mut().find(|i| i.instance == instance)) {
            change(found);
        }
        Ok(())
    });
    if let Err(error) = done {
        tracing::error!(%error, "a command's state cannot be recorded");
    }
}

/// Scripts do not outlive the server: what a crash cut off has failed, and says so.
pub(super) fn abandon_lost(ctx: &Ctx) {
    let lost = |i: &Invocation| !i.is_over();
    if !ctx.read(|w| w.ssm.commands.iter().any(|c| c.invocations.iter().any(lost))) {
        return;
    }
    let now = ctx.now();
    let done = ctx.change(|world| {
        world.ssm.commands.each_mut(|command| {
            // Commands sent since this server started are still being run by it.
            for invocation in command.invocations.iter_mut().filter(|i| !i.is_over()) {
                if ctx.commands.runs(&command.id, &invocation.instance) {
                    continue;
                }
                invocation.status = "Failed".into();
                invocation.details = "Failed".into();
                invocation.ended = Some(now);
            }
        });
        Ok(())
    });
    if let Err(error) = done {
        tracing::error!(%error, "lost commands cannot be recorded");
    }
}
