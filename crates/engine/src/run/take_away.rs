//! Deleting one thing, on record: the one way, for clean-up, for a repair and for a lab.

use crate::cloud::{Found, Stage, Undone};
use crate::failure::{Failure, Kind};
use crate::guide::{Happening, Progress};
use crate::kind::Nature;
use crate::record::Record;
use crate::state::Resource;
use crate::stop::Stop;
use crate::tools::{SETTLING, Tools};
use crate::transition::Status;
use crate::wait::{pause, pause_after_failures, slow_pause};
use std::time::Duration;

/// How long a deletion is retried while something still uses the thing (docs/aws.md, "Order of deletion": five minutes
/// and more).
const IN_USE: Duration = Duration::from_mins(7);
/// How long what was made a moment ago, and is not there, is looked for again: it may not show yet.
pub(crate) const APPEARING: Duration = Duration::from_secs(5);
/// How long a slow deletion is waited for; worst cases take 50 minutes (docs/aws.md, "Waits").
const SLOW: Duration = Duration::from_hours(1);

/// Whether a deletion is asked for again after a failure that passes by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Insist {
    /// After each of them.
    Always,
    /// Not where it is in use: what uses it will not go.
    UnlessInUse,
    /// Not at all: what it depends on would not go.
    Never,
}

impl Insist {
    /// How long after such a failure it is still repeated. What is slow and still being created cannot be deleted before
    /// it is there.
    fn limit(self, failure: &Failure, is_slow: bool) -> Duration {
        match self {
            Self::Never => Duration::ZERO,
            Self::UnlessInUse | Self::Always if is_slow => SLOW,
            Self::UnlessInUse if failure.kind() == Some(Kind::InUse) => Duration::ZERO,
            Self::UnlessInUse | Self::Always => IN_USE,
        }
    }
}

/// Undoes one resource, and tells how it went.
pub(crate) async fn undo(tools: &Tools, resource: &Resource, insist: Insist) -> Result<Undone, Stop> {
    let how = take_away(tools, resource, insist).await;
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
/// repair and for a lab. [`undo`] does it and tells the person how it ended; a lab keeps that to itself, and a run says what was put back.
pub(crate) async fn take_away(tools: &Tools, resource: &Resource, insist: Insist) -> Result<Undone, Stop> {
    let name = resource.planned.name.clone();
    match try_undo(tools, resource, insist).await {
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

async fn try_undo(tools: &Tools, resource: &Resource, insist: Insist) -> Result<Undone, Stop> {
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
    let is_new = resource.status == Status::Present && age < SETTLING;
    let mut throttled = 0;
    let how = loop {
        let failure = match tools.cloud.undo(planned, &id).await {
            Ok(Undone::AlreadyGone) if is_new && tools.clock.elapsed().saturating_sub(start) < APPEARING => {
                tools.sleep(slow_pause(Duration::ZERO)).await?;
                continue;
            }
            Ok(how) => break how,
            Err(failure) => failure,
        };
        let waited = tools.clock.elapsed().saturating_sub(start);
        throttled = if failure.kind() == Some(Kind::Throttled) { throttled + 1 } else { 0 };
        if !failure.passes() || waited > insist.limit(&failure, planned.action.is_slow()) {
            return Err(Stop::Failed(failure));
        }
        let said = failure.to_string();
        tools.guide.show(&Happening::Cleaning(&Progress::Waiting(resource, &said, waited)));
        tools.sleep(pause_after_failures(waited, throttled)).await?;
        not_taken_over(tools).await?;
    };
    if planned.action.is_slow() && how == Undone::Deleted {
        wait_until_gone(tools, resource, &id).await?;
    }
    Ok(how)
}

/// Ends with [`Stop::Interrupted`] where the session is somebody else's by now. A lease that cannot be read does not keep anything
/// from going.
pub(crate) async fn not_taken_over(tools: &Tools) -> Result<(), Stop> {
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
        tools.sleep(pause(waited)).await?;
    }
}
