//! The requests that change the account, each of its kind; with them what a session plans and what a service answers.

use crate::cli_line::{Line, is_variable};
use crate::kind::catalog::fields;
use crate::kind::{self, Arn, Kind};
use crate::place::Place;
use crate::tags::Tags;
use schemars::{Schema, schema_for};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};

macro_rules! action {
    ($($kind:ident $name:literal,)*) => {
        /// One request that changes the account. Secrets appear only as the path of the SecureString that holds them.
        /// It has the methods of its kind, [`Kind`].
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(tag = "kind")]
        #[allow(missing_docs, reason = "each kind is described where it is defined")]
        pub enum Action {
            $(#[serde(rename = $name)] $kind(kind::$kind),)*
        }

        impl Action {
            /// The names of all kinds, as recipes and journals have them.
            pub const KINDS: &[&str] = &[$($name),*];

            /// The name of its kind.
            pub fn kind(&self) -> &'static str {
                match self { $(Self::$kind(_) => $name,)* }
            }

            /// The JSON schema of a kind's request, with what the kind and its fields are as descriptions; none where
            /// there is no kind of that name.
            pub fn schema(kind: &str) -> Option<Schema> {
                match kind {
                    $($name => Some(schema_for!(kind::$kind)),)*
                    _ => None,
                }
            }

            /// The names of the fields of a kind's request; none where there is no kind of that name.
            pub fn fields(kind: &str) -> Option<&'static [&'static str]> {
                match kind {
                    $($name => Some(fields::of::<kind::$kind>()),)*
                    _ => None,
                }
            }

            /// The types of ARN of all kinds.
            pub fn arns() -> impl Iterator<Item = &'static Arn> {
                [$(<kind::$kind as Kind>::arns()),*].into_iter().flatten()
            }
        }

        impl Deref for Action {
            type Target = dyn Kind;

            fn deref(&self) -> &(dyn Kind + 'static) {
                match self { $(Self::$kind(request) => request,)* }
            }
        }

        impl DerefMut for Action {
            fn deref_mut(&mut self) -> &mut (dyn Kind + 'static) {
                match self { $(Self::$kind(request) => request,)* }
            }
        }

        $(impl From<kind::$kind> for Action {
            fn from(request: kind::$kind) -> Self {
                Self::$kind(request)
            }
        })*
    };
}
crate::kinds!(action);

impl Action {
    /// A request as a journal has it. What a later version adds to one is passed over there, while in a recipe a field
    /// that nobody knows is an error.
    pub fn recorded(mut request: Value) -> Result<Self, serde_json::Error> {
        let known = request["kind"].as_str().and_then(Self::fields);
        if let (Some(known), Some(fields)) = (known, request.as_object_mut()) {
            fields.retain(|name, _| name == "kind" || known.contains(&name.as_str()));
        }
        serde_json::from_value(request)
    }

    /// Whether it refers to something whose id is known only once that is made: a field is a shell variable still.
    pub fn is_incomplete(&self) -> bool {
        self.any_text(&is_variable)
    }

    /// Whether a text of it, at any depth, is like that.
    pub fn any_text(&self, like: &dyn Fn(&str) -> bool) -> bool {
        fn any(value: &Value, like: &dyn Fn(&str) -> bool) -> bool {
            match value {
                Value::String(text) => like(text),
                Value::Array(list) => list.iter().any(|value| any(value, like)),
                Value::Object(fields) => fields.values().any(|value| any(value, like)),
                Value::Null | Value::Bool(_) | Value::Number(_) => false,
            }
        }
        any(&serde_json::to_value(self).unwrap_or_default(), like)
    }
}

/// Stands in recorded requests for a fact that nobody knows any more.
pub const UNKNOWN: &str = "-";

/// An action with its place in the session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Planned {
    /// Unique in the session, stable over runs: `app-group`, `cache`, `database`, …
    pub name: String,
    /// The request.
    pub action: Action,
    /// The tags it is made with.
    pub tags: Tags,
}

impl Planned {
    /// The AWS CLI's command for it.
    pub fn line(&self) -> Line {
        self.action.make_line(&self.tags)
    }

    /// The command that adds the session's tags to one that a person made without them; none for what has no tags of its
    /// own.
    pub fn tag_line(&self, place: &Place) -> Option<String> {
        Some(self.action.tag_line(place)?.tags(&self.tags).end(place.endpoint.as_deref()))
    }

    /// The same request with a token that was never used, where it has one: the next generation's.
    pub fn with_next_token(&self) -> Option<Self> {
        let mut planned = self.clone();
        let token = planned.action.token()?;
        let (stem, generation) = token.rsplit_once('-')?;
        *token = format!("{stem}-{}", generation.parse::<u32>().ok()?.checked_add(1)?);
        Some(planned)
    }
}

/// What a create or a find told.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Output {
    /// The id by which the service knows it.
    pub id: String,
    /// The rest, folded into the facts as `<name>.<key>`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<String, String>,
}

impl Output {
    /// An output that is an id alone.
    pub fn id(id: impl Into<String>) -> Self {
        Self { id: id.into(), attributes: BTreeMap::new() }
    }
    /// The same with one more attribute.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<String>) -> Self {
        self.attributes.insert(key.to_owned(), value.into());
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::{CacheParameters, IngressRule, Instance, SecurityGroup};

    #[test]
    fn undoing_goes_by_the_services_id() {
        let group = SecurityGroup { name: "rw-x-app".into(), description: "d".into(), vpc: "v".into() };
        let line = Action::from(group).undo_line("sg-1").expect("a line").end(None);
        assert_eq!(line, "aws ec2 delete-security-group \\\n    --group-id sg-1");
        let setting = Action::from(CacheParameters { group: "g".into(), values: [].into() });
        assert_eq!(setting.undo_line(""), None);
    }

    #[test]
    fn a_rule_waits_for_the_ids_of_its_groups() {
        let rule = |source: &str| IngressRule { group: "sg-1".into(), source: source.into(), port: 1 };
        assert!(Action::from(rule("$APP_GROUP_ID")).is_incomplete());
        assert!(!Action::from(rule("sg-2")).is_incomplete());
    }

    #[test]
    fn every_kind_describes_itself_and_refuses_unknown_fields() {
        for name in Action::KINDS {
            let schema = Action::schema(name).expect(name);
            let text = |key: &str| schema.get(key).and_then(serde_json::Value::as_str);
            assert!(text("description").is_some_and(|about| !about.is_empty()), "{name}");
            let fields = schema.get("properties").and_then(serde_json::Value::as_object).expect(name);
            let named = Action::fields(name).expect(name);
            assert!(fields.keys().all(|field| named.contains(&field.as_str())), "{name}: {named:?}");
            assert!(fields.values().all(|field| field["description"].is_string()), "{name}: {fields:?}");
            let problem = serde_json::json!({"kind": name, "no-such-field": 1});
            let problem = serde_json::from_value::<Action>(problem).expect_err(name).to_string();
            assert!(problem.contains("no-such-field"), "{problem}");
        }
        assert!(Action::schema("no-such-kind").is_none());
    }

    #[test]
    fn only_a_request_with_a_token_has_a_next_one() {
        let instance = Instance {
            name: "n".into(),
            token: "rw-x-instance-1".into(),
            image: String::new(),
            instance_type: "t3.micro".into(),
            subnet: String::new(),
            security_group: String::new(),
            profile: String::new(),
            hours_to_live: 4,
        };
        let tags = Tags {
            session: crate::id::SessionId::from_bytes([1; 8]),
            step: String::new(),
            owner: String::new(),
            cohort: String::new(),
            expires_at: jiff::Timestamp::UNIX_EPOCH,
        };
        let planned = |action| Planned { name: "n".into(), action, tags: tags.clone() };
        let next = planned(instance.into()).with_next_token().expect("a token");
        assert!(matches!(next.action, Action::Instance(i) if i.token == "rw-x-instance-2"));
        let rule = IngressRule { group: "g".into(), source: "s".into(), port: 1 };
        assert!(planned(rule.into()).with_next_token().is_none());
    }
}
