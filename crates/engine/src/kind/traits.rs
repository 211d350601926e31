//! What the engine must know of a kind of AWS resource. No method has a default: a new kind answers every question.

use crate::action::Planned;
use crate::cli_line::Line;
use crate::place::Place;
use crate::price::Charge;
use crate::quota::Quota;

/// The stages of a clean-up in their order; what is in one stage goes in parallel. docs/aws.md, "Order of deletion".
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum UndoStage {
    /// What uses everything else.
    Users,
    /// What only those used.
    Parts,
    /// Security groups and instance profiles: what the parts referred to.
    Holders,
    /// Roles, which leave their profiles first.
    Roles,
    /// The session's own notes: with them another machine can finish a clean-up that was cut off.
    Notes,
    /// The key that vouches for the notes.
    Key,
}

/// What it is to other resources.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nature<'a> {
    /// A resource of its own.
    Own,
    /// A part of the resource of that name or id: made anew in a moment, and holds no data.
    Part(&'a str),
    /// A setting of that resource, which goes with it.
    Setting(&'a str),
    /// A setting of that resource for a while: undoing it puts back what was there before.
    TemporarySetting(&'a str),
}

/// What a resource has to do with a secret; secrets are named by the path of their SecureString.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretUse<'a> {
    /// Nothing.
    None,
    /// It is made with it, and nobody can read it back from there.
    MadeWith(&'a str),
    /// It is the secret.
    Keeps(&'a str),
}

/// How something that takes minutes is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wait {
    /// The AWS CLI's service and command.
    pub command: (&'static str, &'static str),
    /// Its option for the resource's id.
    pub option: &'static str,
    /// Whether scripts can be run on it once it is there.
    pub runs_commands: bool,
}

/// A type of ARN by which IAM knows a kind, and the actions that are about it.
#[derive(Debug, Clone, Copy)]
pub struct Arn {
    /// The service: `elasticache`.
    pub service: &'static str,
    /// What the part after the account begins with: `subnetgroup`.
    pub resource: &'static str,
    /// Whether an action of the service, by its name without the service, can be about such a resource.
    pub concerns: fn(action: &str) -> bool,
}

impl Arn {
    /// The ARN of the resource of that name, for services that write a colon before it.
    pub(crate) fn of(&self, place: &Place, name: &str) -> String {
        let Place { region, account, .. } = place;
        let partition = crate::partition::of(region);
        format!("arn:{partition}:{}:{region}:{account}:{}:{name}", self.service, self.resource)
    }
}

/// What the engine decides by.
#[derive(Debug, Clone, PartialEq)]
pub struct Properties<'a> {
    /// When clean-up undoes it.
    pub undo_stage: UndoStage,
    /// What it is to other resources.
    pub nature: Nature<'a>,
    /// How it is waited for, where making and unmaking it take minutes.
    pub wait: Option<Wait>,
    /// What it has to do with a secret.
    pub secret: SecretUse<'a>,
    /// What AWS bills for it.
    pub charges: Vec<Charge>,
    /// The quota against which it counts, and with how much. Those of storage, network interfaces and parameters are left
    /// out: by default they are enough for many hundreds of people, when the others are long used up.
    pub quota: Option<(Quota, u32)>,
    /// What to ask the answer of its [`Kind::make_line`] for, where the service chooses the id.
    pub id_query: Option<&'static str>,
    /// The facts that are known of it once it was waited for, beside its id.
    pub attributes: &'static [&'static str],
    /// The role in the account that its service makes for itself, and cannot do without when it makes this.
    pub service_role: Option<&'static str>,
}

impl<'a> Properties<'a> {
    /// Those of a resource of its own that is there at once, costs nothing and has no secret.
    pub(super) fn free(undo_stage: UndoStage, quota: Option<(Quota, u32)>) -> Self {
        Self {
            undo_stage,
            nature: Nature::Own,
            wait: None,
            secret: SecretUse::None,
            charges: Vec::new(),
            quota,
            id_query: None,
            attributes: &[],
            service_role: None,
        }
    }

    /// Those of something that belongs to another resource: it is as free, and counts against no quota.
    pub(super) fn part(nature: Nature<'a>) -> Self {
        Self { nature, ..Self::free(UndoStage::Parts, None) }
    }
}

/// One kind of AWS resource, as its request.
pub trait Kind {
    /// What a person calls it, with its name.
    fn describe(&self) -> String;
    /// What the engine decides by.
    fn properties(&self) -> Properties<'_>;
    /// The name of its own, which begins with the session's id or lies below the session's path: a sweep finds it by that.
    /// None for what only belongs to something that has one.
    fn own_name(&mut self) -> Option<&mut String>;
    /// The types of ARN by which IAM knows it, the one that it is named by first.
    fn arns() -> &'static [Arn]
    where
        Self: Sized;
    /// The command that makes it. Commands are valid for the AWS CLI of version 1 and 2.
    fn make_line(&self, planned: &Planned) -> Line;
    /// The command that undoes it; `id` is what the service calls it. None for what goes with its resource.
    fn undo_line(&self, id: &str) -> Option<Line>;
    /// The command that adds tags to one that a person made without them, but for its option `--tags`. None for what has
    /// no tags of its own.
    fn tag_line(&self, planned: &Planned, place: &Place) -> Option<Line>;
}

impl dyn Kind {
    /// Whether making and unmaking take minutes, so that both are waited for.
    pub fn is_slow(&self) -> bool {
        self.properties().wait.is_some()
    }

    /// Whether it is only a setting of another resource.
    pub fn is_setting(&self) -> bool {
        matches!(self.properties().nature, Nature::Setting(_) | Nature::TemporarySetting(_))
    }

    /// Whether the session keeps something about itself in it.
    pub fn is_note(&self) -> bool {
        self.properties().undo_stage >= UndoStage::Notes
    }

    /// The path of the secret with which it is made, and which nobody can read back from it.
    pub fn password(&self) -> Option<&str> {
        match self.properties().secret {
            SecretUse::MadeWith(path) => Some(path),
            SecretUse::None | SecretUse::Keeps(_) => None,
        }
    }

    /// The path of the secret that it is.
    pub fn keeps(&self) -> Option<&str> {
        match self.properties().secret {
            SecretUse::Keeps(path) => Some(path),
            SecretUse::None | SecretUse::MadeWith(_) => None,
        }
    }
}
