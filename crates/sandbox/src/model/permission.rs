//! A permission that a call needs, and what conditions may ask about it.

use super::tag::Tag;
use std::collections::BTreeMap;

/// What is known about a call besides its action and resource: condition keys in lower case, with their values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Context(BTreeMap<String, String>);

impl Context {
    /// The same with one more key; keys are compared without regard to case, as IAM does.
    #[must_use]
    pub(crate) fn with(mut self, key: &str, value: impl Into<String>) -> Self {
        self.0.insert(key.to_ascii_lowercase(), value.into());
        self
    }

    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        self.0.get(&key.to_ascii_lowercase()).map(String::as_str)
    }
}

/// One permission that a call needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Permission {
    /// For example `ec2:RunInstances`.
    pub(crate) action: String,
    /// An ARN, or `*`.
    pub(crate) resource: String,
    pub(crate) context: Context,
}

impl Permission {
    pub(crate) fn new(action: impl Into<String>, resource: impl Into<String>) -> Self {
        Self { action: action.into(), resource: resource.into(), context: Context::default() }
    }

    #[must_use]
    pub(crate) fn with(mut self, key: &str, value: &str) -> Self {
        self.context = self.context.with(key, value);
        self
    }

    /// With the tags that the request gives to what it makes.
    #[must_use]
    pub(crate) fn requesting(self, tags: &[Tag]) -> Self {
        self.with_each("aws:RequestTag", tags)
    }

    /// With the tags that the resource has already.
    #[must_use]
    pub(crate) fn tagged(self, tags: &[Tag]) -> Self {
        self.with_each("aws:ResourceTag", tags)
    }

    /// With a condition key for each tag.
    #[must_use]
    pub(crate) fn with_each(self, prefix: &str, tags: &[Tag]) -> Self {
        tags.iter().fold(self, |p, tag| p.with(&format!("{prefix}/{}", tag.key), &tag.value))
    }
}
