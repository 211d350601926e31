//! What IAM holds.

use crate::model::{error::ApiError, status::ResourceStatus, tag::Tag};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Everything of IAM.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct IamState {
    /// Services whose service-linked role exists, for example `rds.amazonaws.com`.
    pub service_linked: BTreeSet<String>,
    /// Roles, in the order they were made.
    #[serde(default)]
    pub roles: Vec<Role>,
    /// Instance profiles, in the order they were made.
    #[serde(default)]
    pub profiles: Vec<Profile>,
    /// Temporary keys of roles.
    #[serde(default)]
    pub sessions: Vec<Session>,
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

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("access_key_id", &self.access_key_id).finish_non_exhaustive()
    }
}

impl IamState {
    /// A role by name.
    pub(crate) fn role(&self, name: &str) -> Option<&Role> {
        self.roles.iter().find(|r| r.name == name)
    }

    /// An instance profile by name.
    pub(crate) fn profile(&self, name: &str) -> Option<&Profile> {
        self.profiles.iter().find(|i| i.name == name)
    }

    /// An instance profile by ARN.
    pub(crate) fn profile_by_arn(&self, account: &str, arn: &str) -> Option<&Profile> {
        self.profiles.iter().find(|i| i.arn(account) == arn)
    }

    pub(super) fn role_mut(&mut self, name: &str) -> Result<&mut Role, ApiError> {
        self.roles.iter_mut().find(|r| r.name == name).ok_or_else(|| no_role(name))
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
        self.profiles.iter_mut().find(|i| i.name == name).ok_or_else(|| no_profile(name))
    }

    /// The tags of what has this ARN.
    pub(crate) fn tags_of(&self, account: &str, arn: &str) -> Vec<Tag> {
        let roles = self.roles.iter().filter(|r| r.arn(account) == arn).map(|r| &r.tags);
        let profiles = self.profiles.iter().filter(|p| p.arn(account) == arn).map(|p| &p.tags);
        roles.chain(profiles).next().cloned().unwrap_or_default()
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
