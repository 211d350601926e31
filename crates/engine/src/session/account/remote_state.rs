//! What became of a session elsewhere, while this machine's journal lay still.

use crate::cloud::{Found, Note};
use crate::drift::look_at;
use crate::note::{Passport, passport_path};
use crate::record::Record;
use crate::stop::Stop;
use crate::tools::Tools;
use crate::transition::Status;

/// What another machine has done with the session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RemoteState {
    /// Nothing that ends it.
    Nothing,
    /// It has begun to clean up; that is on record here from now on.
    CleaningUp,
    /// It has cleaned up: neither the passport nor what is billed is there any more.
    CleanedUp,
}

/// Looks at the passport, which a clean-up marks first and deletes last. What a session has before it is of no use here:
/// where the journal knows of a clean-up, or has no passport on record, nothing is asked.
pub async fn remote_state(tools: &Tools) -> Result<RemoteState, Stop> {
    let asks = tools.session.with(|s| s.unwinding.is_none() && s.status("passport") == Status::Present);
    if !asks {
        return Ok(RemoteState::Nothing);
    }
    let path = passport_path(tools.session.id());
    if let Some(Note { text, .. }) = tools.read(|| tools.cloud.read_note(&path)).await? {
        let passport = serde_json::from_str::<Passport>(&text);
        let unwinding = passport.is_ok_and(|p| p.unwinding);
        if unwinding {
            tools.session.record(Record::Unwinding)?;
            return Ok(RemoteState::CleaningUp);
        }
        return Ok(RemoteState::Nothing);
    }
    let recorded = tools.session.with(|s| s.remaining().cloned().collect::<Vec<_>>());
    let has_slow = recorded.iter().any(|r| r.planned.action.is_slow());
    // One parameter may have been deleted by hand; all that is billed goes with a clean-up.
    let telling = recorded.into_iter().filter(|r| !has_slow || r.planned.action.is_slow());
    for (_, found) in look_at(tools, telling.collect()).await? {
        if found.map_err(Stop::Failed)? != Found::Absent {
            return Ok(RemoteState::Nothing);
        }
    }
    Ok(RemoteState::CleanedUp)
}
