//! What recipes can be made of, for their authors: all kinds with their fields, as their schemas describe them.

pub(crate) mod names;

use crate::action::Action;
use crate::kind::{Act, Look, Nature};
use schemars::Schema;
use serde::Serialize;
use serde_json::{Map, Value};

/// A kind, as an author sees it.
#[derive(Debug, Clone, Serialize)]
pub struct Entry {
    /// Where it stands in a recipe: `look`, `make` or `act`.
    pub stands: &'static str,
    /// Its name.
    pub kind: &'static str,
    /// What it is.
    pub about: String,
    /// Its fields.
    pub fields: Vec<Field>,
    /// The facts that a look-up finds, or that are known of what was made once it was waited for.
    pub facts: Vec<&'static str>,
}

/// A field of a kind.
#[derive(Debug, Clone, Serialize)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// What it takes: `text`, `number`, `list` or `table`.
    pub takes: &'static str,
    /// What it is.
    pub about: String,
}

/// All kinds: look-ups, what can be made, acts.
pub fn catalog() -> Vec<Entry> {
    let looks = Look::KINDS.iter().filter_map(|kind| {
        let fields = fields(&Look::schema(kind)?);
        let facts = sample::<Look>(kind, &fields)?.facts().iter().map(|(fact, _)| *fact).collect();
        Some(Entry { stands: "look", kind, about: about(&Look::schema(kind)?), fields, facts })
    });
    let makes = Action::KINDS.iter().filter_map(|kind| {
        let fields = fields(&Action::schema(kind)?);
        let action = sample::<Action>(kind, &fields)?;
        // A run sets it for a while; no step makes it.
        if matches!(action.properties().nature, Nature::TemporarySetting(_)) {
            return None;
        }
        let facts = std::iter::once("id").chain(action.properties().attributes.iter().copied()).collect();
        Some(Entry { stands: "make", kind, about: about(&Action::schema(kind)?), fields, facts })
    });
    let acts = Act::KINDS.iter().filter_map(|kind| {
        let fields = fields(&Act::schema(kind)?);
        Some(Entry { stands: "act", kind, about: about(&Act::schema(kind)?), fields, facts: Vec::new() })
    });
    looks.chain(makes).chain(acts).collect()
}

fn about(schema: &Schema) -> String {
    schema.get("description").and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn fields(schema: &Schema) -> Vec<Field> {
    let properties = schema.get("properties").and_then(Value::as_object);
    let field = |(name, field): (&String, &Value)| Field {
        name: name.clone(),
        takes: match field["type"].as_str() {
            Some("integer") => "number",
            Some("array") => "list",
            Some("object") => "table",
            _ => "text",
        },
        about: field["description"].as_str().unwrap_or_default().to_owned(),
    };
    properties.into_iter().flatten().map(field).collect()
}

/// A request of the kind in which every field is there.
fn sample<T: for<'de> serde::Deserialize<'de>>(kind: &str, fields: &[Field]) -> Option<T> {
    let value = |field: &Field| match field.takes {
        "number" => 1.into(),
        "list" => Value::Array(Vec::new()),
        "table" => Value::Object(Map::new()),
        _ => "x".into(),
    };
    let mut request: Map<String, Value> = fields.iter().map(|f| (f.name.clone(), value(f))).collect();
    request.insert("kind".into(), kind.into());
    T::deserialize(Value::Object(request)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_in_the_catalog_with_its_fields() {
        let all = catalog();
        let count = Look::KINDS.len() + Action::KINDS.len() + Act::KINDS.len();
        assert_eq!(all.len(), count - 1, "all but the temporary setting");
        for entry in &all {
            assert!(!entry.about.is_empty() && !entry.fields.is_empty(), "{entry:?}");
            assert!(entry.fields.iter().all(|f| !f.about.is_empty()), "{entry:?}");
        }
        let group = all.iter().find(|e| e.kind == "replication-group").expect("a kind");
        assert_eq!(group.facts, ["id", "primary_host", "reader_host", "port"]);
    }
}
