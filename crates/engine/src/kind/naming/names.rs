//! The names of everything a session makes begin with its id: the second way back to a resource, after the journal.

use crate::id::SessionId;

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
        assert!(belongs_to(&format!("{id}-x"), &id));
        assert!(belongs_to(&format!("/recipe-walk/{id}/x"), &id));
        for other in [format!("my-{id}-app"), format!("{id}x-app"), id.to_string(), format!("/other/{id}/x")]
        {
            assert!(!belongs_to(&other, &id), "{other}");
        }
    }
}
