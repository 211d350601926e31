//! Tags, the same for every service.

use crate::model::{error::ApiError, node::Node, params::Params};
use serde::{Deserialize, Serialize};

/// A tag as every service has it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Tag {
    /// At most 128 characters, not starting with `aws:`.
    #[serde(rename = "Key")]
    pub key: String,
    /// At most 256 characters, may be empty.
    #[serde(rename = "Value", default)]
    pub value: String,
}

impl Tag {
    /// A tag.
    pub(crate) fn new(key: impl Into<String>, value: impl Into<String>) -> Self {
        Self { key: key.into(), value: value.into() }
    }

    /// Reads `Tags.Tag.N.Key` and its relatives from the list parameter `name`, unchecked but for the key's presence.
    pub(crate) fn list(p: &Params, name: &str) -> Result<Vec<Tag>, ApiError> {
        p.structs(name)
            .iter()
            .map(|tag| Ok(Tag::new(tag.required("Key")?, tag.get("Value").unwrap_or_default())))
            .collect()
    }

    /// The same as far as they can be read; the operation itself refuses bad ones.
    pub(crate) fn listed(p: &Params, name: &str) -> Vec<Tag> {
        Self::list(p, name).unwrap_or_default()
    }

    /// The element that EC2, RDS, ElastiCache and IAM show; the field names differ only in case.
    pub(crate) fn element(&self, name: &'static str, key: &'static str, value: &'static str) -> Node {
        Node::new(name).leaf(key, &self.key).leaf(value, &self.value)
    }
}

/// The key by which a table finds what has this tag.
pub(crate) fn index(key: &str, value: &str) -> String {
    format!("tag:{key}={value}")
}

/// The same for all tags of a resource.
pub(crate) fn indices(tags: &[Tag]) -> impl Iterator<Item = String> {
    tags.iter().map(|tag| index(&tag.key, &tag.value))
}

/// The value of the tag `key`, if there is one.
pub(crate) fn value<'a>(tags: &'a [Tag], key: &str) -> Option<&'a str> {
    tags.iter().find(|t| t.key == key).map(|t| t.value.as_str())
}

/// Adds `new` to `tags`; a tag of the same key is replaced.
pub(crate) fn merge(tags: &mut Vec<Tag>, new: Vec<Tag>) {
    for tag in new {
        match tags.iter_mut().find(|t| t.key == tag.key) {
            Some(old) => old.value = tag.value,
            None => tags.push(tag),
        }
    }
}

/// What keys and values of tags may have everywhere but in EC2: `[\p{L}\p{Z}\p{N}_.:/=+\-@]` (docs/aws.md, "Tags"). Marks
/// that belong to letters pass here, too.
pub(crate) fn is_allowed(c: char) -> bool {
    c.is_alphanumeric() || (c.is_whitespace() && !c.is_control()) || "_.:/=+-@".contains(c)
}

/// The keys and values that have anything else: number of the tag, from one, the name of its part, and the text.
pub(crate) fn strange(tags: &[Tag]) -> impl Iterator<Item = (usize, &'static str, &str)> {
    tags.iter()
        .zip(1..)
        .flat_map(|(tag, at)| [(at, "key", tag.key.as_str()), (at, "value", tag.value.as_str())])
        .filter(|(_, _, text)| !text.chars().all(is_allowed))
}

/// The same as [`fault`], and characters too, in the words of RDS.
pub(crate) fn fault_of_letters(tags: &[Tag]) -> Option<String> {
    fault(tags).or_else(|| {
        let (_, part, _) = strange(tags).next()?;
        Some(format!(
            "Tag {part}s may only contain unicode letters, digits, whitespace, or one of these symbols: _ . : / = + \\ - @"
        ))
    })
}

/// What is wrong with `tags`, in words that every service's error can carry; `None` if nothing is.
pub(crate) fn fault(tags: &[Tag]) -> Option<String> {
    if tags.len() > 50 {
        return Some("The maximum number of tags for this resource has been reached.".into());
    }
    for (i, tag) in tags.iter().enumerate() {
        let length = tag.key.chars().count();
        if length == 0 || length > 128 {
            return Some(format!("Tag keys must be between 1 and 128 characters in length: '{}'", tag.key));
        }
        if tag.value.chars().count() > 256 {
            return Some(format!("Tag values must be at most 256 characters in length: '{}'", tag.key));
        }
        if tag.key.to_ascii_lowercase().starts_with("aws:") {
            return Some("Tag keys starting with 'aws:' are reserved for internal use".into());
        }
        if tags.iter().take(i).any(|t| t.key == tag.key) {
            return Some(format!("Duplicate tag key '{}' specified.", tag.key));
        }
    }
    None
}
