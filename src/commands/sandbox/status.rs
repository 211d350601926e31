//! `sandbox status` and `sandbox env`: whether it runs, what it holds, and how other programs reach it.

use crate::commands::sandbox::dir::{DirArgs, not_running};
use crate::error::CommandError;
use crate::ui::table::Table;
use crate::ui::text::span;
use crate::ui::{self, Terminal};
use recipe_walk_engine::shell::shortest_word;
use recipe_walk_sandbox::Access;
use std::fmt::Write as _;

/// Prints what points the AWS CLI and SDKs at it.
pub(crate) async fn env(dir: &DirArgs) -> Result<(), CommandError> {
    ui::raw(&exports(
        &dir.access().await?,
        std::env::vars_os().filter_map(|(name, _)| name.into_string().ok()),
    ));
    Ok(())
}

/// Variables that could lead a call elsewhere, change its signer, or keep it from loopback, whatever the ones that are set say:
/// those of the AWS CLI and of the SDKs.
const WOULD_WIN: &[&str] = &[
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN",
    "AWS_CREDENTIAL_EXPIRATION",
    "AWS_ROLE_ARN",
    "AWS_ROLE_SESSION_NAME",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    "AWS_USE_FIPS_ENDPOINT",
    "AWS_USE_DUALSTACK_ENDPOINT",
    "AWS_ACCOUNT_ID_ENDPOINT_MODE",
    "AWS_CA_BUNDLE",
];

/// Loopback beside what a variable excepts from proxies already.
fn beside(name: &str) -> String {
    let own = std::env::var(name).unwrap_or_default();
    let plain = |part: &&str| part.bytes().all(|b| b.is_ascii_alphanumeric() || b".-:/*_".contains(&b));
    let more = own.split(',').map(str::trim).filter(|part| !part.is_empty()).filter(plain);
    let mut all = vec!["127.0.0.1", "localhost"];
    all.extend(more.filter(|part| !["127.0.0.1", "localhost"].contains(part)));
    all.join(",")
}

/// What a shell evaluates to reach the sandbox and nothing else; `names` are the variables that are set now.
fn exports(access: &Access, names: impl Iterator<Item = String>) -> String {
    let mut out = String::new();
    for (name, value) in [
        ("AWS_ENDPOINT_URL", access.endpoint.as_str()),
        ("AWS_ACCESS_KEY_ID", &access.access_key_id),
        ("AWS_SECRET_ACCESS_KEY", &access.secret_access_key),
        ("AWS_REGION", &access.region),
        ("AWS_DEFAULT_REGION", &access.region),
        ("AWS_PAGER", ""),
        // A profile there may name endpoints, or forbid the one above.
        ("AWS_CONFIG_FILE", "/dev/null"),
        ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"),
        ("AWS_EC2_METADATA_DISABLED", "true"),
        // A proxy does not reach this machine's loopback.
        ("NO_PROXY", &beside("NO_PROXY")),
        ("no_proxy", &beside("no_proxy")),
    ] {
        let value = if value.is_empty() { String::new() } else { shortest_word(value) };
        let _ = writeln!(out, "export {name}={value}");
    }
    // Endpoints of single services go before the one for all.
    let single = names.filter(|name| name.starts_with("AWS_ENDPOINT_URL_"));
    let single = single.filter(|name| name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'));
    let unset: Vec<String> = WOULD_WIN.iter().map(|name| (*name).to_owned()).chain(single).collect();
    let _ = writeln!(out, "unset {}", unset.join(" "));
    out
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
        terminal.lines(&table.render(terminal.style()));
    }
    let mut table = Table::new(&["Resource", "Id", "Status"]);
    for resource in &status.resources {
        table.row([&resource.kind, &resource.id, &resource.status]);
    }
    if table.is_empty() {
        terminal.say("It holds nothing.");
    } else {
        terminal.lines(&table.render(terminal.style()));
    }
    Ok(())
}
