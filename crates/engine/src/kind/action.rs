//! The requests that change the account, each of its kind; with them what a session plans and what a service answers.

use crate::cli_line::{Line, is_variable};
use crate::kind::catalog::names;
use crate::kind::family::family;
use crate::kind::{self, Arn, Kind};
use crate::place::Place;
use crate::tags::Tags;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};

macro_rules! action {
    ($($kind:ident $name:literal,)*) => {
        family! {
            /// One request that changes the account. Secrets appear only as the path of the SecureString that holds them.
            /// It has the methods of its kind, [`Kind`].
            Action of kind { $($kind $name,)* }
        }

        impl Action {
            /// The name of its kind.
            pub fn kind(&self) -> &'static str {
                match self { $(Self::$kind(_) => $name,)* }
            }

            /// The names of the fields of a kind's request; none where there is no kind of that name.
            pub fn fields(kind: &str) -> Option<&'static [&'static str]> {
                match kind {
                    $($name => Some(names::of::<kind::$kind>()),)*
                    _ => None,
                }
            }

            /// The types of ARN of all kinds.
            pub fn arns() -> impl Iterator<Item = &'static Arn> {
                [$(<kind::$kind as Kind>::arns()),*].into_iter().flatten()
            }

            /// The type of ARN that it is named by.
            pub fn arn(&self) -> Option<&'static Arn> {
                match self { $(Self::$kind(_) => <kind::$kind as Kind>::arns().first(),)* }
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
    fn recorded<'de, D: Deserializer<'de>>(request: D) -> Result<Self, D::Error> {
        let mut request = Value::deserialize(request)?;
        let known = request["kind"].as_str().and_then(Self::fields);
        if let (Some(known), Some(fields)) = (known, request.as_object_mut()) {
            fields.retain(|name, _| name == "kind" || known.contains(&name.as_str()));
        }
        serde_json::from_value(request).map_err(D::Error::custom)
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
pub const FORGOTTEN: &str = "-";

/// An action with its place in the session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Planned {
    /// Unique in the session, stable over runs: `app-group`, `cache`, `database`, …
    pub name: String,
    /// How often it was made anew, from 1 on.
    #[serde(default = "Planned::first_generation")]
    pub generation: u32,
    /// The request.
    #[serde(deserialize_with = "Action::recorded")]
    pub action: Action,
    /// The tags it is made with.
    pub tags: Tags,
}

impl Planned {
    /// The AWS CLI's command for it.
    pub fn line(&self) -> Line {
        self.action.make_line(self)
    }

    /// The command that adds the session's tags to one that a person made without them; none for what has no tags of its
    /// own.
    pub fn tag_line(&self, place: &Place) -> Option<String> {
        Some(self.action.tag_line(self, place)?.tags(&self.tags).end(place.endpoint.as_deref()))
    }

    /// What is made for the first time.
    pub fn new(name: impl Into<String>, action: Action, tags: Tags) -> Self {
        Self { name: name.into(), generation: Self::first_generation(), action, tags }
    }

    /// The generation of what is made for the first time.
    pub fn first_generation() -> u32 {
        1
    }

    /// The same to be made anew, with a token that was never used.
    #[must_use]
    pub fn anew(&self) -> Self {
        Self { generation: self.generation.saturating_add(1), ..self.clone() }
    }

    /// Its idempotency token, for services that take one. It must not be used again once its resource is gone
    /// (`IdempotentInstanceTerminated`).
    pub fn token(&self) -> String {
        format!("{}-{}-{}", self.tags.session, self.name, self.generation)
    }

    /// The pattern of its tokens in all generations: a rebuilt session does not know how often it was made. What has a
    /// longer name has tokens that match it too, see [`Planned::is_token`].
    pub fn any_token(&self) -> String {
        format!("{}-{}-*", self.tags.session, self.name)
    }

    /// Whether that is one of its tokens, of whatever generation.
    pub fn is_token(&self, token: &str) -> bool {
        let (stem, generation) = token.rsplit_once('-').unwrap_or_default();
        self.any_token().strip_suffix("-*") == Some(stem) && generation.parse::<u32>().is_ok()
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
    use crate::kind::{CacheParameters, IngressRule, SecurityGroup};

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
    fn preflight_looks_for_the_roles_of_what_is_made() {
        let action = |kind: &str, more: serde_json::Value| {
            let mut fields = serde_json::json!({"kind": kind, "name": "n", "description": "d"});
            fields.as_object_mut().expect("fields").extend(more.as_object().expect("fields").clone());
            serde_json::from_value::<Action>(fields).expect("a request")
        };
        let subnets = action("db-subnet-group", serde_json::json!({"subnets": []}));
        let others = action("cache-subnet-group", serde_json::json!({"subnets": []}));
        let place = Place { account: String::new(), region: String::new(), endpoint: None };
        let roles = |actions: &[Action]| {
            let identity = crate::cloud::Identity { place: place.clone(), arn: String::new() };
            crate::cloud::Preflight::new(identity, Vec::new(), actions, 1, String::new()).roles
        };
        assert_eq!(roles(&[subnets.clone(), others.clone(), subnets]), [("rds", "AWSServiceRoleForRDS")]);
        assert_eq!(roles(&[others]), []);
    }

    #[test]
    fn what_is_made_anew_has_another_token() {
        let tags = Tags {
            session: crate::id::SessionId::from_bytes([1; 8]),
            step: String::new(),
            owner: String::new(),
            cohort: String::new(),
            expires_at: jiff::Timestamp::UNIX_EPOCH,
        };
        let action = IngressRule { group: "g".into(), source: "s".into(), port: 1 }.into();
        let first = Planned::new("rule", action, tags);
        assert_eq!(
            (first.token(), first.anew().token()),
            ("rw-bbbbbbbb-rule-1".into(), "rw-bbbbbbbb-rule-2".into())
        );
        assert_eq!(first.any_token(), "rw-bbbbbbbb-rule-*");
        assert!(first.is_token(&first.anew().token()));
        for other in ["rw-bbbbbbbb-rule-two-1", "rw-bbbbbbbb-rule-", "rw-cccccccc-rule-1", ""] {
            assert!(!first.is_token(other), "{other}");
        }
    }
}
