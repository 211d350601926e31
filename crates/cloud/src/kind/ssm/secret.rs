//! Secrets: made here from the system's randomness, stored as SecureStrings before anything uses them, and read back
//! only into the one call that needs them.

use crate::kind::prelude::*;
use aws_sdk_ssm::types::{ParameterStringFilter, ParameterType};
use recipe_walk_engine::kind::Secret;
use recipe_walk_engine::names::parameters;
use secrecy::zeroize::Zeroize as _;
use secrecy::{ExposeSecret as _, SecretString};

/// Letters and digits only: valid for AUTH tokens and for MySQL passwords (docs/aws.md, "Names and limits"), and safe
/// inside JSON and a shell's double quotes.
const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// A random secret of the length given.
fn random(length: usize) -> Result<SecretString, Failure> {
    // A recipe says how long; a parameter holds no more.
    if length > 4096 {
        return Err(Failure::local(
            "random",
            "TooLong",
            format!("a secret of {length} letters is too long: 4096 at most"),
        ));
    }
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
    /// Reads a secret back for the call that needs it.
    pub(crate) async fn read_secret(&self, path: &str) -> Result<SecretString, Failure> {
        let operation = "ssm:GetParameter";
        let answer =
            self.ssm.get_parameter().name(path).with_decryption(true).send().await.named(operation)?;
        let value = answer.parameter.and_then(|p| p.value).ok_or_else(|| missing(operation, "Value"))?;
        Ok(value.into())
    }
}

impl Resource for Secret {
    const ERRORS: Errors = &[];
    const BOARD: Board = Board::Unseen;

    there_at_once!();

    async fn find(&self, cloud: &AwsCloud, planned: &Planned) -> Result<Found, Failure> {
        cloud.find_parameter(&planned.tags, &self.path).await
    }

    async fn make(&self, cloud: &AwsCloud, planned: &Planned) -> Result<Output, Failure> {
        let secret = random(self.length)?;
        let named = (self.path.as_str(), self.description.as_str());
        cloud
            .create_parameter(&planned.tags, named, ParameterType::SecureString, secret.expose_secret())
            .await
    }

    async fn undo(&self, cloud: &AwsCloud, _: &str) -> Result<(), Failure> {
        cloud.delete_parameter(&self.path).await
    }

    /// What it is nobody knows.
    async fn differences(&self, _: &AwsCloud, _: &Planned) -> Result<Vec<Difference>, Failure> {
        Ok(Vec::new())
    }

    /// Every parameter below the session's path: its notes and its lease too.
    async fn left(cloud: &AwsCloud, traces: &Traces<'_>) -> Result<Vec<Leftover>, Failure> {
        let operation = "ssm:DescribeParameters";
        let path = format!("{}/", parameters(traces.session));
        let name = ParameterStringFilter::builder().key("Name").option("BeginsWith").values(path);
        let tag = ParameterStringFilter::builder().key(format!("tag:{}", tags::SESSION));
        let mut found: Vec<Leftover> = Vec::new();
        for (wanted, tagged) in [(name, false), (tag.values(traces.session.as_str()), true)] {
            let wanted =
                wanted.build().map_err(|e| Failure::local(operation, "InvalidFilter", e.to_string()))?;
            let call = cloud.ssm.describe_parameters().parameter_filters(wanted);
            let mut pages = call.into_paginator().send();
            while let Some(page) = pages.next().await {
                for parameter in page.named(operation)?.parameters() {
                    let left = parameter
                        .name()
                        .and_then(|name| traces.of("parameter", name, tagged, Some(Vec::new())));
                    found.extend(left.filter(|left| !found.iter().any(|l| l.id == left.id)));
                }
            }
        }
        Ok(found)
    }

    async fn usage(_: &AwsCloud) -> Result<Option<Usage>, Failure> {
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_have_their_length_their_letters_and_no_twin() {
        let (a, b) = (random(48).expect("randomness"), random(48).expect("randomness"));
        assert_eq!(a.expose_secret().len(), 48);
        assert!(a.expose_secret().bytes().all(|c| c.is_ascii_alphanumeric()));
        assert_ne!(a.expose_secret(), b.expose_secret());
    }
}
