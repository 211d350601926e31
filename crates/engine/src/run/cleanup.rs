//! Clean-up: everything the journal knows is undone in dependency order, each stage in parallel; one failure never stops
//! the rest; then an independent sweep, and the receipt.

use crate::cloud::{Found, Leftover, Undone};
use crate::cost::Prices;
use crate::guide::{Happening, Progress};
use crate::kind::UndoStage;
use crate::milestone::milestone;
use crate::note::{Passport, lease_path, passport_path};
use crate::rebuild::adopt_step;
use crate::receipt::Receipt;
use crate::recipe::Recipe;
use crate::record::Record;
use crate::remote_state::put_back_passport;
use crate::state::Resource;
use crate::stop::Stop;
use crate::tags;
use crate::take_away::{Insist, not_taken_over, undo};
use crate::tools::{SETTLING, Tools};
use crate::transition::may_exist;
use crate::trust::{Doubt, read_passport, write_signed};
use crate::wait::slow_pause;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::task::JoinSet;

/// How long the sweep waits for what was deleted a moment ago, and still shows.
const FADING: Duration = Duration::from_mins(1);
/// What would be deleted, in order of the stages.
pub fn order(resources: impl Iterator<Item = Resource>) -> Vec<Vec<Resource>> {
    let mut stages: BTreeMap<UndoStage, Vec<Resource>> = BTreeMap::new();
    for resource in resources {
        stages.entry(resource.planned.action.properties().undo_stage).or_default().push(resource);
    }
    stages.into_values().collect()
}

/// Deletes what is left of the session and writes the receipt. Can be run again at any time.
/// Only Ctrl-C and a journal that cannot be written end it early; the session stays as it is then.
pub async fn clean_up(tools: &Tools, prices: &Prices) -> Result<Receipt, Stop> {
    unwind(tools).await?;
    conclude(tools, prices).await
}

/// The first half: deletes what the journal knows. Whoever holds a lease gives it back between the halves, because the
/// sweep would find it.
pub async fn unwind(tools: &Tools) -> Result<(), Stop> {
    not_taken_over(tools).await?;
    if tools.session.with(|s| s.unwinding.is_none()) {
        tools.session.record(Record::Unwinding)?;
        mark(tools).await;
    }
    stamp_passport(tools).await?;
    let remaining = tools.session.with(|s| s.remaining().cloned().collect::<Vec<_>>());
    let (mut blocked, mut broken) = (is_blocked(tools).await?, false);
    for stage in order(remaining.into_iter()) {
        let mut set = JoinSet::new();
        // The passport says that this session is being cleaned up, to whoever goes on with it elsewhere: it stays as
        // long as something else does.
        let kept = |r: &Resource| broken && r.planned.action.is_note();
        for resource in stage.into_iter().filter(|r| !kept(r)) {
            let tools = tools.clone();
            // What depends on something that would not go gets one try, not seven minutes of them.
            let insist = match (broken, blocked) {
                (true, _) => Insist::Never,
                (false, true) => Insist::UnlessInUse,
                (false, false) => Insist::Always,
            };
            let is_slow = resource.planned.action.is_slow();
            set.spawn(async move { (is_slow, undo(&tools, &resource, insist).await) });
        }
        while let Some(joined) = set.join_next().await {
            match joined {
                Ok((is_slow, Ok(how))) => blocked |= is_slow && how == Undone::NotOurs,
                Ok((_, Err(stop @ (Stop::Interrupted | Stop::Journal(_))))) => return Err(stop),
                Ok((_, Err(_))) => broken = true,
                Err(panic) => std::panic::resume_unwind(panic.into_panic()),
            }
        }
    }
    Ok(())
}

/// Whether something slow that is not ours, as an earlier clean-up found, is there still: it goes on using what is ours.
async fn is_blocked(tools: &Tools) -> Result<bool, Stop> {
    let not_ours = |r: &&Resource| r.how == Some(Undone::NotOurs) && r.planned.action.is_slow();
    let left = tools.session.with(|s| s.resources.iter().filter(not_ours).cloned().collect::<Vec<_>>());
    for resource in left {
        match tools.read(|| tools.cloud.find(&resource.planned)).await {
            Ok(Found::Foreign(_)) => return Ok(true),
            Ok(_) | Err(Stop::Failed(_)) => {}
            Err(stop) => return Err(stop),
        }
    }
    Ok(false)
}

/// For a trainer's board, and for a machine that has nothing but the tags. A courtesy: a failure never stops anything.
async fn mark(tools: &Tools) {
    let pairs =
        [(tags::PROGRESS, tags::UNWINDING.to_owned()), (tags::SINCE, format!("{:.3}", tools.clock.now()))];
    if let Some(place) = tools.session.with(milestone).filter(|place| !place.starts_with('/')) {
        let _ = tools.cloud.mark(&place, &pairs).await;
    }
    // Where there was no group yet, or is none any more while the rest goes.
    let _ = tools.cloud.mark(&passport_path(tools.session.id()), &pairs).await;
}

/// Writes into the passport that clean-up has begun, so that a machine that has nothing but the account goes on with it.
/// Looked at each time: a clean-up that died right after its first record may not have written it. Like the mark, it
/// never stops anything.
async fn stamp_passport(tools: &Tools) -> Result<(), Stop> {
    if !tools.session.with(|s| may_exist(s.status("passport"))) {
        return Ok(());
    }
    let written = async {
        match read_passport(tools).await? {
            Ok(passport) if !passport.unwinding => {
                let text =
                    serde_json::to_string(&Passport { unwinding: true, ..passport }).unwrap_or_default();
                write_signed(tools, &passport_path(tools.session.id()), &text).await
            }
            Ok(_) | Err(Doubt::NoNote) => Ok(()),
            Err(_) => put_back_passport(tools).await,
        }
    };
    match written.await {
        Ok(()) | Err(Stop::Failed(_)) => Ok(()),
        Err(stop) => Err(stop),
    }
}

/// When the session began.
fn began(tools: &Tools) -> Timestamp {
    let opened = tools.session.with(|s| s.opening.as_ref().map(|(at, _)| *at));
    opened.unwrap_or_else(|| tools.clock.now())
}

/// What the sweep finds of the session and the journal does not know, as a dead walk with a lost journal leaves it:
/// taken over where it carries the session's tag under our name, so that it can be deleted. Answers how many those are.
pub async fn adopt_strays(tools: &Tools, recipe: &Recipe) -> Result<usize, Stop> {
    let id = tools.session.id();
    let lease = lease_path(id);
    // When it was made is on no record here; the session's beginning is the safe end of what it cost.
    let since = began(tools);
    match tools.read(|| tools.cloud.sweep(id, since)).await {
        Ok(left) if left.iter().any(|l| l.id != lease) => {}
        // A sweep that cannot look is told by the one that ends the clean-up.
        Ok(_) | Err(Stop::Failed(_)) => return Ok(0),
        Err(stop) => return Err(stop),
    }
    let (mut strays, mut unseen) = (0, Vec::new());
    // What is looked for goes by its name: an answer that cannot be used is as one that is lost.
    tools.session.admit(&recipe.parameters);
    for step in &recipe.steps {
        strays += adopt_step(tools, step, since, &mut unseen).await?;
    }
    // One thing that may not be looked at keeps nothing else from going; the sweep tells whether it is left.
    for failure in unseen {
        tools.guide.show(&Happening::Note(&format!("Could not look for all that may be there: {failure}")));
    }
    Ok(strays)
}

/// The second half: the sweep and the receipt.
pub async fn conclude(tools: &Tools, prices: &Prices) -> Result<Receipt, Stop> {
    tools.guide.show(&Happening::Cleaning(&Progress::Sweeping));
    let id = tools.session.id();
    let start = tools.clock.elapsed();
    let swept = loop {
        let left = match tools.read(|| tools.cloud.sweep(id, began(tools))).await {
            Ok(left) => left,
            Err(Stop::Failed(failure)) => break Err(failure.to_string()),
            Err(stop) => return Err(stop),
        };
        let waited = tools.clock.elapsed().saturating_sub(start);
        if waited > FADING || !fades(tools, &left) {
            break Ok(left);
        }
        tools.sleep(slow_pause(waited)).await?;
    };
    let receipt = Receipt::new(&tools.session.state(), swept, prices, tools.clock.now());
    if receipt.is_clean() && tools.session.with(|s| s.closed.is_none()) {
        tools.session.record(Record::Closed)?;
    }
    Ok(receipt)
}

/// Whether all that the sweep has found was deleted a moment ago, as the lease was, which is on no record.
fn fades(tools: &Tools, left: &[Leftover]) -> bool {
    let now = tools.clock.now();
    let lease = lease_path(tools.session.id());
    let deleted = |r: &Resource, id: &str| {
        r.how == Some(Undone::Deleted)
            && r.output.as_ref().is_some_and(|o| o.id == id)
            && r.gone_at.is_some_and(|at| now.duration_since(at).unsigned_abs() < SETTLING)
    };
    !left.is_empty()
        && tools
            .session
            .with(|s| left.iter().all(|l| l.id == lease || s.resources.iter().any(|r| deleted(r, &l.id))))
}
