//! The one pure transition function of an action's life, used live before each append and again in replay.

use serde::{Deserialize, Serialize};

/// Where an action stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Never begun.
    Untouched,
    /// A create may be under way, or was when we died.
    Intended,
    /// There, and ours.
    Present,
    /// The service refused to make it.
    Refused,
    /// Perhaps there.
    Unclear,
    /// A deletion may be under way.
    Undoing,
    /// The deletion failed.
    UndoFailed,
    /// Gone, or never ours.
    Gone,
}

/// What can happen to an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Event {
    /// `Intended` was recorded.
    Intend,
    /// `Created` or `Adopted`.
    Arrive,
    /// `Refused`.
    Refuse,
    /// `Unclear`.
    Blur,
    /// `UndoStarted`.
    StartUndo,
    /// `UndoFailed`.
    FailUndo,
    /// `UndoFinished`.
    FinishUndo,
}

impl Event {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Intend,
        Self::Arrive,
        Self::Refuse,
        Self::Blur,
        Self::StartUndo,
        Self::FailUndo,
        Self::FinishUndo,
    ];
}

/// A record that cannot follow what came before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{event:?} cannot follow {status:?}")]
pub struct Illegal {
    /// Where the action stood.
    pub status: Status,
    /// What was said to happen.
    pub event: Event,
}

/// The next status, or why there is none.
pub fn next(status: Status, event: Event) -> Result<Status, Illegal> {
    use {Event as E, Status as S};
    Ok(match (status, event) {
        // A second intention follows a look that found nothing, or a refusal that was mended.
        (S::Untouched | S::Intended | S::Refused | S::Unclear | S::Gone, E::Intend) => S::Intended,
        (S::Intended | S::Unclear, E::Arrive) => S::Present,
        (S::Intended | S::Unclear, E::Refuse) => S::Refused,
        (S::Intended | S::Unclear, E::Blur) => S::Unclear,
        // A refused create is undone too when somebody wants to be sure: the answer is AlreadyGone.
        (S::Intended | S::Present | S::Refused | S::Unclear | S::Undoing | S::UndoFailed, E::StartUndo) => {
            S::Undoing
        }
        (S::Undoing, E::FailUndo) => S::UndoFailed,
        (S::Undoing, E::FinishUndo) => S::Gone,
        _ => return Err(Illegal { status, event }),
    })
}

/// Whether something of it may exist in the account.
pub fn may_exist(status: Status) -> bool {
    matches!(
        status,
        Status::Intended | Status::Present | Status::Unclear | Status::Undoing | Status::UndoFailed
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATUSES: [Status; 8] = [
        Status::Untouched,
        Status::Intended,
        Status::Present,
        Status::Refused,
        Status::Unclear,
        Status::Undoing,
        Status::UndoFailed,
        Status::Gone,
    ];

    #[test]
    fn nothing_that_may_exist_is_forgotten_without_an_undo() {
        for status in STATUSES {
            for event in Event::ALL {
                let Ok(after) = next(status, event) else { continue };
                let lost = may_exist(status) && !may_exist(after);
                // Only a definite refusal or a finished undo may take a thing off the list.
                assert!(
                    !lost || matches!(event, Event::Refuse | Event::FinishUndo),
                    "{status:?} {event:?} {after:?}"
                );
            }
        }
    }

    #[test]
    fn a_thing_that_is_there_is_never_made_again() {
        for status in [Status::Present, Status::Undoing, Status::UndoFailed] {
            assert!(next(status, Event::Intend).is_err(), "{status:?}");
        }
    }

    #[test]
    fn every_status_but_the_first_can_be_reached_and_left() {
        for status in STATUSES {
            assert!(Event::ALL.iter().any(|e| next(status, *e).is_ok()), "{status:?} is a dead end");
        }
    }
}
