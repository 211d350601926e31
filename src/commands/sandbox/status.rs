//! `sandbox status` and `sandbox env`: whether it runs, what it holds, and how other programs reach it.

use crate::commands::sandbox::dir::{DirArgs, not_running};
use crate::error::CommandError;
use crate::ui::table::Table;
use crate::ui::text::span;
use crate::ui::{self, Terminal};

/// Prints what points the AWS CLI and SDKs at it.
pub(crate) async fn env(dir: &DirArgs) -> Result<(), CommandError> {
    let access = dir.access().await?;
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

/// Shows what it holds.
pub(crate) async fn status(dir: &DirArgs, json: bool, terminal: &Terminal) -> Result<(), CommandError> {
    let Some(access) = recipe_walk_sandbox::running(&dir.find()?).await? else {
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
