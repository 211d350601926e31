//! Secrets: made here from the system's randomness, stored as SecureStrings before anything uses them, and read back
//! only into the one call that needs them.

use crate::AwsCloud;
use crate::failure::{Named as _, absent, missing};
use crate::tagging;
use aws_sdk_ssm::types::{ParameterType, ResourceTypeForTagging};
use recipe_walk_engine::action::{Action, Output, Planned};
use recipe_walk_engine::cloud::Found;
use recipe_walk_engine::failure::Failure;
use recipe_walk_engine::kind;
use secrecy::SecretString;
use secrecy::zeroize::Zeroize as _;

/// Letters and digits only: valid for AUTH tokens and for MySQL passwords (AWS-FACTS section 1), and safe inside JSON
/// and a shell's double quotes.
const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// A random secret of the length given.
fn random(length: usize) -> Result<SecretString, Failure> {
    let mut text = String::with_capacity(length);
    while text.len() < length {
        let mut bytes = [0_u8; 64];
        getrandom::fill(&mut bytes).map_err(|e| {
            Failure::local("random", "NoRandomness", format!("the system gave no randomness: {e}"))
        })?;
        // 248 is the largest multiple of 62 in a byte: beyond it the remainder would favour some letters.
        let usable = bytes.iter().filter(|b| **b < 248).map(|b| char::from(ALPHABET[usize::from(b % 62)]));
        text.extend(usable.take(length - text.len()));
        bytes.zeroize();
    }
    Ok(text.into())
}

impl AwsCloud {
    /// Finds a parameter, secret or not, by its name and looks at its tags.
    pub(crate) async fn find_parameter(&self, planned: &Planned, path: &str) -> Result<Found, Failure> {
        let call = self
            .ssm
            .list_tags_for_resource()
            .resource_type(ResourceTypeForTagging::Parameter)
            .resource_id(path);
        let Some(answer) = absent(call.send().await.named("ssm:ListTagsForResource"))? else {
            return Ok(Found::Absent);
        };
        let tags = answer.tag_list().iter().map(|t| (t.key(), t.value()));
        Ok(tagging::judge(planned, tags, Output::id(path)))
    }

    pub(crate) async fn create_secret(&self, planned: &Planned) -> Result<Output, Failure> {
        use secrecy::ExposeSecret as _;
        let operation = "ssm:PutParameter";
        let Action::Secret(kind::Secret { path, description, length }) = &planned.action else {
            return Err(missing(operation, "request"));
        };
        let secret = random(*length)?;
        self.ssm
            .put_parameter()
            .name(path)
            .description(description)
            .r#type(ParameterType::SecureString)
            .value(secret.expose_secret())
            .set_tags(Some(tagging::ssm(&planned.tags)))
            .send()
            .await
            .named(operation)?;
        Ok(Output::id(path))
    }

    /// Reads a secret back for the call that needs it.
    pub(crate) async fn read_secret(&self, path: &str) -> Result<SecretString, Failure> {
        let operation = "ssm:GetParameter";
        let answer =
            self.ssm.get_parameter().name(path).with_decryption(true).send().await.named(operation)?;
        let value = answer.parameter.and_then(|p| p.value).ok_or_else(|| missing(operation, "Value"))?;
        Ok(value.into())
    }

    pub(crate) async fn delete_parameter(&self, path: &str) -> Result<(), Failure> {
        self.ssm.delete_parameter().name(path).send().await.named("ssm:DeleteParameter").map(|_| ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret as _;

    #[test]
    fn secrets_have_their_length_their_letters_and_no_twin() {
        let (a, b) = (random(48).expect("randomness"), random(48).expect("randomness"));
        assert_eq!(a.expose_secret().len(), 48);
        assert!(a.expose_secret().bytes().all(|c| c.is_ascii_alphanumeric()));
        assert_ne!(a.expose_secret(), b.expose_secret());
    }
}
