//! What became of a session elsewhere, while this machine's journal lay still.

use crate::cloud::Found;
use crate::drift::look_at;
use crate::note::{Passport, passport_path};
use crate::stop::Stop;
use crate::tools::Tools;
use crate::transition::Status;
use crate::trust::{Doubt, read_passport, write_signed};

/// What another machine has done with the session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RemoteState {
    /// Nothing that ends it.
    Nothing,
    /// It has begun to clean up, and has signed that with the session's key.
    CleaningUp,
    /// It has cleaned up: neither the passport nor what is billed is there any more.
    CleanedUp,
    /// The passport is not to be believed, or says something else than the journal: the journal counts.
    Doubtful(Doubt),
}

/// Looks at the passport, which a clean-up marks first and deletes last. What a session has before it is of no use here:
/// where the journal knows of a clean-up, or has no passport on record, nothing is asked.
pub async fn remote_state(tools: &Tools) -> Result<RemoteState, Stop> {
    let asks = tools.session.with(|s| s.unwinding.is_none() && s.status("passport") == Status::Present);
    if !asks {
        return Ok(RemoteState::Nothing);
    }
    match read_passport(tools).await? {
        Ok(told) => {
            let differs = own_passport(tools).and_then(|own| difference(&told, &own));
            return Ok(match differs {
                Some(doubt) => RemoteState::Doubtful(doubt),
                None if told.unwinding => RemoteState::CleaningUp,
                None => RemoteState::Nothing,
            });
        }
        Err(Doubt::NoNote) => {}
        Err(doubt) => return Ok(RemoteState::Doubtful(doubt)),
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

/// The passport by this machine's journal.
pub(crate) fn own_passport(tools: &Tools) -> Option<Passport> {
    let of = |state: &crate::state::State| {
        let (at, opening) = state.opening.as_ref()?;
        let unwinding = state.unwinding.is_some();
        Some(Passport { unwinding, ..Passport::of(*at, opening, &state.answers) })
    };
    tools.session.with(of)
}

/// Puts this machine's passport in the place of one that is not to be believed.
pub async fn put_back_passport(tools: &Tools) -> Result<(), Stop> {
    tools.still_ours().await?;
    let Some(own) = own_passport(tools) else { return Ok(()) };
    let text = serde_json::to_string(&own).unwrap_or_default();
    write_signed(tools, &passport_path(tools.session.id()), &text).await
}

/// What a passport says otherwise than the journal's. Answers are not compared: a person may change some on the way.
fn difference(note: &Passport, own: &Passport) -> Option<Doubt> {
    let fields = |p: &Passport| {
        [
            ("recipe", p.recipe.clone()),
            ("owner", p.owner.clone()),
            ("class", p.cohort.clone()),
            ("expiry", format!("{:.0}", p.expires_at)),
        ]
    };
    let pair = fields(note).into_iter().zip(fields(own)).find(|(note, own)| note != own);
    pair.map(|((what, note), (_, other))| Doubt::Differs {
        what,
        note,
        who: "the journal of this machine",
        other,
    })
}
