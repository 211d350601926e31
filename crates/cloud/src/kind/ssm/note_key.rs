//! The key of a session's notes: read from this machine's file right before the call that stores it.

use crate::kind::prelude::*;
use aws_sdk_ssm::types::ParameterType;
use recipe_walk_engine::key::SessionKey;
use recipe_walk_engine::kind::NoteKey;
use secrecy::ExposeSecret as _;
use std::path::Path;

impl Resource for NoteKey {
    // Those of a parameter stand with the notes.
    const ERRORS: Errors = &[];
    // The look for secrets finds every parameter of the session.
    goes_with_another!();
    there_at_once!();

    async fn find(&self, cloud: &AwsCloud, planned: &Planned) -> Result<Found, Failure> {
        cloud.find_parameter(&planned.tags, &self.path).await
    }

    async fn make(&self, cloud: &AwsCloud, planned: &Planned) -> Result<Output, Failure> {
        let tags = &planned.tags;
        // Nothing else that may be in a file ever leaves this machine.
        let key = SessionKey::of_file(Path::new(&self.file)).filter(|key| key.session() == tags.session);
        let Some(key) = key else {
            let message = format!("{} does not hold the key of session {}", self.file, tags.session);
            return Err(Failure::local("ssm:PutParameter", "NoKey", message));
        };
        let named = (self.path.as_str(), self.description.as_str());
        cloud.create_parameter(tags, named, ParameterType::SecureString, key.text().expose_secret()).await
    }

    async fn undo(&self, cloud: &AwsCloud, _: &str) -> Result<(), Failure> {
        cloud.delete_parameter(&self.path).await
    }

    /// Another key in its place is no key of the session's, and vouches for nothing.
    async fn differences(&self, _: &AwsCloud, _: &Planned) -> Result<Vec<Difference>, Failure> {
        Ok(Vec::new())
    }
}
