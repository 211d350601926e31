//! A setting that holds for as long as a run of the demo takes.

use crate::action::Planned;
use crate::plan::{PlanError, tags};
use crate::state::State;
use crate::step::{Setting, Step};
use crate::transition::Status;

/// Its name in the journal.
pub fn name(make: &str) -> String {
    format!("temporary-{make}")
}

/// The temporary setting, where the session has made the lasting one and its values are others.
pub fn planned(setting: &Setting, step: &Step, state: &State) -> Result<Option<Planned>, PlanError> {
    let lasting = state.resource(&setting.make).filter(|r| r.status == Status::Present);
    let Some(action) = lasting.and_then(|r| r.planned.action.temporarily(&setting.values)) else {
        return Ok(None);
    };
    Ok(Some(Planned::new(name(&setting.make), action, tags(step, state)?)))
}

/// The temporary settings of a step's run.
pub fn settings(step: &Step) -> impl Iterator<Item = &Setting> {
    step.run.iter().flat_map(|run| &run.whens).filter_map(|when| when.set.as_ref())
}
