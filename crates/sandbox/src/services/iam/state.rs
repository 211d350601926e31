//! What IAM holds.

use crate::model::{
    account::table::{Row, State, Stored, Table},
    error::ApiError,
    status::ResourceStatus,
    tag::Tag,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Everything of IAM.
#[derive(Clone, Debug, Default)]
pub(crate) struct IamState {
    /// Services whose service-linked role exists, for example `rds.amazonaws.com`.
    pub(crate) service_linked: Table<String>,
    /// Roles, in the order they were made.
    pub(crate) roles: Table<Role>,
    /// Instance profiles, in the order they were made.
    pub(crate) profiles: Table<Profile>,
    /// Temporary keys of roles.
    pub(crate) sessions: Table<Session>,
    /// Managed policies of the account.
    pub(crate) policies: Table<ManagedPolicy>,
}

/// A role.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Role {
    /// At most 64 characters.
    pub name: String,
    /// `AROA…`
    pub id: String,
    /// `/` unless one was given.
    pub path: String,
    /// Who may assume it, as JSON text.
    pub trust: String,
    /// Free text.
    pub description: Option<String>,
    /// Seconds.
    pub max_session: i64,
    /// When it was made.
    pub created: Timestamp,
    /// Tags.
    pub tags: Vec<Tag>,
    /// Inline policies: name and JSON text.
    pub inline: BTreeMap<String, String>,
    /// ARNs of attached managed policies.
    pub attached: BTreeSet<String>,
    /// ARN of the managed policy beyond which it may do nothing.
    #[serde(default)]
    pub boundary: Option<String>,
}

/// A managed policy.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ManagedPolicy {
    /// At most 128 characters.
    pub name: String,
    /// `ANPA…`
    pub id: String,
    /// `/` unless one was given.
    pub path: String,
    /// Free text.
    pub description: Option<String>,
    /// JSON text.
    pub document: String,
    /// When it was made.
    pub created: Timestamp,
    /// Tags.
    pub tags: Vec<Tag>,
}

/// An instance profile.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Profile {
    /// At most 128 characters.
    pub name: String,
    /// `AIPA…`
    pub id: String,
    /// `/` unless one was given.
    pub path: String,
    /// When it was made.
    pub created: Timestamp,
    /// Tags.
    pub tags: Vec<Tag>,
    /// The one role it may hold.
    pub role: Option<String>,
}

/// Temporary keys of a role, handed to one instance.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Session {
    /// `ASIA…`
    pub access_key_id: String,
    /// The secret half.
    pub secret_access_key: String,
    /// Must accompany every request.
    pub token: String,
    /// The role's name.
    pub role: String,
    /// The instance that uses it.
    pub instance: String,
    /// When it ends.
    pub expires: Timestamp,
}

impl State for IamState {
    fn tables(&mut self) -> Vec<(&'static str, &mut dyn Stored)> {
        vec![
            ("service_linked", &mut self.service_linked),
            ("roles", &mut self.roles),
            ("profiles", &mut self.profiles),
            ("sessions", &mut self.sessions),
            ("policies", &mut self.policies),
        ]
    }
}

impl Row for Role {
    fn keys(&self) -> Vec<String> {
        vec![self.name.clone(), spelt(&self.name)]
    }
}

impl Row for Profile {
    fn keys(&self) -> Vec<String> {
        let own = [self.name.clone(), spelt(&self.name)].into_iter();
        own.chain(self.role.as_deref().map(holding)).collect()
    }
}

impl Row for ManagedPolicy {
    fn keys(&self) -> Vec<String> {
        vec![self.name.clone(), spelt(&self.name)]
    }
}

impl Row for Session {
    fn keys(&self) -> Vec<String> {
        vec![self.access_key_id.clone(), self.instance.clone(), holding(&self.role)]
    }
}

/// The key of what has this name in any case.
pub(super) fn spelt(name: &str) -> String {
    format!("name:{}", name.to_ascii_lowercase())
}

/// The key of what holds this role.
pub(super) fn holding(role: &str) -> String {
    format!("role:{role}")
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("access_key_id", &self.access_key_id).finish_non_exhaustive()
    }
}

impl IamState {
    /// A role by name.
    pub(crate) fn role(&self, name: &str) -> Option<&Role> {
        self.roles.find(name)
    }

    /// An instance profile by name.
    pub(crate) fn profile(&self, name: &str) -> Option<&Profile> {
        self.profiles.find(name)
    }

    /// An instance profile by ARN.
    pub(crate) fn profile_by_arn(&self, account: &str, arn: &str) -> Option<&Profile> {
        self.profiles.find(arn.rsplit('/').next()?).filter(|i| i.arn(account) == arn)
    }

    /// A managed policy of the account by ARN.
    pub(crate) fn policy(&self, account: &str, arn: &str) -> Option<&ManagedPolicy> {
        self.policies.find(arn.rsplit('/').next()?).filter(|p| p.arn(account) == arn)
    }

    pub(super) fn role_mut(&mut self, name: &str) -> Result<&mut Role, ApiError> {
        self.roles.get_mut(name).ok_or_else(|| no_role(name))
    }

    /// A role that its owner may change: one that is linked to a service belongs to that service.
    pub(super) fn own_role(&mut self, name: &str) -> Result<&mut Role, ApiError> {
        let role = self.role_mut(name)?;
        if role.path.starts_with("/aws-service-role/") {
            let text = format!(
                "Cannot perform the operation on the protected role '{name}' - this role is only modifiable by AWS"
            );
            return Err(ApiError::bad("UnmodifiableEntity", text));
        }
        Ok(role)
    }

    pub(super) fn profile_mut(&mut self, name: &str) -> Result<&mut Profile, ApiError> {
        self.profiles.get_mut(name).ok_or_else(|| no_profile(name))
    }

    /// The tags of what has this ARN.
    pub(crate) fn tags_of(&self, account: &str, arn: &str) -> Vec<Tag> {
        let name = arn.rsplit('/').next().unwrap_or_default();
        let role = self.roles.find(name).filter(|r| r.arn(account) == arn).map(|r| &r.tags);
        let profile = || self.profiles.find(name).filter(|p| p.arn(account) == arn).map(|p| &p.tags);
        let policy = || self.policy(account, arn).map(|p| &p.tags);
        role.or_else(profile).or_else(policy).cloned().unwrap_or_default()
    }

    /// What a user created here, for the status.
    pub(crate) fn resources(&self) -> Vec<ResourceStatus> {
        let roles = self
            .roles
            .iter()
            .filter(|r| !r.path.starts_with("/aws-service-role/"))
            .map(|r| ResourceStatus::new("iam:role", &r.name, ""));
        let profiles = self.profiles.iter().map(|i| ResourceStatus::new("iam:instance-profile", &i.name, ""));
        roles.chain(profiles).collect()
    }
}

impl Role {
    /// Its ARN.
    pub(crate) fn arn(&self, account: &str) -> String {
        crate::model::arn::arn("iam", "", account, &format!("role{}{}", self.path, self.name))
    }
}

impl ManagedPolicy {
    /// Its ARN.
    pub(crate) fn arn(&self, account: &str) -> String {
        crate::model::arn::arn("iam", "", account, &format!("policy{}{}", self.path, self.name))
    }
}

impl Profile {
    /// Its ARN.
    pub(crate) fn arn(&self, account: &str) -> String {
        crate::model::arn::arn("iam", "", account, &format!("instance-profile{}{}", self.path, self.name))
    }
}

pub(super) fn no_role(name: &str) -> ApiError {
    ApiError::new("NoSuchEntity", 404, format!("The role with name {name} cannot be found."))
}

pub(super) fn no_profile(name: &str) -> ApiError {
    ApiError::new("NoSuchEntity", 404, format!("Instance Profile {name} cannot be found."))
}
