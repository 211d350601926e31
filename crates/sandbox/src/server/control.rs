//! Asking a running sandbox for its own calls, such as status and stop.

use crate::{
    model::{
        error::SandboxError,
        status::{EngineStatus, Status},
    },
    protocol::sigv4,
    server::{
        access::Access,
        call::CallRecord,
        client::{authority, call},
        fault::{Fault, FaultStatus},
        serve::lock,
    },
    system::{listener::listener_is_ours, private},
};
use http_body_util::Full;
use hyper::{Request, body::Bytes};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::{fs, io, path::Path, time::Duration};

/// A running server answers within milliseconds.
const ANSWER_LIMIT: Duration = Duration::from_secs(5);
/// Engines need a moment to write what they hold.
const STOP_LIMIT: Duration = Duration::from_secs(20);

/// The sandbox of a directory, if a server answers there.
pub async fn running(dir: &Path) -> Result<Option<Access>, SandboxError> {
    // Another user's directory would lead us to another user's server.
    if dir.exists() {
        private::ours(dir).map_err(SandboxError::file("use", dir))?;
    }
    let Some(access) = Access::read(dir)? else { return Ok(None) };
    // A free lock proves that nobody serves, without asking whoever may have the port now.
    if !dir.join("lock").exists() || lock(dir)?.is_some() {
        return Ok(None);
    }
    Ok(status(&access).await.is_ok().then_some(access))
}

/// What a running sandbox tells about itself.
pub async fn status(access: &Access) -> Result<Status, SandboxError> {
    ask(access, "Status", &json!({})).await
}

/// Puts a fault on calls of AWS's services, from now on.
pub async fn add_fault(access: &Access, fault: &Fault) -> Result<(), SandboxError> {
    ask(access, "AddFault", &json!(fault)).await.map(|_: Value| ())
}

/// The faults, in the order in which they were added, with what came of them.
pub async fn faults(access: &Access) -> Result<Vec<FaultStatus>, SandboxError> {
    ask(access, "ListFaults", &json!({})).await
}

/// Removes every fault and lets go of every call that one holds.
pub async fn clear_faults(access: &Access) -> Result<(), SandboxError> {
    ask(access, "ClearFaults", &json!({})).await.map(|_: Value| ())
}

/// The calls of AWS's services since the sandbox was started, oldest first; only the latest ones where there were
/// very many.
pub async fn calls(access: &Access) -> Result<Vec<CallRecord>, SandboxError> {
    ask(access, "ListCalls", &json!({})).await
}

/// Kills an engine process as a crash would: that of a cache node, of a database, or of a replication group's
/// primary. Returns what was killed.
pub async fn kill_engine(access: &Access, resource: &str) -> Result<EngineStatus, SandboxError> {
    ask(access, "KillEngine", &json!({"Resource": resource})).await
}

/// Stops the server of a directory and waits until it is gone; false if none ran. The state stays.
pub async fn stop(dir: &Path) -> Result<bool, SandboxError> {
    if !dir.join("lock").exists() || lock(dir)?.is_some() {
        return Ok(false);
    }
    let access = Access::read(dir)?;
    let pid = access.as_ref().map_or(0, |a| a.pid);
    let told = match &access {
        Some(access) => ask::<Value>(access, "Stop", &json!({})).await.is_ok(),
        None => false,
    };
    if !told {
        // It holds the lock and does not answer; the lock proves that the process is still that server.
        let pid = i32::try_from(pid).ok().and_then(rustix::process::Pid::from_raw);
        if let Some(pid) = pid {
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
        }
    }
    let gone = async {
        while lock(dir)?.is_none() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        Ok(true)
    };
    match tokio::time::timeout(STOP_LIMIT, gone).await {
        Ok(outcome) => outcome,
        Err(_) => Err(SandboxError::StillRunning { pid, seconds: STOP_LIMIT.as_secs() }),
    }
}

/// Stops the server of a directory and deletes everything: resources, data, keys.
pub async fn reset(dir: &Path) -> Result<(), SandboxError> {
    stop(dir).await?;
    if !dir.exists() {
        return Ok(());
    }
    // The lock is held while deleting, so that no server starts in a half-deleted directory.
    let Some(_lock) = lock(dir)? else { return Err(SandboxError::AlreadyRunning { dir: dir.to_owned() }) };
    match fs::remove_dir_all(dir) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(SandboxError::file("delete", dir)(error))
        }
        _ => Ok(()),
    }
}

fn no_answer(access: &Access, reason: impl std::fmt::Display) -> SandboxError {
    SandboxError::NoAnswer { endpoint: access.endpoint.clone(), reason: reason.to_string() }
}

/// Makes one signed call.
async fn ask<T: DeserializeOwned>(
    access: &Access,
    operation: &str,
    input: &Value,
) -> Result<T, SandboxError> {
    match tokio::time::timeout(ANSWER_LIMIT, exchange(access, operation, input)).await {
        Ok(Ok((200, body))) => serde_json::from_slice(&body).map_err(|error| no_answer(access, error)),
        Ok(Ok((400, body))) => {
            let body: Value = serde_json::from_slice(&body).unwrap_or_default();
            let reason = body["message"].as_str().or(body["Message"].as_str());
            Err(match reason {
                Some(reason) => SandboxError::Refused { reason: reason.to_owned() },
                None => no_answer(access, "HTTP 400"),
            })
        }
        Ok(Ok((status, body))) => {
            Err(no_answer(access, format!("HTTP {status}: {}", String::from_utf8_lossy(&body))))
        }
        Ok(Err(error)) => Err(no_answer(access, error)),
        Err(_) => Err(no_answer(access, "no answer in time")),
    }
}

/// One signed call.
async fn exchange(access: &Access, operation: &str, input: &Value) -> io::Result<(u16, Bytes)> {
    if !listener_is_ours(&access.endpoint).map_err(io::Error::other)? {
        return Err(io::ErrorKind::ConnectionRefused.into());
    }
    let address = authority(&access.endpoint).map_err(io::Error::other)?;
    let now = jiff::Timestamp::now();
    let stamp = sigv4::write_stamp(now);
    let target = format!("RecipeWalkSandbox.{operation}");
    let headers = [
        ("content-type", "application/x-amz-json-1.1"),
        ("host", address),
        ("x-amz-date", &stamp),
        ("x-amz-target", &target),
    ];
    let identity = sigv4::identity(&access.access_key_id, &access.secret_access_key);
    let body = input.to_string();
    let (_, authorization) = sigv4::signature(
        "POST",
        "/",
        &headers,
        body.as_bytes(),
        &identity,
        &access.region,
        "recipe-walk-sandbox",
        now,
    )
    .ok_or_else(|| io::Error::other("cannot sign the call"))?;
    let mut request = Request::post("/").header("authorization", authorization);
    for (name, value) in headers {
        request = request.header(name, value);
    }
    let request = request.body(Full::new(Bytes::from(body))).map_err(io::Error::other)?;
    call(&access.endpoint, request).await.map_err(io::Error::other)
}
