//! The keys that the connection was made with, handed on to its first caller.

use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
use std::sync::{Mutex, PoisonError};

/// Provides the keys that are known already once, and what their source gives from then on: callers keep them until they
/// end.
#[derive(Debug)]
pub(super) struct FirstKeys {
    first: Mutex<Option<Credentials>>,
    source: SharedCredentialsProvider,
}

impl FirstKeys {
    pub(super) fn new(first: Credentials, source: SharedCredentialsProvider) -> Self {
        Self { first: Mutex::new(Some(first)), source }
    }
}

impl ProvideCredentials for FirstKeys {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        match self.first.lock().unwrap_or_else(PoisonError::into_inner).take() {
            Some(keys) => future::ProvideCredentials::ready(Ok(keys)),
            None => self.source.provide_credentials(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn source_is_asked_only_after_the_first_keys() {
        let keys = |id: &str| Credentials::new(id, "s", None, None, "test");
        let provider = FirstKeys::new(keys("first"), SharedCredentialsProvider::new(keys("later")));
        let mut seen = Vec::new();
        for _ in 0..3 {
            seen.push(provider.provide_credentials().await.expect("keys").access_key_id().to_owned());
        }
        assert_eq!(seen, ["first", "later", "later"]);
    }
}
