//! Clean-up: everything the journal knows is undone in dependency order, each stage in parallel; one failure never stops
//! the rest; then an independent sweep, and the receipt.

use crate::cloud::{Found, Leftover, Stage, Undone};
use crate::cost::Prices;
use crate::failure::{Failure, Kind};
use crate::guide::Happening;
use crate::kind::{Nature, UndoStage};
use crate::milestone::milestone;
use crate::note::{Passport, lease_path, passport_path};
use crate::perform::{PATIENCE, Stop, Tools};
use crate::rebuild::adopt_step;
use crate::receipt::Receipt;
use crate::recipe::Recipe;
use crate::record::Record;
use crate::state::Resource;
use crate::tags;
use crate::transition::Status;
use crate::wait::pause;
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::task::JoinSet;

/// How long a deletion is retried while something still uses the thing (AWS-FACTS section 2: five minutes and more).
const IN_USE: Duration = Duration::from_mins(7);
/// How long what was made a moment ago, and is not there, is looked for again: it may not show yet.
pub(crate) const APPEARING: Duration = Duration::from_secs(5);
/// How long the sweep waits for what was deleted a moment ago, and still shows.
const FADING: Duration = Duration::from_mins(1);
/// How long a slow deletion is waited for; worst cases take 50 minutes (AWS-FACTS section 6).
const SLOW: Duration = Duration::from_hours(1);

/// For what a deletion is repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Patience {
    /// For all that passes by itself.
    Full,
    /// Not for what is in use: by something that will not go.
    Blocked,
    /// For nothing: what it depends on would not go.
    None,
}

impl Patience {
    /// How long after such a failure it is still repeated. What is slow and still being created cannot be deleted before
    /// it is there.
    fn limit(self, failure: &Failure, is_slow: bool) -> Duration {
        match self {
            Self::None => Duration::ZERO,
            Self::Blocked | Self::Full if is_slow => SLOW,
            Self::Blocked if failure.kind() == Some(Kind::InUse) => Duration::ZERO,
            Self::Blocked | Self::Full => IN_USE,
        }
    }
}

/// What clean-up is at, for showing.
#[derive(Debug)]
pub enum Progress<'a> {
    /// A deletion was asked for.
    Started(&'a Resource),
    /// It goes on.
    Waiting(&'a Resource, &'a str, Duration),
    /// It is over.
    Finished(&'a Resource, Undone),
    /// It failed; the rest goes on.
    Failed(&'a Resource, &'a str),
    /// The sweep begins.
    Sweeping,
}

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
            let patience = match (broken, blocked) {
                (true, _) => Patience::None,
                (false, true) => Patience::Blocked,
                (false, false) => Patience::Full,
            };
            let is_slow = resource.planned.action.is_slow();
            set.spawn(async move { (is_slow, undo(&tools, &resource, patience).await) });
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
    let path = passport_path(tools.session.id());
    let Ok(Some(note)) = tools.cloud.read_note(&path).await else { return Ok(()) };
    let Ok(passport) = serde_json::from_str::<Passport>(&note.text) else { return Ok(()) };
    if passport.unwinding {
        return Ok(());
    }
    let text = serde_json::to_string(&Passport { unwinding: true, ..passport }).unwrap_or(note.text);
    match tools.read(|| tools.cloud.write_note(&path, &text, None)).await {
        Ok(_) | Err(Stop::Failed(_)) => Ok(()),
        Err(stop) => Err(stop),
    }
}

/// What the sweep finds of the session and the journal does not know, as a dead walk with a lost journal leaves it:
/// taken over where it carries the session's tag under our name, so that it can be deleted. Answers how many those are.
pub async fn adopt_strays(tools: &Tools, recipe: &Recipe) -> Result<usize, Stop> {
    let id = tools.session.id();
    let lease = lease_path(id);
    match tools.read(|| tools.cloud.sweep(id)).await {
        Ok(left) if left.iter().any(|l| l.id != lease) => {}
        // A sweep that cannot look is told by the one that ends the clean-up.
        Ok(_) | Err(Stop::Failed(_)) => return Ok(0),
        Err(stop) => return Err(stop),
    }
    let (mut strays, mut unseen) = (0, Vec::new());
    // When it was made is on no record here; the session's beginning is the safe end of what it cost.
    let opened = tools.session.with(|s| s.opening.as_ref().map(|(at, _)| *at));
    let since = opened.unwrap_or_else(|| tools.clock.now());
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
        let left = match tools.read(|| tools.cloud.sweep(id)).await {
            Ok(left) => left,
            Err(Stop::Failed(failure)) => break Err(failure.to_string()),
            Err(stop) => return Err(stop),
        };
        let waited = tools.clock.elapsed().saturating_sub(start);
        if waited > FADING || !fades(tools, &left) {
            break Ok(left);
        }
        tools.sleep(pause(waited, 2)).await?;
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
            && r.gone_at.is_some_and(|at| now.duration_since(at).unsigned_abs() < PATIENCE)
    };
    !left.is_empty()
        && tools
            .session
            .with(|s| left.iter().all(|l| l.id == lease || s.resources.iter().any(|r| deleted(r, &l.id))))
}

/// Undoes one resource, and tells how it went.
pub(crate) async fn undo(tools: &Tools, resource: &Resource, patience: Patience) -> Result<Undone, Stop> {
    let how = take_away(tools, resource, patience).await;
    match &how {
        Ok(how) => tools.guide.show(&Happening::Cleaning(&Progress::Finished(resource, *how))),
        Err(Stop::Interrupted | Stop::Journal(_)) => {}
        Err(stop) => {
            tools.guide.show(&Happening::Cleaning(&Progress::Failed(resource, &stop.to_string())));
        }
    }
    how
}

/// Deletes one resource, on record, and waits as long as the service asks for patience: the one way, for clean-up, for a
/// repair and for a lab. Whoever calls it tells its end.
pub(crate) async fn take_away(
    tools: &Tools,
    resource: &Resource,
    patience: Patience,
) -> Result<Undone, Stop> {
    let name = resource.planned.name.clone();
    match try_undo(tools, resource, patience).await {
        Ok(how) => {
            tools.session.record(Record::UndoFinished { name, how })?;
            Ok(how)
        }
        Err(stop @ (Stop::Interrupted | Stop::Journal(_))) => Err(stop),
        Err(stop) => {
            let failure = match &stop {
                Stop::Failed(failure) => failure.clone(),
                other => Failure::local("clean-up", "Unfinished", other.to_string()),
            };
            tools.session.record(Record::UndoFailed { name, failure })?;
            Err(stop)
        }
    }
}

async fn try_undo(tools: &Tools, resource: &Resource, patience: Patience) -> Result<Undone, Stop> {
    let planned = &resource.planned;
    tools.check()?;
    tools.session.record(Record::UndoStarted { name: planned.name.clone() })?;
    if matches!(planned.action.properties().nature, Nature::Setting(_)) {
        return Ok(Undone::Deleted);
    }
    not_taken_over(tools).await?;
    // A create whose outcome we never learned: look first, its id is not on record.
    let id = match &resource.output {
        Some(output) => output.id.clone(),
        None => match tools.read(|| tools.cloud.find(planned)).await? {
            Found::Ours(output) => output.id,
            Found::Absent => return Ok(Undone::AlreadyGone),
            Found::Foreign(_) => return Ok(Undone::NotOurs),
        },
    };
    tools.guide.show(&Happening::Cleaning(&Progress::Started(resource)));
    let start = tools.clock.elapsed();
    let age = tools.clock.now().duration_since(resource.since).unsigned_abs();
    let is_new = resource.status == Status::Present && age < PATIENCE;
    let mut throttled = 0;
    let how = loop {
        let failure = match tools.cloud.undo(planned, &id).await {
            Ok(Undone::AlreadyGone) if is_new && tools.clock.elapsed().saturating_sub(start) < APPEARING => {
                tools.sleep(pause(Duration::ZERO, 2)).await?;
                continue;
            }
            Ok(how) => break how,
            Err(failure) => failure,
        };
        let waited = tools.clock.elapsed().saturating_sub(start);
        throttled = if failure.kind() == Some(Kind::Throttled) { throttled + 1 } else { 0 };
        if !failure.passes() || waited > patience.limit(&failure, planned.action.is_slow()) {
            return Err(Stop::Failed(failure));
        }
        let said = failure.to_string();
        tools.guide.show(&Happening::Cleaning(&Progress::Waiting(resource, &said, waited)));
        tools.sleep(pause(waited, throttled)).await?;
        not_taken_over(tools).await?;
    };
    if planned.action.is_slow() && how == Undone::Deleted {
        wait_until_gone(tools, resource, &id).await?;
    }
    Ok(how)
}

/// Ends with [`Stop::Interrupted`] where the session is somebody else's by now. A lease that cannot be read keeps nothing
/// from going.
async fn not_taken_over(tools: &Tools) -> Result<(), Stop> {
    match tools.still_ours().await {
        Ok(()) | Err(Stop::Failed(_)) => Ok(()),
        Err(stop) => Err(stop),
    }
}

async fn wait_until_gone(tools: &Tools, resource: &Resource, id: &str) -> Result<(), Stop> {
    let start = tools.clock.elapsed();
    loop {
        let probe = tools.read(|| tools.cloud.probe(&resource.planned, id)).await?;
        let waited = tools.clock.elapsed().saturating_sub(start);
        if probe.stage == Stage::Gone {
            return Ok(());
        }
        if waited > SLOW {
            return Err(Stop::TooLong { what: resource.planned.action.describe(), limit: SLOW });
        }
        tools.guide.show(&Happening::Cleaning(&Progress::Waiting(resource, &probe.status, waited)));
        tools.sleep(pause(waited, 0)).await?;
    }
}
