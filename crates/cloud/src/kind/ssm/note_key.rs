//! The key of a session's notes: read from this machine's file right before the call that stores it.

use crate::kind::prelude::*;
use aws_sdk_ssm::types::ParameterType;
use recipe_walk_engine::key::SessionKey;
use recipe_walk_engine::kind::NoteKey;
use secrecy::{ExposeSecret as _, SecretString};

impl Resource for NoteKey {
    // Those of a parameter stand with the notes.
    const ERRORS: Errors = &[];
    const BOARD: Board = Board::Unseen;

    there_at_once!();

    async fn find(&self, cloud: &AwsCloud, planned: &Planned) -> Result<Found, Failure> {
        cloud.find_parameter(&planned.tags, &self.path).await
    }

    async fn make(&self, cloud: &AwsCloud, planned: &Planned) -> Result<Output, Failure> {
        let tags = &planned.tags;
        let text: SecretString = std::fs::read_to_string(&self.file).unwrap_or_default().into();
        // Nothing else that may be in a file ever leaves this machine.
        if SessionKey::read(&text).is_none_or(|key| key.session() != tags.session) {
            let message = format!("{} does not hold the key of session {}", self.file, tags.session);
            return Err(Failure::local("ssm:PutParameter", "NoKey", message));
        }
        cloud
            .ssm
            .put_parameter()
            .name(&self.path)
            .description(&self.description)
            .r#type(ParameterType::SecureString)
            .value(text.expose_secret())
            .set_tags(Some(tagging::ssm(tags)))
            .send()
            .await
            .named("ssm:PutParameter")?;
        Ok(Output::id(&self.path))
    }

    async fn undo(&self, cloud: &AwsCloud, _: &str) -> Result<(), Failure> {
        cloud.delete_parameter(&self.path).await
    }

    /// Another key in its place is no key of the session's, and vouches for nothing.
    async fn differences(&self, _: &AwsCloud, _: &Planned) -> Result<Vec<Difference>, Failure> {
        Ok(Vec::new())
    }

    /// The look for secrets finds every parameter of the session.
    async fn left(_: &AwsCloud, _: &Traces<'_>) -> Result<Vec<Leftover>, Failure> {
        Ok(Vec::new())
    }

    async fn usage(_: &AwsCloud) -> Result<Option<Usage>, Failure> {
        Ok(None)
    }
}
