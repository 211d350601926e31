//! The engine's port to a cloud. Implemented by `crates/cloud` over the AWS SDK, and by a small fake in the engine's tests.

use crate::action::{Action, Output, Planned};
use crate::difference::Difference;
use crate::facts::Facts;
use crate::failure::Failure;
use crate::finding::{Demand, Finding, demands};
use crate::id::SessionId;
use crate::kind::{Act, Look};
pub use crate::place::Place;
use crate::price::Charge;
use crate::tags::Tags;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::pin::Pin;

/// A boxed future, so that the SDK's state machines are generated in one crate only.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
/// The answer of a call.
pub type Answer<'a, T> = BoxFuture<'a, Result<T, Failure>>;

/// The caller, for the person to confirm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Account, region, endpoint.
    pub place: Place,
    /// The caller's ARN.
    pub arn: String,
}

/// What a preflight looks at.
#[derive(Debug, Clone)]
pub struct Preflight {
    /// Who and where we are.
    pub identity: Identity,
    /// What the walk looks up, and so depends on.
    pub looks: Vec<Look>,
    /// What one walk takes of the account's quotas.
    pub demands: Vec<Demand>,
    /// The roles that the services make for themselves, each with its service, of what the walk makes.
    pub roles: Vec<(&'static str, &'static str)>,
    /// How many people will walk at once.
    pub attendees: u32,
    /// For whom everything is made, or empty.
    pub owner: String,
}

impl Preflight {
    /// Of a walk that looks all these up, and makes all these for its owner.
    pub fn new(
        identity: Identity,
        looks: Vec<Look>,
        actions: &[Action],
        attendees: u32,
        owner: String,
    ) -> Self {
        let roles = actions.iter().filter_map(|a| Some((a.arn()?.service, a.properties().service_role?)));
        let roles: BTreeSet<_> = roles.collect();
        let roles = roles.into_iter().collect();
        Self { identity, looks, demands: demands(actions), roles, attendees, owner }
    }
}

/// Where a resource stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// There is none.
    Absent,
    /// There is one, with this session's tag.
    Ours(Output),
    /// The name is taken by something without our tag; whose it is, as far as its tags tell.
    Foreign(String),
}

/// The state of a resource that takes its time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// What it means.
    pub stage: Stage,
    /// The service's own word, for people.
    pub status: String,
    /// The newest service event, where there is one.
    pub event: Option<String>,
    /// Facts that became known, folded as `<name>.<key>`.
    pub attributes: BTreeMap<String, String>,
}

/// What a resource's status means for a wait.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stage {
    /// On its way.
    Pending,
    /// Usable.
    Ready,
    /// It will never be usable, and why.
    Failed(String),
    /// It is not there (any more).
    Gone,
}

/// How an undo went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Undone {
    /// The deletion was accepted (slow ones still have to be waited for).
    Deleted,
    /// It was not there any more.
    AlreadyGone,
    /// It is there but carries somebody else's tags: left alone.
    NotOurs,
}

/// A command on the instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Not finished; its output is not visible before that.
    Running,
    /// Finished.
    Done {
        /// Exit code.
        code: i32,
        /// Standard output, at most 24,000 characters.
        stdout: String,
        /// Standard error, at most 8,000 characters.
        stderr: String,
    },
    /// It did not get to an exit code: timed out, cancelled, undeliverable.
    Lost(String),
}

/// A note (a plain parameter) as it is in the account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Its text.
    pub text: String,
    /// Counts how often it was written since it was made, from 1 on.
    pub version: i64,
}

/// Something of a session that a sweep found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Leftover {
    /// What it is, for people.
    pub kind: String,
    /// Its id or name.
    pub id: String,
    /// How it was recognised: `tag`, `name`, `token`, or [`Leftover::TAG_ALONE`].
    pub by: String,
    /// For what AWS bills, where that is known.
    #[serde(skip)]
    pub charges: Option<Vec<Charge>>,
    /// What an hour of it costs, dollars; nothing where nobody can tell.
    #[serde(default)]
    pub hourly: Option<f64>,
}

impl Leftover {
    /// It carries the session's tag, and no name of the session's: what the tag says is all that there is.
    pub const TAG_ALONE: &str = "tag alone";
}

/// A session as its tags in the account tell it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remote {
    /// The session.
    pub session: SessionId,
    /// The person, or empty.
    pub owner: String,
    /// The class, or empty.
    pub cohort: String,
    /// When everything should be gone.
    pub expires_at: Option<jiff::Timestamp>,
    /// When it was opened, where that is known.
    pub opened_at: Option<jiff::Timestamp>,
    /// Furthest step, or empty.
    pub step: String,
    /// Since when it is there.
    pub since: Option<jiff::Timestamp>,
    /// Newest error, or empty.
    pub error: String,
    /// ARNs or ids of what carries its tag.
    pub resources: Vec<String>,
    /// What its things say of class and expiry, each saying once: anybody who may tag writes there.
    pub claims: Vec<Claim>,
}

/// What a thing's tags say of the session that they name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// The thing's ARN or id.
    pub by: String,
    /// The class, or empty.
    pub cohort: String,
    /// When it should be gone.
    pub expires_at: Option<jiff::Timestamp>,
}

/// A cloud. Creation always tags; deletion checks the tag first; reads change nothing.
pub trait Cloud: Send + Sync {
    /// Who and where we are.
    fn identity(&self) -> Answer<'_, Identity>;
    /// Looks for what would stop a walk, before anything is made. A look that fails is a finding.
    fn preflight<'a>(&'a self, preflight: &'a Preflight) -> BoxFuture<'a, Vec<Finding>>;
    /// Looks something up; the facts have the look-up's own names.
    fn look<'a>(&'a self, look: &'a Look) -> Answer<'a, Facts>;
    /// Whether the thing is already there, and whether it is ours.
    fn find<'a>(&'a self, planned: &'a Planned) -> Answer<'a, Found>;
    /// How what is there differs from the plan, in what can be compared; of a rule or a setting that is not there, what is
    /// there in its place. Nothing where nothing is there.
    fn differences<'a>(&'a self, _: &'a Planned) -> Answer<'a, Vec<Difference>> {
        Box::pin(async { Ok(Vec::new()) })
    }
    /// Makes it.
    fn apply<'a>(&'a self, planned: &'a Planned) -> Answer<'a, Output>;
    /// Where it stands.
    fn probe<'a>(&'a self, planned: &'a Planned, id: &'a str) -> Answer<'a, Probe>;
    /// Deletes it, if it is ours.
    fn undo<'a>(&'a self, planned: &'a Planned, id: &'a str) -> Answer<'a, Undone>;
    /// Starts a shell script on the instance; answers with the command's id.
    fn send<'a>(&'a self, instance: &'a str, script: &'a str, timeout_seconds: u32) -> Answer<'a, String>;
    /// Looks at a command.
    fn command<'a>(&'a self, instance: &'a str, command: &'a str) -> Answer<'a, Command>;
    /// Cancels a command.
    fn cancel<'a>(&'a self, instance: &'a str, command: &'a str) -> Answer<'a, ()>;
    /// Calls for a change of something that was made.
    fn act<'a>(&'a self, act: &'a Act) -> Answer<'a, ()>;
    /// Looks for everything of the session that began at a time, by tag and by name, without using the journal.
    fn sweep<'a>(&'a self, session: &'a SessionId, since: jiff::Timestamp) -> Answer<'a, Vec<Leftover>>;
    /// Reads a note, if it is there.
    fn read_note<'a>(&'a self, path: &'a str) -> Answer<'a, Option<Note>>;
    /// Writes a note and answers its version. With tags it must be new, and nothing is the answer where it was there
    /// already; without it is overwritten.
    fn write_note<'a>(
        &'a self,
        path: &'a str,
        text: &'a str,
        new: Option<&'a Tags>,
    ) -> Answer<'a, Option<i64>>;
    /// The tags of a note, or of a secret, by its path; nothing where it is not there.
    fn note_tags<'a>(&'a self, path: &'a str) -> Answer<'a, Option<BTreeMap<String, String>>>;
    /// Reads a secret, if it is there.
    fn secret<'a>(&'a self, path: &'a str) -> Answer<'a, Option<SecretString>>;
    /// Removes a note; one that is not there is no error.
    fn remove_note<'a>(&'a self, path: &'a str) -> Answer<'a, ()>;
    /// Sets tags on an EC2 resource, or on a note by its path, for the progress that a trainer sees.
    fn mark<'a>(&'a self, id: &'a str, tags: &'a [(&'a str, String)]) -> Answer<'a, ()>;
    /// All sessions in the account and region, by their tags.
    fn sessions(&self) -> Answer<'_, Vec<Remote>>;
}
