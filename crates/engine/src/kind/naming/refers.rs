//! What requests refer to beside their own name. A request acts on it, lets it in or is made with it, so it must be the
//! session's own, or what the session has looked up: never something that only a recipe names.

use crate::action::Action;
use crate::kind::{Act, FailOver};
use crate::state::State;
use crate::transition::Status;

/// Something that a request refers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reference<'a> {
    /// The field.
    pub field: &'static str,
    /// Its name or id.
    pub to: &'a str,
    /// What it must be.
    pub of: Of,
}

/// What something that is referred to must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    /// Made by the session, of that kind.
    Made(&'static str),
    /// Made by the session, of that kind, or AWS's own default.
    MadeOrDefault(&'static str),
    /// Looked up by the session: a VPC, a subnet, an image.
    LookedUp,
}

fn made<'a>(field: &'static str, to: &'a str, kind: &'static str) -> Reference<'a> {
    Reference { field, to, of: Of::Made(kind) }
}

fn looked_up<'a>(field: &'static str, to: &'a str) -> Reference<'a> {
    Reference { field, to, of: Of::LookedUp }
}

impl Action {
    /// What it refers to.
    pub fn refers_to(&self) -> Vec<Reference<'_>> {
        let group = |to| made("security_group", to, "security-group");
        match self {
            Self::SecurityGroup(r) => vec![looked_up("vpc", &r.vpc)],
            Self::IngressRule(r) => {
                vec![made("group", &r.group, "security-group"), made("source", &r.source, "security-group")]
            }
            Self::CacheSubnetGroup(r) => {
                r.subnets.iter().map(|subnet| looked_up("subnets", subnet)).collect()
            }
            Self::DbSubnetGroup(r) => r.subnets.iter().map(|subnet| looked_up("subnets", subnet)).collect(),
            Self::CacheParameters(r) => vec![made("group", &r.group, "cache-parameter-group")],
            Self::TemporaryCacheParameters(r) => vec![made("group", &r.group, "cache-parameter-group")],
            Self::ReplicationGroup(r) => vec![
                Reference {
                    field: "parameter_group",
                    to: &r.parameter_group,
                    of: Of::MadeOrDefault("cache-parameter-group"),
                },
                made("subnet_group", &r.subnet_group, "cache-subnet-group"),
                group(&r.security_group),
                made("auth_token", &r.auth_token, "secret"),
            ],
            Self::DbInstance(r) => vec![
                made("password", &r.password, "secret"),
                made("subnet_group", &r.subnet_group, "db-subnet-group"),
                group(&r.security_group),
            ],
            Self::RolePolicy(r) => vec![made("role", &r.role, "role")],
            Self::ProfileRole(r) => {
                vec![made("profile", &r.profile, "instance-profile"), made("role", &r.role, "role")]
            }
            Self::Instance(r) => vec![
                looked_up("image", &r.image),
                looked_up("subnet", &r.subnet),
                group(&r.security_group),
                made("profile", &r.profile, "instance-profile"),
            ],
            Self::CacheParameterGroup(_)
            | Self::Secret(_)
            | Self::Note(_)
            | Self::NoteKey(_)
            | Self::Role(_)
            | Self::InstanceProfile(_) => Vec::new(),
        }
    }
}

impl Act {
    /// What it changes.
    pub fn refers_to(&self) -> Vec<Reference<'_>> {
        match self {
            Self::FailOver(FailOver { group }) => vec![made("group", group, "replication-group")],
        }
    }
}

impl Reference<'_> {
    /// Whether the session has made it, or looked it up.
    pub fn is_own(&self, state: &State) -> bool {
        match self.of {
            Of::Made(kind) => self.is_made(kind, state),
            // Names of groups that people make have no dot.
            Of::MadeOrDefault(kind) => self.to.starts_with("default.") || self.is_made(kind, state),
            // What a look-up found has a plain name; facts of what was made have the thing's before a dot.
            Of::LookedUp => state
                .facts
                .iter()
                .any(|(key, value)| !key.contains('.') && value.split(',').any(|one| one == self.to)),
        }
    }

    fn is_made(&self, kind: &str, state: &State) -> bool {
        state.resources.iter().filter(|r| r.status == Status::Present).any(|r| {
            let mut action = r.planned.action.clone();
            action.kind() == kind
                && (r.output.as_ref().is_some_and(|output| output.id == self.to)
                    || action.own_name().is_some_and(|name| name == self.to))
        })
    }
}
