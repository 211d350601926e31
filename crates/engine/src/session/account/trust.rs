//! What of a session's account may be believed. Whoever may write parameters and tags there can write anything into them;
//! a note counts only where the session's own key has signed it, and a session is only what its note and its first
//! thing, the key, say alike.

use crate::cloud::Cloud;
use crate::failure::{Failure, Kind};
use crate::id::SessionId;
use crate::key::SessionKey;
use crate::note::{Passport, key_path, passport_path};
use crate::shown::shown;
use crate::stop::Stop;
use crate::tags::{COHORT, EXPIRES_AT, OWNER, SESSION, Tags};
use crate::tools::Tools;

/// Why something in the account is not believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Doubt {
    /// Without it nobody can tell.
    #[error("its key is not there")]
    NoKey,
    /// The session's name is not made of it.
    #[error("the key there is not this session's: somebody has put another one in its place")]
    WrongKey,
    /// This caller may not read it.
    #[error("its key may not be read here ({0})")]
    Unreadable(String),
    /// There is no note.
    #[error("its note is not there")]
    NoNote,
    /// Another text, or an older one.
    #[error(
        "its note is not signed with its key as it stands there: somebody has written or put back another one"
    )]
    Unsigned,
    /// It is signed, and no note of this program's.
    #[error("its note does not say what a note says: {0}")]
    Unfit(String),
    /// Its first thing, or the journal here, says otherwise.
    #[error("its note says {what} {note}, but {who} says {other}")]
    Differs {
        /// What about.
        what: &'static str,
        /// What the note says.
        note: String,
        /// Who says otherwise.
        who: &'static str,
        /// What that says.
        other: String,
    },
}

/// A note of a session's in the account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// There is none.
    Nothing,
    /// The session has signed it.
    Signed(String),
    /// Anybody may have written it.
    Doubtful(Doubt),
}

impl Told {
    /// What the session has signed.
    pub fn signed(self) -> Option<String> {
        match self {
            Self::Signed(text) => Some(text),
            Self::Nothing | Self::Doubtful(_) => None,
        }
    }
}

/// Looks for the session's key in the account. A failure that passes by itself is one; that the key may not be read is a
/// doubt.
async fn account_key(cloud: &dyn Cloud, id: &SessionId) -> Result<Result<SessionKey, Doubt>, Failure> {
    let text = match cloud.secret(&key_path(id)).await {
        Ok(Some(text)) => text,
        Ok(None) => return Ok(Err(Doubt::NoKey)),
        Err(failure) if failure.kind() == Some(Kind::Denied) => {
            return Ok(Err(Doubt::Unreadable(failure.to_string())));
        }
        Err(failure) => return Err(failure),
    };
    Ok(SessionKey::read(&text).filter(|key| key.session() == *id).ok_or(Doubt::WrongKey))
}

/// Fetches the session's key where this machine does not keep it, and keeps it from then on.
pub(crate) async fn fetch_key(tools: &Tools) -> Result<Result<SessionKey, Doubt>, Stop> {
    if let Some(kept) = tools.session.with(|s| s.key.clone()) {
        return Ok(Ok(kept.key));
    }
    let found = tools.read(|| account_key(&*tools.cloud, tools.session.id())).await?;
    if let Ok(key) = &found {
        // A directory that cannot be written is told by the journal's next record.
        let _ = tools.session.keep_key(key.clone());
    }
    Ok(found)
}

/// Reads one of the session's own notes.
pub(crate) async fn read_signed(tools: &Tools, path: &str) -> Result<Told, Stop> {
    let Some(note) = tools.read(|| tools.cloud.read_note(path)).await? else { return Ok(Told::Nothing) };
    Ok(match fetch_key(tools).await? {
        Ok(key) => match key.signed(path, &note) {
            Some(text) => Told::Signed(text.to_owned()),
            None => Told::Doubtful(Doubt::Unsigned),
        },
        Err(doubt) => Told::Doubtful(doubt),
    })
}

/// How often a note is signed anew because somebody else wrote in between, or an answer was lost.
const TRIES: usize = 3;

/// Writes one of the session's own notes, signed as the version that it becomes: an older text that somebody puts back
/// has another one.
pub(crate) async fn write_signed(tools: &Tools, path: &str, text: &str) -> Result<(), Stop> {
    let Some(kept) = tools.session.with(|s| s.key.clone()) else { return Ok(()) };
    for _ in 0..TRIES {
        let there = tools.read(|| tools.cloud.read_note(path)).await?;
        let next = there.map_or(0, |note| note.version).saturating_add(1);
        let signed = kept.key.sign(path, next, text);
        if tools.read(|| tools.cloud.write_note(path, &signed, None)).await? == Some(next) {
            break;
        }
    }
    Ok(())
}

/// The session's passport, as its key has signed it.
pub(crate) async fn read_passport(tools: &Tools) -> Result<Result<Passport, Doubt>, Stop> {
    Ok(match read_signed(tools, &passport_path(tools.session.id())).await? {
        Told::Nothing => Err(Doubt::NoNote),
        Told::Signed(text) => Passport::read(&text).map_err(Doubt::Unfit),
        Told::Doubtful(doubt) => Err(doubt),
    })
}

/// Proves what a session is that this machine has no journal of, before it is deleted unasked: its note, signed with the
/// key that its name is made of, and the tags of that key, the first thing that it made, say the same. What anything else
/// is tagged with has no say.
pub async fn prove(cloud: &dyn Cloud, id: &SessionId) -> Result<Result<Passport, Doubt>, Failure> {
    let key = match account_key(cloud, id).await? {
        Ok(key) => key,
        Err(doubt) => return Ok(Err(doubt)),
    };
    let path = passport_path(id);
    let Some(note) = cloud.read_note(&path).await? else { return Ok(Err(Doubt::NoNote)) };
    let Some(text) = key.signed(&path, &note) else { return Ok(Err(Doubt::Unsigned)) };
    let passport = match Passport::read(text) {
        Ok(passport) => passport,
        Err(why) => return Ok(Err(Doubt::Unfit(why))),
    };
    let Some(tags) = cloud.note_tags(&key_path(id)).await? else { return Ok(Err(Doubt::NoKey)) };
    let said = Tags {
        session: id.clone(),
        step: String::new(),
        owner: passport.owner.clone(),
        cohort: passport.cohort.clone(),
        expires_at: passport.expires_at,
    };
    let said = said.pairs();
    for (what, key) in [("session", SESSION), ("owner", OWNER), ("class", COHORT), ("expiry", EXPIRES_AT)] {
        let note = said.iter().find(|(name, _)| *name == key).map_or("", |(_, value)| value.as_str());
        let other = tags.get(key).map_or("", String::as_str);
        if note != other {
            let who = "the tag of its key, the first thing that it made,";
            return Ok(Err(Doubt::Differs { what, note: shown(note), who, other: shown(other) }));
        }
    }
    Ok(Ok(passport))
}
