//! When what happened: steps with their times, and what happened beside them.

use crate::recipe::Recipe;
use crate::record::{Line, Record};
use crate::redact;
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;

/// Where a step stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum StepState {
    /// Done.
    Done,
    /// Left out.
    LeftOut,
    /// Not reached yet.
    Open,
}

/// One step.
#[derive(Debug, Clone, Serialize)]
pub struct StepLine {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Its phase's title.
    pub phase: String,
    /// Whether it may be left out.
    pub optional: bool,
    /// Whether it measures.
    pub measures: bool,
    /// Where it stands.
    pub state: StepState,
    /// Why it was left out.
    pub reason: Option<String>,
    /// When its work began, as far as the journal tells.
    pub began_at: Option<Timestamp>,
    /// When it was done.
    pub done_at: Option<Timestamp>,
    /// The time between, seconds.
    pub seconds: Option<f64>,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Moment {
    /// When.
    pub at: Timestamp,
    /// What, in words.
    pub what: String,
    /// Whether it was a trouble.
    pub trouble: bool,
}

/// The steps in the recipe's order; without a recipe, those that are done.
pub(super) fn steps(lines: &[Line], recipe: Option<&Recipe>) -> Vec<StepLine> {
    let mut began: BTreeMap<&str, Timestamp> = BTreeMap::new();
    let mut done: BTreeMap<&str, (Timestamp, Timestamp)> = BTreeMap::new();
    let mut skipped: BTreeMap<&str, &str> = BTreeMap::new();
    let mut before = None;
    for line in lines {
        match &line.record {
            Record::Intended(planned) => {
                began.entry(&planned.tags.step).or_insert(line.at);
            }
            Record::Skipped { step, reason } => {
                skipped.insert(step, reason);
            }
            Record::Verified { step, .. } => {
                // A step that makes nothing begins where the one before has ended.
                let start = began.get(step.as_str()).copied().or(before).unwrap_or(line.at);
                done.insert(step, (start, line.at));
                skipped.remove(step.as_str());
            }
            Record::Reopened { step } => {
                done.remove(step.as_str());
                began.remove(step.as_str());
            }
            _ => {}
        }
        // What is recorded in the middle of a step, or at its end, is no beginning of it.
        let amid = match &line.record {
            Record::Measured { .. } | Record::Took { .. } | Record::Predicted { .. } => true,
            Record::Verified { step, .. } => recipe.is_some_and(|r| !r.steps.iter().any(|s| s.id == *step)),
            _ => false,
        };
        if !amid {
            before = Some(line.at);
        }
    }
    let line = |id: &str, title: &str, phase: &str, optional: bool, measures: bool| {
        let times = done.get(id).copied();
        StepLine {
            id: id.to_owned(),
            title: title.to_owned(),
            phase: phase.to_owned(),
            optional,
            measures,
            state: match (times, skipped.contains_key(id)) {
                (Some(_), _) => StepState::Done,
                (None, true) => StepState::LeftOut,
                (None, false) => StepState::Open,
            },
            reason: skipped.get(id).map(|r| (*r).to_owned()),
            began_at: times.map(|(began, _)| began),
            done_at: times.map(|(_, done)| done),
            seconds: times.map(|(began, done)| done.duration_since(began).as_secs_f64().max(0.0)),
        }
    };
    match recipe {
        Some(recipe) => recipe
            .steps
            .iter()
            .map(|s| line(&s.id, &s.title, recipe.phase_title(&s.phase), s.optional, s.run.is_some()))
            .collect(),
        None => done.keys().map(|id| line(id, id, "", false, false)).collect(),
    }
}

/// What happened beside the steps: troubles, repairs, results, the clean-up.
pub(super) fn moments(lines: &[Line], recipe: Option<&Recipe>, account: &str) -> Vec<Moment> {
    let title = |id: &str| {
        let step = recipe.and_then(|r| r.steps.iter().find(|s| s.id == id));
        step.map_or_else(|| id.to_owned(), |s| s.title.clone())
    };
    let told = |record: &Record| -> Option<(String, bool)> {
        Some(match record {
            Record::Opened(_) => ("The session began.".into(), false),
            Record::Refused { failure, .. }
            | Record::Unclear { failure, .. }
            | Record::UndoFailed { failure, .. } => (failure.to_string(), true),
            Record::Reopened { step } => (format!("To be done again: {}.", title(step)), true),
            Record::Unwinding => ("The clean-up began.".into(), false),
            Record::Closed => ("Clean: the sweep found nothing left.".into(), false),
            _ => return None,
        })
    };
    lines
        .iter()
        .filter_map(|line| {
            let (what, trouble) = told(&line.record)?;
            Some(Moment { at: line.at, what: redact::for_others(&what, account), trouble })
        })
        .collect()
}
