//! The names of everything a session makes, derived from its id: the second way back to a resource, after the journal.

use crate::id::SessionId;

/// Names derived from one session id. All are within the limits of AWS-FACTS section 1.
#[derive(Debug, Clone)]
pub struct Names<'a>(pub &'a SessionId);

impl Names<'_> {
    /// Security group, role, instance profile and `Name` tag of the application instance.
    pub fn app(&self) -> String {
        format!("{}-app", self.0)
    }
    /// Security group, subnet group and replication group of the cache.
    pub fn cache(&self) -> String {
        format!("{}-cache", self.0)
    }
    /// Security group, subnet group and instance of the database.
    pub fn db(&self) -> String {
        format!("{}-db", self.0)
    }
    /// The cache parameter group.
    pub fn lru(&self) -> String {
        format!("{}-lru", self.0)
    }
    /// The path below which the session's SSM parameters live.
    pub fn parameters(&self) -> String {
        parameters(self.0)
    }
    /// The SecureString that holds the cache's AUTH token.
    pub fn auth_token(&self) -> String {
        format!("{}/auth-token", self.parameters())
    }
    /// The SecureString that holds the database's password.
    pub fn db_password(&self) -> String {
        format!("{}/db-password", self.parameters())
    }
}

/// The path below which a session's SSM parameters live.
pub fn parameters(session: &SessionId) -> String {
    format!("/recipe-walk/{session}")
}

/// Whether a resource name belongs to the session by our naming: the id, then a dash; never merely containing it.
pub fn belongs_to(name: &str, session: &SessionId) -> bool {
    name.strip_prefix(session.as_str()).is_some_and(|rest| rest.starts_with('-'))
        || name.starts_with(&format!("{}/", parameters(session)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_naming_matches() {
        let id = SessionId::from_bytes([7; 8]);
        assert!(belongs_to(&Names(&id).cache(), &id));
        assert!(belongs_to(&Names(&id).auth_token(), &id));
        for other in [format!("my-{id}-app"), format!("{id}x-app"), id.to_string(), format!("/other/{id}/x")]
        {
            assert!(!belongs_to(&other, &id), "{other}");
        }
    }
}
