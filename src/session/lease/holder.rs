//! Who walks a session now: by its lease in the account where that can be read quickly, else by the lock here.

use crate::paths::Paths;
use crate::session::place;
use crate::ui::text::since;
use jiff::Timestamp;
use recipe_walk_engine::cloud::Cloud;
use recipe_walk_engine::id::SessionId;
use recipe_walk_engine::key::SessionKey;
use recipe_walk_engine::lease;
use recipe_walk_engine::record::Opening;
use recipe_walk_engine::session;
use serde::Serialize;
use std::time::Duration;

/// How long the account may take to answer; nobody waits longer to see a status.
const BOUND: Duration = Duration::from_secs(3);

/// Whoever walks a session.
#[derive(Debug, Serialize)]
pub(crate) struct HeldBy {
    /// Person, process and machine.
    holder: String,
    /// Since when, where that is known.
    since: Option<Timestamp>,
    /// When the lease was last renewed.
    heard_at: Option<Timestamp>,
    /// Whether it was not renewed for so long that the walk has probably ended.
    stale: bool,
    /// `account` or `this-machine`.
    known_from: &'static str,
}

impl HeldBy {
    /// In one line.
    pub(crate) fn line(&self, now: Timestamp) -> String {
        let held = self.since.map(|at| format!(", for {}", since(at, now))).unwrap_or_default();
        let end = if self.stale { ": that walk has probably ended" } else { "" };
        let heard = self.heard_at.map(|at| format!(" (last heard of {} ago{end})", since(at, now)));
        format!("{}{held}{}", self.holder, heard.unwrap_or_default())
    }
}

/// Looks who walks a session.
pub(crate) async fn of(id: &SessionId, opening: &Opening, paths: &Paths) -> Option<HeldBy> {
    let remote = tokio::time::timeout(BOUND, in_the_account(id, opening, paths)).await.ok().flatten();
    remote.or_else(|| by_lock(id, paths))
}

async fn in_the_account(id: &SessionId, opening: &Opening, paths: &Paths) -> Option<HeldBy> {
    let cloud = place::quickly(opening, paths).await?;
    // The lease of another account would say nothing about this session.
    if cloud.identity().await.ok()?.place != opening.place {
        return None;
    }
    by_lease(&cloud, id, SessionKey::of_session(&paths.sessions(), id).as_ref()).await
}

/// By the lease in an account.
pub(crate) async fn by_lease(cloud: &dyn Cloud, id: &SessionId, key: Option<&SessionKey>) -> Option<HeldBy> {
    let now = Timestamp::now();
    let lease = lease::holder(cloud, id, key, now).await.ok()??;
    Some(HeldBy {
        stale: lease.is_stale(now),
        holder: lease.holder,
        since: lease.since,
        heard_at: Some(lease.at),
        known_from: "account",
    })
}

fn by_lock(id: &SessionId, paths: &Paths) -> Option<HeldBy> {
    let (holder, since) = session::holder(&paths.sessions(), id)?;
    Some(HeldBy {
        holder: format!("process {} on {}", holder.pid, holder.host),
        since,
        heard_at: None,
        stale: false,
        known_from: "this-machine",
    })
}
