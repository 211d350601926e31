//! Parameters of the EC2 and AWS query protocols.

use super::{constraint::field, text::is_unwritable};
use crate::model::error::ApiError;
use std::collections::BTreeMap;

/// How a service words an absent parameter (docs/aws-errors.md, "Common errors").
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Missing {
    /// EC2: `MissingParameter`, camel-case name.
    Ec2,
    /// RDS and ElastiCache: `must be provided and must not be blank`.
    #[default]
    Blank,
    /// IAM and STS: `1 validation error detected`.
    Validation,
}

/// The parameters of one request, or of one structure inside it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Params {
    values: BTreeMap<String, String>,
    missing: Missing,
}

impl Params {
    /// Reads a form body; of a name given twice the last value counts.
    pub(crate) fn parse(body: &[u8], missing: Missing) -> Self {
        let values = form_urlencoded::parse(body).into_owned().collect();
        Self { values, missing }
    }

    /// Builds parameters by hand, for tests.
    #[cfg(test)]
    pub(crate) fn of<'a>(missing: Missing, pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let values = pairs.into_iter().map(|(k, v)| (k.to_owned(), v.to_owned())).collect();
        Self { values, missing }
    }

    /// The same parameters with another service's wording for absent ones.
    #[must_use]
    pub(crate) fn worded(mut self, missing: Missing) -> Self {
        self.missing = missing;
        self
    }

    /// The same parameters without those whose name is one of these.
    #[must_use]
    pub(crate) fn without(mut self, these: impl Fn(&str) -> bool) -> Self {
        self.values.retain(|name, _| !these(name));
        self
    }

    /// A parameter's value; an empty one is `Some("")`.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// A parameter that must be there and not be blank.
    pub(crate) fn required(&self, name: &str) -> Result<&str, ApiError> {
        match self.get(name) {
            Some(value) if !value.is_empty() => Ok(value),
            _ => Err(self.absent(name)),
        }
    }

    /// The service's error for an absent `name`.
    pub(crate) fn absent(&self, name: &str) -> ApiError {
        match self.missing {
            Missing::Ec2 => ApiError::bad(
                "MissingParameter",
                format!("The request must contain the parameter {}", field(name)),
            ),
            Missing::Blank => ApiError::bad(
                "InvalidParameterValue",
                format!("The parameter {name} must be provided and must not be blank."),
            ),
            Missing::Validation => ApiError::bad(
                "ValidationError",
                format!(
                    "1 validation error detected: Value null at '{}' failed to satisfy constraint: Member must not be null",
                    field(name)
                ),
            ),
        }
    }

    /// Refuses texts with characters that no answer of the service could carry. Names are judged by rules of their own,
    /// and tags by the services'.
    pub(crate) fn check_texts(&self) -> Result<(), ApiError> {
        let judged = |name: &str| {
            let last = name.rsplit('.').find(|part| part.parse::<u64>().is_err()).unwrap_or(name);
            ["Name", "Id", "Identifier"].iter().any(|end| last.ends_with(end))
                || ["Tag", "Tags", "TagSpecification"].contains(&name.split('.').next().unwrap_or(name))
        };
        let bad = |(name, value): &(&str, &str)| value.contains(is_unwritable) && !judged(name);
        self.iter().find(bad).map_or(Ok(()), |(name, value)| Err(self.unwritable(name, value)))
    }

    /// The service's error for a text that it could not answer with.
    fn unwritable(&self, name: &str, value: &str) -> ApiError {
        match self.missing {
            Missing::Ec2 => ApiError::bad(
                "InvalidParameterValue",
                format!(
                    "Value ({value}) for parameter {name} is invalid. Character sets beyond ASCII are not supported."
                ),
            ),
            Missing::Blank => ApiError::bad(
                "InvalidParameterValue",
                format!("The parameter {name} must not contain non-printable control characters."),
            ),
            Missing::Validation => ApiError::bad(
                "ValidationError",
                format!(
                    r"1 validation error detected: Value at '{}' failed to satisfy constraint: Member must satisfy regular expression pattern: [\u0009\u000A\u000D\u0020-\u00FF]+",
                    field(name)
                ),
            ),
        }
    }

    /// A Boolean parameter.
    pub(crate) fn bool(&self, name: &str) -> Result<Option<bool>, ApiError> {
        match self.get(name) {
            None | Some("") => Ok(None),
            Some("true" | "True" | "TRUE" | "1") => Ok(Some(true)),
            Some("false" | "False" | "FALSE" | "0") => Ok(Some(false)),
            Some(other) => Err(self.malformed(name, other, "boolean")),
        }
    }

    /// A whole-number parameter.
    pub(crate) fn int(&self, name: &str) -> Result<Option<i64>, ApiError> {
        match self.get(name) {
            None | Some("") => Ok(None),
            Some(text) => text.parse().map(Some).map_err(|_| self.malformed(name, text, "integer")),
        }
    }

    fn malformed(&self, name: &str, value: &str, kind: &str) -> ApiError {
        match self.missing {
            Missing::Ec2 => ApiError::bad(
                "InvalidParameterValue",
                format!("Value ({value}) for parameter {name} is invalid. Must be of type {kind}."),
            ),
            Missing::Blank | Missing::Validation => {
                ApiError::bad("MalformedInput", format!("Invalid {kind} '{value}' for parameter {name}"))
            }
        }
    }

    /// The values of a list: `Name.1`, `Name.member.1` or `Name.AnyElementName.1`, in numeric order.
    pub(crate) fn list(&self, name: &str) -> Vec<String> {
        self.members(name).into_values().filter_map(|member| member.values.get("").cloned()).collect()
    }

    /// The structures of a list, each with its prefix stripped.
    pub(crate) fn structs(&self, name: &str) -> Vec<Params> {
        self.members(name).into_values().collect()
    }

    /// One structure, with its prefix stripped; empty where nothing was sent.
    #[must_use]
    pub(crate) fn inner(&self, name: &str) -> Params {
        let values = self
            .values
            .iter()
            .filter_map(|(key, value)| {
                let rest = key.strip_prefix(name)?.strip_prefix('.')?;
                Some((rest.to_owned(), value.clone()))
            })
            .collect();
        Params { values, missing: self.missing }
    }

    /// Whether nothing is there.
    pub(crate) fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// All names, sorted as text.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        self.values.keys().map(String::as_str)
    }

    /// All names and values, sorted as text.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.values.iter().map(|(k, v)| (k.as_str(), v.as_str()))
    }

    fn members(&self, name: &str) -> BTreeMap<u64, Params> {
        let mut members: BTreeMap<u64, Params> = BTreeMap::new();
        for (key, value) in &self.values {
            let Some(rest) = key.strip_prefix(name).and_then(|r| r.strip_prefix('.')) else { continue };
            let Some((number, inner)) = member(rest) else { continue };
            members
                .entry(number)
                .or_insert_with(|| Params { values: BTreeMap::new(), missing: self.missing })
                .values
                .insert(inner.to_owned(), value.clone());
        }
        members
    }
}

/// Splits `N…`, `member.N…` or `Anything.N…` into the number and what follows it.
fn member(rest: &str) -> Option<(u64, &str)> {
    let (first, tail) = rest.split_once('.').map_or((rest, None), |(f, t)| (f, Some(t)));
    if let Ok(number) = first.parse() {
        return Some((number, tail.unwrap_or_default()));
    }
    let (number, inner) = tail?.split_once('.').unwrap_or((tail?, ""));
    Some((number.parse().ok()?, inner))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_in_numeric_order_whatever_the_element_is_called() {
        let p = Params::parse(
            b"A.10=ten&A.2=two&B.member.1=x&C.SubnetIdentifier.1=s&C.SubnetIdentifier.2=t&AB.1=no",
            Missing::Ec2,
        );
        assert_eq!(p.list("A"), ["two", "ten"]);
        assert_eq!(p.list("B"), ["x"]);
        assert_eq!(p.list("C"), ["s", "t"]);
        assert!(p.list("D").is_empty());
    }

    #[test]
    fn structures_keep_their_inner_lists() {
        let p = Params::parse(
            b"Filter.1.Name=vpc-id&Filter.1.Value.1=a&Filter.1.Value.2=b&Filter.2.Name=x",
            Missing::Ec2,
        );
        let filters = p.structs("Filter");
        assert_eq!(filters.len(), 2);
        assert_eq!(filters[0].get("Name"), Some("vpc-id"));
        assert_eq!(filters[0].list("Value"), ["a", "b"]);
    }

    #[test]
    fn words_absence_as_the_service_does() {
        let text = |m| Params::of(m, []).required("GroupName").unwrap_err().to_string();
        assert_eq!(text(Missing::Ec2), "MissingParameter: The request must contain the parameter groupName");
        assert_eq!(
            text(Missing::Blank),
            "InvalidParameterValue: The parameter GroupName must be provided and must not be blank."
        );
        assert!(text(Missing::Validation).contains("Value null at 'groupName'"));
    }

    #[test]
    fn refuses_what_is_no_number() {
        let p = Params::of(Missing::Blank, [("Port", "x"), ("Flag", "maybe"), ("Empty", "")]);
        assert!(p.int("Port").is_err());
        assert!(p.bool("Flag").is_err());
        assert_eq!(p.int("Empty"), Ok(None));
    }
}
