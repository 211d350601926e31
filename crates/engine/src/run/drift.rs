//! Drift: what the journal says is there, held against the cloud.

use crate::action::Planned;
use crate::cloud::{Found, Stage, Undone};
use crate::difference::Difference;
use crate::failure::{Failure, Kind};
use crate::kind::{Nature, SecretUse};
use crate::lab::SPARE;
use crate::recipe::Recipe;
use crate::record::Record;
use crate::state::Resource;
use crate::stop::Stop;
use crate::take_away::{APPEARING, Insist, undo};
use crate::tools::{SETTLING, Tools};
use crate::transition::{Status, may_exist};
use crate::wait::slow_pause;
use std::collections::BTreeSet;
use tokio::task::JoinSet;

/// How a resource differs from the record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// It is not there any more, or not as it was made.
    Gone,
    /// Something else of that name is there, without our tag; whose it is.
    Foreign(String),
    /// It is there under another id.
    Replaced(String),
    /// It is there and will not work again, or its deletion was begun; why.
    Broken(String),
    /// It is there, and the password that opens it is gone; which one. Whoever may delete parameters can bring that about.
    LockedOut(String),
    /// It is there, and somebody has changed it in a way that matters.
    Altered(Vec<Difference>),
    /// A lab made it beside the walk, or a lesson set it, and died before it took it away.
    Stray,
}

impl Drift {
    /// The resource in which a lesson's setting was left.
    fn lesson_in(&self) -> Option<&str> {
        match self.resource.planned.action.properties().nature {
            Nature::TemporarySetting(group) if self.change == Change::Stray => Some(group),
            Nature::TemporarySetting(_) | Nature::Own | Nature::Part(_) | Nature::Setting(_) => None,
        }
    }

    /// Whether [`repair`] puts it right. What somebody has changed is not deleted for that, data and all: only what is
    /// made anew in a moment and holds nothing is.
    pub fn is_mended(&self) -> bool {
        match &self.change {
            Change::Gone | Change::Replaced(_) | Change::Broken(_) | Change::LockedOut(_) | Change::Stray => {
                true
            }
            Change::Foreign(_) => false,
            Change::Altered(_) => match self.resource.planned.action.properties().nature {
                Nature::Part(_) | Nature::Setting(_) => true,
                Nature::Own | Nature::TemporarySetting(_) => false,
            },
        }
    }
    /// Whether it is mended also where nobody is asked: nothing is deleted because somebody has deleted something else.
    pub fn is_mended_unasked(&self) -> bool {
        self.is_mended() && !matches!(self.change, Change::LockedOut(_))
    }
}

/// One difference.
#[derive(Debug, Clone)]
pub struct Drift {
    /// As the journal has it.
    pub resource: Resource,
    /// How it differs.
    pub change: Change,
}

/// Does the same with each of these, several at a time, and answers in their order.
async fn each<T, F>(resources: Vec<Resource>, look: impl Fn(Resource) -> F) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let mut set = JoinSet::new();
    for (index, resource) in resources.into_iter().enumerate() {
        let looked = look(resource);
        set.spawn(async move { (index, looked.await) });
    }
    let mut all = Vec::new();
    while let Some(joined) = set.join_next().await {
        match joined {
            Ok(one) => all.push(one),
            Err(panic) => std::panic::resume_unwind(panic.into_panic()),
        }
    }
    all.sort_by_key(|(index, _)| *index);
    all.into_iter().map(|(_, found)| found).collect()
}

/// Looks where each of these stands, several at a time, and answers in their order. A look that fails is told, and the
/// others are made all the same.
pub async fn look_at(
    tools: &Tools,
    resources: Vec<Resource>,
) -> Result<Vec<(Resource, Result<Found, Failure>)>, Stop> {
    let looked = each(resources, |resource| {
        let tools = tools.clone();
        async move {
            match find_young(&tools, &resource).await {
                Ok(found) => Ok((resource, Ok(found))),
                Err(Stop::Failed(failure)) => Ok((resource, Err(failure))),
                Err(stop) => Err(stop),
            }
        }
    });
    looked.await.into_iter().collect()
}

async fn find(tools: &Tools, resource: &Resource) -> Result<Found, Stop> {
    match tools.read(|| tools.cloud.find(&resource.planned)).await {
        // What it belongs to is gone, so it is gone as well.
        Err(Stop::Failed(f)) if f.kind() == Some(Kind::NotFound) => Ok(Found::Absent),
        other => other,
    }
}

/// The same, but what was made a moment ago and does not show is looked for again: it would be made a second time.
async fn find_young(tools: &Tools, resource: &Resource) -> Result<Found, Stop> {
    let age = tools.clock.now().duration_since(resource.since).unsigned_abs();
    let is_young = resource.status == Status::Present && age < SETTLING;
    let start = tools.clock.elapsed();
    loop {
        let found = find(tools, resource).await?;
        let waited = tools.clock.elapsed().saturating_sub(start);
        if found != Found::Absent || !is_young || waited >= APPEARING {
            return Ok(found);
        }
        tools.sleep(slow_pause(waited)).await?;
    }
}

/// Whether a lab or a lesson makes it beside the walk, for as long as it takes.
fn is_beside(planned: &Planned) -> bool {
    let temporary = matches!(planned.action.properties().nature, Nature::TemporarySetting(_));
    temporary || planned.name == SPARE
}

/// Looks at every resource that the journal says is there, or on its way out: a repair may have died in the middle of a
/// deletion. What a lab or a lesson may have made beside the walk is looked for as well. Reads only, several at a time.
pub async fn drift(tools: &Tools) -> Result<Vec<Drift>, Stop> {
    let stray = |r: &Resource| is_beside(&r.planned) && may_exist(r.status);
    let meant = |r: &&Resource| {
        matches!(r.status, Status::Present | Status::Undoing | Status::UndoFailed) || stray(r)
    };
    let recorded = tools.session.with(|s| s.resources.iter().filter(meant).cloned().collect::<Vec<_>>());
    let looked = each(recorded, |resource| {
        let (tools, stray) = (tools.clone(), stray(&resource));
        async move {
            match find_young(&tools, &resource).await? {
                Found::Ours(_) if stray => Ok(Some(Drift { resource, change: Change::Stray })),
                // Meant to be made, and never was.
                Found::Absent if matches!(resource.status, Status::Intended | Status::Unclear) => Ok(None),
                found => differs(&tools, resource, found).await,
            }
        }
    });
    let looked: Result<Vec<_>, Stop> = looked.await.into_iter().collect();
    let mut drifts: Vec<Drift> = looked?.into_iter().flatten().collect();
    drifts.extend(locked_out(tools, &drifts));
    // Putting back what a lesson set mends the setting that it took the place of: nothing that needs it is done again.
    let groups: Vec<String> = drifts.iter().filter_map(Drift::lesson_in).map(str::to_owned).collect();
    drifts.retain(|drift| match drift.resource.planned.action.properties().nature {
        Nature::Setting(group) => !groups.iter().any(|g| g == group),
        Nature::Own | Nature::Part(_) | Nature::TemporarySetting(_) => true,
    });
    Ok(drifts)
}

/// What is there and has lost its password: another one would be made, which it would not take.
fn locked_out(tools: &Tools, drifts: &[Drift]) -> Vec<Drift> {
    let has_drifted = |r: &Resource| drifts.iter().any(|d| d.resource.planned.name == r.planned.name);
    tools.session.with(|s| {
        let kept = |path: &str| {
            s.remaining()
                .any(|r| r.planned.action.properties().secret == SecretUse::Keeps(path) && !has_drifted(r))
        };
        let there = s.remaining().filter(|r| r.status == Status::Present && !has_drifted(r));
        there
            .filter_map(|r| {
                let path = r.planned.action.password()?;
                let change = || Change::LockedOut(path.to_owned());
                (!kept(path)).then(|| Drift { resource: r.clone(), change: change() })
            })
            .collect()
    })
}

async fn differs(tools: &Tools, resource: Resource, found: Found) -> Result<Option<Drift>, Stop> {
    let recorded = resource.output.as_ref().map(|o| o.id.clone()).unwrap_or_default();
    let change = match found {
        Found::Absent => Change::Gone,
        Found::Foreign(whose) => Change::Foreign(whose),
        Found::Ours(_) if resource.status != Status::Present => {
            Change::Broken("its deletion was begun and not finished".into())
        }
        Found::Ours(output) if output.id != recorded => Change::Replaced(output.id),
        Found::Ours(_) => match still_good(tools, &resource, &recorded).await? {
            Some(change) => change,
            None => return Ok(None),
        },
    };
    Ok(Some(Drift { resource, change }))
}

/// What is there and ours: whether it works, and whether it is as it was made.
async fn still_good(tools: &Tools, resource: &Resource, id: &str) -> Result<Option<Change>, Stop> {
    let planned = &resource.planned;
    if planned.action.is_slow() {
        match tools.read(|| tools.cloud.probe(planned, id)).await?.stage {
            Stage::Failed(why) => return Ok(Some(Change::Broken(why))),
            Stage::Gone => return Ok(Some(Change::Gone)),
            Stage::Pending | Stage::Ready => {}
        }
    }
    let mut differences = match tools.read(|| tools.cloud.differences(planned)).await {
        // It went between the two looks; whatever needs it will tell.
        Err(Stop::Failed(f)) if f.kind() == Some(Kind::NotFound) => return Ok(None),
        other => other?,
    };
    differences.retain(Difference::blocks);
    Ok((!differences.is_empty()).then_some(Change::Altered(differences)))
}

/// Records what drifted, so that the walk makes it again: the resource is gone, and its step and all that need it are open.
/// A broken one is deleted first. Something foreign is left alone and is an error; what was altered and cannot be mended
/// here stays as it is.
pub async fn repair(tools: &Tools, recipe: &Recipe, drifts: &[Drift]) -> Result<(), Stop> {
    for drift in drifts {
        if let Change::Foreign(whose) = &drift.change {
            let what = drift.resource.planned.action.describe();
            return Err(Stop::Foreign { what, whose: whose.clone() });
        }
    }
    let mended: Vec<&Drift> = drifts.iter().filter(|d| d.is_mended()).collect();
    // Before anything is deleted: whoever dies on the way finds steps to go through again, never steps that are done
    // without what they made.
    // No step makes what was made beside the walk.
    let needed = mended.iter().map(|d| &d.resource.planned).filter(|p| !is_beside(p));
    let open: BTreeSet<String> = needed.flat_map(|p| dependents(recipe, &p.tags.step)).collect();
    for step in &recipe.steps {
        if open.contains(step.id.as_str())
            && tools.session.with(|s| s.verified.contains_key(step.id.as_str()))
        {
            tools.session.record(Record::Reopened { step: step.id.to_string() })?;
        }
    }
    for drift in mended {
        if drift.change == Change::Gone {
            let name = drift.resource.planned.name.clone();
            tools.session.record(Record::UndoStarted { name: name.clone() })?;
            tools.session.record(Record::UndoFinished { name, how: Undone::AlreadyGone })?;
        } else {
            // What is in the way of making it anew.
            undo(tools, &drift.resource, Insist::Always).await?;
        }
        if let Change::Replaced(_) = drift.change {
            // The other one is ours too: a third would be made beside it.
            let planned = &drift.resource.planned;
            tools.session.record(Record::Intended(Box::new(planned.clone())))?;
            tools.look(planned).await?;
        }
    }
    Ok(())
}

/// The step and every step that needs it, directly or not.
fn dependents(recipe: &Recipe, step: &str) -> Vec<String> {
    let mut open = BTreeSet::from([step.to_owned()]);
    // Steps stand after what they need, so one pass is enough.
    for s in &recipe.steps {
        if s.needs.iter().any(|n| open.contains(n)) {
            open.insert(s.id.to_string());
        }
    }
    recipe.steps.iter().map(|s| s.id.to_string()).filter(|id| open.contains(id)).collect()
}
