//! Rebuilding a session that has no journal here: from its passport, its tags and its names.

use crate::answers::{BadAnswer, Origin};
use crate::cloud::{Found, Place, Remote};
use crate::failure::{Failure, Kind};
use crate::foreseen::plan_with_gaps;
use crate::note::{read_results, results_path};
use crate::parameter::convention::hours_to_live;
use crate::recipe::{Recipe, Step};
use crate::record::{Opening, Record};
use crate::stop::Stop;
use crate::tags;
use crate::tools::Tools;
use crate::transition::may_exist;
use crate::trust::{Doubt, Told, read_passport, read_signed};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::time::Duration;

/// What was found of a session.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rebuilt {
    /// Resources that are there and ours.
    pub resources: usize,
    /// Kinds of results that came back.
    pub results: Vec<String>,
    /// Whether the passport was there and signed; without it the answers are the recipe's defaults.
    pub passport: bool,
    /// Why the passport is not believed, where it is there, or why nobody can tell.
    pub doubt: Option<Doubt>,
    /// Answers of the passport that are not used, because the recipe's rules refuse them.
    pub refused: Vec<BadAnswer>,
    /// The recipe that the passport names.
    pub recipe: Option<Walked>,
    /// Looks that failed: what they were for may be there all the same. A clean-up goes on without it, since its sweep
    /// tells what is left; a walk must not, or it would make it a second time.
    pub unseen: Vec<Failure>,
}

/// The recipe that a session walks, as its passport names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Walked {
    /// Its id.
    pub id: String,
    /// What of it the session depends on, as a digest.
    pub hash: Option<String>,
    /// Its directory on the machine where the session was begun.
    pub dir: Option<String>,
}

/// Writes the journal of a session that exists in the account only. The session must be new and empty here.
/// `sandbox` says whether the place is this machine's embedded one; `remote` is what its tags told, where anything tagged
/// was found. `dir` is the recipe's directory, where it is not the embedded one.
pub async fn rebuild(
    tools: &Tools,
    recipe: &Recipe,
    dir: Option<&str>,
    place: &Place,
    sandbox: bool,
    remote: Option<&Remote>,
) -> Result<Rebuilt, Stop> {
    let id = tools.session.id().clone();
    let mut unseen = Vec::new();
    let (passport, doubt) = match seen(read_passport(tools).await, &mut unseen)? {
        Some(Ok(passport)) => (Some(passport), None),
        None | Some(Err(Doubt::NoNote)) => (None, None),
        Some(Err(doubt)) => (None, Some(doubt)),
    };
    // Not what a tag says: nothing is deleted on its word.
    let unwinding = passport.as_ref().is_some_and(|p| p.unwinding);
    let mut rebuilt = Rebuilt {
        passport: passport.is_some(),
        doubt,
        recipe: passport.as_ref().map(|p| Walked {
            id: p.recipe.clone(),
            hash: p.recipe_hash.clone(),
            dir: p.recipe_dir.clone(),
        }),
        ..Rebuilt::default()
    };
    let from_tags = |pick: fn(&Remote) -> &str| remote.map(pick).map(tags::clean).unwrap_or_default();
    // An expiry in the past would have it deleted with the expired ones.
    let usual = Duration::from_hours(hours_to_live(&recipe.defaults()).into());
    let expires_at = passport.as_ref().map(|p| p.expires_at).or(remote.and_then(|r| r.expires_at));
    let expires_at = expires_at.unwrap_or_else(|| tools.clock.now() + usual);
    let opening = Opening {
        sandbox,
        recipe_hash: Some(recipe.fingerprint()),
        recipe_dir: dir.map(str::to_owned),
        owner: passport.as_ref().map_or_else(|| from_tags(|r| &r.owner), |p| p.owner.clone()),
        cohort: passport.as_ref().map_or_else(|| from_tags(|r| &r.cohort), |p| p.cohort.clone()),
        rebuilt: true,
        ..Opening::new(id.clone(), place.clone(), &recipe.id, expires_at)
    };
    // When each thing was made is lost; the session's beginning is the safe end of the estimate of what it cost.
    let opened_at = passport
        .as_ref()
        .map(|p| p.opened_at)
        .or(remote.and_then(|r| r.opened_at))
        .unwrap_or_else(|| tools.clock.now());
    tools.session.record_at(opened_at, Record::Opened(Box::new(opening)))?;
    tools.session.admit(&recipe.parameters);
    let mut answers = recipe.defaults();
    for (key, value) in passport.map(|p| p.answers).unwrap_or_default() {
        rebuilt.refused.extend(answers.put(&key, &value, Origin::Note).err());
    }
    tools.session.answer(&answers)?;
    for step in &recipe.steps {
        rebuilt.resources += adopt_step(tools, step, opened_at, &mut unseen).await?;
    }
    let results = seen(read_signed(tools, &results_path(&id)).await, &mut unseen)?.and_then(Told::signed);
    for (kind, result) in results.map(|text| read_results(&text, recipe)).unwrap_or_default() {
        tools.session.record(Record::Measured { kind: kind.clone(), result })?;
        rebuilt.results.push(kind);
    }
    // What was measured is not measured again; everything else is looked at once more by the walk, also what its runs have
    // left behind: where that was may have been made anew since.
    for step in &recipe.steps {
        let measured = step.run.as_ref().filter(|run| !run.again);
        if measured.is_some_and(|run| rebuilt.results.iter().any(|r| *r == *run.command)) {
            let facts = BTreeMap::new();
            tools.session.record(Record::Verified { step: step.id.to_string(), facts })?;
        }
    }
    if unwinding {
        tools.session.record(Record::Unwinding)?;
    }
    rebuilt.unseen = unseen;
    Ok(rebuilt)
}

/// A note; one that cannot be read is as one that is not there, and remembered as unseen.
fn seen<T>(looked: Result<T, Stop>, unseen: &mut Vec<Failure>) -> Result<Option<T>, Stop> {
    match looked {
        Err(Stop::Failed(failure)) => {
            unseen.push(failure);
            Ok(None)
        }
        other => other.map(Some),
    }
}

/// Looks for everything the step makes and records what is ours, as made at `since`, or after it was last gone. Facts that
/// nobody knows any more, and answers that a shortened journal has lost, stand as a dash in the recorded requests: finding
/// and deleting go by name, tag and id. What the journal has as there is not looked at again. A look that fails is added
/// to `unseen`, and the others go on.
pub(crate) async fn adopt_step(
    tools: &Tools,
    step: &Step,
    since: Timestamp,
    unseen: &mut Vec<Failure>,
) -> Result<usize, Stop> {
    let mut scratch = tools.session.state();
    let mut adopted = 0;
    let mut index = 0;
    loop {
        let planned = plan_with_gaps(step, &mut scratch)?;
        let Some(next) = planned.get(index) else { return Ok(adopted) };
        index += 1;
        if may_exist(scratch.status(&next.name)) {
            continue;
        }
        // Where one look was waited for in vain already, the next ones are made once each.
        let look = if unseen.iter().any(Failure::passes) {
            tools.check()?;
            tools.cloud.find(next).await.map_err(Stop::Failed)
        } else {
            tools.read(|| tools.cloud.find(next)).await
        };
        let found = match look {
            Ok(found) => found,
            // A rule of a group that is not there, and the like.
            Err(Stop::Failed(f)) if matches!(f.kind(), Some(Kind::NotFound | Kind::Other)) => Found::Absent,
            Err(Stop::Failed(failure)) => {
                unseen.push(failure);
                continue;
            }
            Err(stop) => return Err(stop),
        };
        if let Found::Ours(output) = found {
            // One that was gone by our record was made after that.
            let gone = tools.session.with(|s| s.resource(&next.name).and_then(|r| r.gone_at));
            tools.session.record_at(gone.unwrap_or(since), Record::Intended(Box::new(next.clone())))?;
            tools.session.record(Record::Adopted { name: next.name.clone(), output: output.clone() })?;
            scratch.facts.set(format!("{}.id", next.name), output.id);
            // A setting comes and goes with what it belongs to.
            adopted += usize::from(!next.action.is_setting());
        }
    }
}
