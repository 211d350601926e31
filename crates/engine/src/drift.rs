//! Drift: what the journal says is there, held against the cloud.

use crate::cloud::{Found, Stage, Undone};
use crate::failure::Kind;
use crate::perform::{Stop, Tools};
use crate::recipe::Recipe;
use crate::record::Record;
use crate::state::Resource;
use crate::transition::Status;
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
    /// It is there and will not work again; why.
    Broken(String),
}

/// One difference.
#[derive(Debug, Clone)]
pub struct Drift {
    /// As the journal has it.
    pub resource: Resource,
    /// How it differs.
    pub change: Change,
}

/// Looks where each of these stands, several at a time, and answers in their order.
pub async fn look_at(tools: &Tools, resources: Vec<Resource>) -> Result<Vec<(Resource, Found)>, Stop> {
    let mut set = JoinSet::new();
    for (index, resource) in resources.into_iter().enumerate() {
        let tools = tools.clone();
        set.spawn(async move {
            let found = find(&tools, &resource).await;
            (index, found.map(|found| (resource, found)))
        });
    }
    let mut all = Vec::new();
    while let Some(joined) = set.join_next().await {
        match joined {
            Ok((index, found)) => all.push((index, found?)),
            Err(panic) => std::panic::resume_unwind(panic.into_panic()),
        }
    }
    all.sort_by_key(|(index, _)| *index);
    Ok(all.into_iter().map(|(_, found)| found).collect())
}

async fn find(tools: &Tools, resource: &Resource) -> Result<Found, Stop> {
    match tools.read(|| tools.cloud.find(&resource.planned)).await {
        // What it belongs to is gone, so it is gone as well.
        Err(Stop::Failed(f)) if f.kind() == Some(Kind::NotFound) => Ok(Found::Absent),
        other => other,
    }
}

/// Looks at every resource that the journal says is there. Reads only, several at a time.
pub async fn drift(tools: &Tools) -> Result<Vec<Drift>, Stop> {
    let present = tools
        .session
        .with(|s| s.resources.iter().filter(|r| r.status == Status::Present).cloned().collect::<Vec<_>>());
    let mut drifts = Vec::new();
    for (resource, found) in look_at(tools, present).await? {
        drifts.extend(differs(tools, resource, found).await?);
    }
    Ok(drifts)
}

async fn differs(tools: &Tools, resource: Resource, found: Found) -> Result<Option<Drift>, Stop> {
    let recorded = resource.output.as_ref().map(|o| o.id.clone()).unwrap_or_default();
    let change = match found {
        Found::Absent => Change::Gone,
        Found::Foreign(whose) => Change::Foreign(whose),
        Found::Ours(output) if output.id != recorded => Change::Replaced(output.id),
        Found::Ours(_) if resource.planned.action.is_slow() => {
            match tools.read(|| tools.cloud.probe(&resource.planned, &recorded)).await?.stage {
                Stage::Failed(why) => Change::Broken(why),
                Stage::Gone => Change::Gone,
                Stage::Pending | Stage::Ready => return Ok(None),
            }
        }
        Found::Ours(_) => return Ok(None),
    };
    Ok(Some(Drift { resource, change }))
}

/// Records what drifted, so that the walk makes it again: the resource is gone, and its step and all that need it are open.
/// A broken one is deleted first. Something foreign is left alone and is an error.
pub async fn repair(tools: &Tools, recipe: &Recipe, drifts: &[Drift]) -> Result<(), Stop> {
    for drift in drifts {
        let (planned, what) = (&drift.resource.planned, drift.resource.planned.action.describe());
        match &drift.change {
            Change::Foreign(whose) => return Err(Stop::Foreign { what, whose: whose.clone() }),
            Change::Broken(_) | Change::Replaced(_) => {
                if !crate::cleanup::undo(tools, &drift.resource, crate::cleanup::IN_USE).await? {
                    return Err(Stop::Broken { what, why: "it could not be deleted".into() });
                }
            }
            Change::Gone => {
                let name = planned.name.clone();
                tools.session.record(Record::UndoStarted { name: name.clone() })?;
                tools.session.record(Record::UndoFinished { name, how: Undone::AlreadyGone })?;
            }
        }
        for step in dependents(recipe, &planned.tags.step) {
            if tools.session.with(|s| s.verified.contains_key(&step)) {
                tools.session.record(Record::Reopened { step })?;
            }
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
            open.insert(s.id.clone());
        }
    }
    recipe.steps.iter().map(|s| s.id.clone()).filter(|id| open.contains(id)).collect()
}
