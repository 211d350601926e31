//! Which session is meant.

use crate::error::{CommandError, Kind};
use crate::paths::Paths;
use recipe_walk_engine::did_you_mean::closest;
use recipe_walk_engine::id::SessionId;
use recipe_walk_engine::journal::JournalError;
use recipe_walk_engine::session::{self, Listed};
use recipe_walk_engine::state::State;
use recipe_walk_engine::typed;

/// What this machine knows of a session.
#[derive(Debug)]
pub(crate) enum Local {
    /// A journal that can be read.
    Sound(Box<State>),
    /// A journal without a record.
    Empty,
    /// A journal that cannot be read.
    Damaged(JournalError),
    /// Nothing.
    Absent,
}

impl Local {
    /// What a listing says of a session.
    pub(crate) fn new(state: Result<State, JournalError>) -> Self {
        match state {
            Ok(state) if state.opening.is_none() => Self::Empty,
            Ok(state) => Self::Sound(Box::new(state)),
            Err(error) => Self::Damaged(error),
        }
    }
}

/// The session of that name, whether this machine knows it or not; without a name: the only unfinished one.
pub(crate) fn meant(
    paths: &Paths,
    name: Option<&str>,
    command: &str,
) -> Result<(SessionId, Local), CommandError> {
    if let Some(name) = name {
        // Its journal alone is read: the others may be long, and are nobody's business now.
        let id = parse(name)?;
        let known = session::known(&paths.sessions(), &id);
        return Ok((id, known.map_or(Local::Absent, Local::new)));
    }
    let mut all = session::list(&paths.sessions())?;
    let id = pick(&all, command)?;
    let found = all.iter().position(|(known, _)| *known == id).map(|index| all.swap_remove(index).1);
    Ok((id, found.map_or(Local::Absent, Local::new)))
}

fn parse(name: &str) -> Result<SessionId, CommandError> {
    name.parse()
        .map_err(|error| CommandError::new(Kind::Usage, format!("{error}")).next("recipe-walk sessions"))
}

/// The session of that name on this machine; without a name: the only unfinished one.
pub(crate) fn session(paths: &Paths, name: Option<&str>, command: &str) -> Result<SessionId, CommandError> {
    match name {
        Some(name) => known(paths, name, command).map(|(id, _)| id),
        None => pick(&session::list(&paths.sessions())?, command),
    }
}

/// The session to look at, with its state: that of the name; without one the only unfinished one, else the newest.
pub(crate) fn shown(paths: &Paths, name: Option<&str>, command: &str) -> Result<Listed, CommandError> {
    if let Some(name) = name {
        return known(paths, name, command);
    }
    let mut all = session::list(&paths.sessions())?;
    match pick(&all, command) {
        Ok(id) => all.retain(|(known, _)| *known == id),
        Err(error) => {
            let closed = |(_, state): &Listed| state.as_ref().is_ok_and(|s| s.closed.is_some());
            if !all.last().is_some_and(closed) {
                return Err(error);
            }
        }
    }
    all.pop().ok_or_else(|| CommandError::new(Kind::Unexpected, "the session is not there any more"))
}

/// The session of that name, with its state. Its journal alone is read: the others may be long.
fn known(paths: &Paths, name: &str, command: &str) -> Result<Listed, CommandError> {
    let id = parse(name)?;
    match session::known(&paths.sessions(), &id) {
        Some(state) => Ok((id, state)),
        None => Err(unknown(&id, &session::list(&paths.sessions())?, command)),
    }
}

fn unknown(id: &SessionId, all: &[Listed], command: &str) -> CommandError {
    let error = CommandError::new(Kind::Usage, format!("there is no session {id} on this machine"));
    match closest(id.as_str(), all.iter().map(|(known, _)| known.as_str())) {
        Some(meant) => error
            .means(format!("Did you mean {meant}?"))
            .next(typed!("recipe-walk {} {}", command, meant))
            .next("recipe-walk sessions"),
        None => error.next("recipe-walk sessions").next("recipe-walk sessions --remote --aws"),
    }
}

/// The only unfinished one.
fn pick(all: &[Listed], command: &str) -> Result<SessionId, CommandError> {
    let open: Vec<&Listed> =
        all.iter().filter(|(_, state)| state.as_ref().map_or(true, |s| s.closed.is_none())).collect();
    match open[..] {
        [(id, _)] => Ok(id.clone()),
        [] => Err(CommandError::new(Kind::Usage, "there is no unfinished session on this machine")
            .next("recipe-walk --sandbox")
            .next("recipe-walk sessions")),
        _ => {
            let mut error = CommandError::new(Kind::Usage, "there are several unfinished sessions: name one");
            for (id, state) in &open {
                error = error.means(format!("{id}: {}", line(state.as_ref().ok())));
            }
            for (id, _) in open.iter().rev().take(3) {
                error = error.next(typed!("recipe-walk {} {}", command, id));
            }
            Err(error)
        }
    }
}

fn line(state: Option<&State>) -> String {
    let Some(state) = state else { return "its journal is damaged".to_owned() };
    let Some((at, opening)) = &state.opening else { return "stopped before it began".to_owned() };
    let place = if opening.sandbox { "sandbox".to_owned() } else { opening.place.region.clone() };
    let age = crate::ui::text::since(*at, jiff::Timestamp::now());
    format!("{place}, {} things there, {age} old", state.remaining().count())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(byte: u8, closed: bool) -> Listed {
        let state = State { closed: closed.then_some(jiff::Timestamp::UNIX_EPOCH), ..State::default() };
        (SessionId::from_bytes([byte; 8]), Ok(state))
    }

    #[test]
    fn only_one_unfinished_session_needs_no_name() {
        let one = [listed(1, true), listed(2, false)];
        assert_eq!(pick(&one, "resume").expect("found"), one[1].0);
        assert!(pick(&[listed(1, true)], "resume").is_err());
        let two = [listed(1, false), listed(2, false)];
        let error = pick(&two, "resume").expect_err("ambiguous");
        assert_eq!((error.kind, error.meaning.len(), error.next.len()), (Kind::Usage, 2, 2));
    }

    #[test]
    fn a_name_must_be_one_and_a_slip_is_seen() {
        let all = [listed(1, true)];
        let name = all[0].0.as_str();
        let slip = parse(&format!("{}x", &name[..name.len() - 1])).expect("a name");
        assert_eq!(unknown(&slip, &all, "status").next[0], typed!("recipe-walk status {}", name));
        assert_eq!(unknown(&slip, &[], "status").next[0], "recipe-walk sessions".into());
        for bad in ["../..", "rw-", "rw-../../x", ""] {
            assert_eq!(parse(bad).expect_err(bad).kind, Kind::Usage);
        }
    }
}
