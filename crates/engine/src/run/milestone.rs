//! Where the account shows how far a session is, for a trainer's board.

use crate::action::Action;
use crate::note::{lease_path, passport_path};
use crate::resource::Resource;
use crate::state::State;
use crate::transition::Status;

/// What carries the progress: the first security group, or what there is of the session before it.
pub(crate) fn milestone(state: &State) -> Option<String> {
    let group =
        |r: &&Resource| r.status == Status::Present && matches!(r.planned.action, Action::SecurityGroup(_));
    if let Some(output) = state.resources.iter().find(group).and_then(|r| r.output.as_ref()) {
        return Some(output.id.clone());
    }
    let (_, opening) = state.opening.as_ref()?;
    let passport = state.resource("passport").is_some_and(|r| r.status == Status::Present);
    Some(if passport { passport_path(&opening.session) } else { lease_path(&opening.session) })
}
