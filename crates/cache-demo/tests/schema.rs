//! schema.json, against every result that any test sees. The validator knows the keywords that the schema uses, and
//! panics on any other, so that no rule is overlooked.

use serde_json::{Value, json};
use std::sync::LazyLock;

static SCHEMA: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("../schema.json")).expect("the schema is JSON"));

/// Panics unless `value` is a line of output as the schema describes it.
pub(crate) fn check(value: &Value) {
    // Its own definition says more about what is wrong than "none of fifteen".
    let name = match value["type"].as_str() {
        Some("result") => format!("result-{}", value["kind"].as_str().expect("a kind")),
        Some(other) => other.to_owned(),
        None => panic!("no type: {value}"),
    };
    let mut errors = Vec::new();
    validate(&SCHEMA["$defs"][&name], value, &name, &mut errors);
    validate(&SCHEMA, value, "", &mut errors);
    assert!(errors.is_empty(), "{errors:?}\n{value}");
}

/// Panics unless the text is a table: a header, and lines with as many cells.
pub(crate) fn check_csv(text: &str) {
    let cells = |line: &str| line.split('"').step_by(2).map(|bare| bare.matches(',').count()).sum::<usize>();
    let mut lines = text.split_terminator("\r\n");
    let header = lines.next().expect("a header");
    assert!(header.starts_with("kind,") && cells(header) > 1, "{text}");
    let rows: Vec<usize> = lines.map(cells).collect();
    assert!(!rows.is_empty() && rows.iter().all(|row| *row == cells(header)), "{rows:?}: {text}");
}

fn validate(schema: &Value, value: &Value, at: &str, errors: &mut Vec<String>) {
    let rules = schema.as_object().unwrap_or_else(|| panic!("{at}: no such definition"));
    for (keyword, rule) in rules {
        let fine = match keyword.as_str() {
            "$schema" | "$defs" | "title" | "description" => true,
            "$ref" => {
                let name = rule.as_str().and_then(|r| r.strip_prefix("#/$defs/")).expect("a local reference");
                validate(&SCHEMA["$defs"][name], value, at, errors);
                true
            }
            "oneOf" => {
                let matching = rule.as_array().expect("a list").iter().filter(|schema| {
                    let mut errors = Vec::new();
                    validate(schema, value, at, &mut errors);
                    errors.is_empty()
                });
                matching.count() == 1
            }
            "const" => value == rule,
            "enum" => rule.as_array().expect("a list").contains(value),
            "type" => match rule {
                Value::Array(types) => types.iter().any(|name| is(value, name)),
                name => is(value, name),
            },
            "minimum" => value.as_f64() >= rule.as_f64(),
            "required" => rule
                .as_array()
                .expect("a list")
                .iter()
                .all(|name| value.get(name.as_str().expect("a name")).is_some()),
            "properties" => {
                for (name, schema) in rule.as_object().expect("an object") {
                    if let Some(value) = value.get(name) {
                        validate(schema, value, &format!("{at}.{name}"), errors);
                    }
                }
                true
            }
            "additionalProperties" => {
                assert_eq!(rule, &Value::Bool(false), "only false is used");
                let known = schema["properties"].as_object().expect("properties");
                value.as_object().is_none_or(|fields| fields.keys().all(|name| known.contains_key(name)))
            }
            "items" => {
                for (n, value) in value.as_array().into_iter().flatten().enumerate() {
                    validate(rule, value, &format!("{at}[{n}]"), errors);
                }
                true
            }
            other => panic!("{at}: the validator does not know {other}"),
        };
        if !fine {
            errors.push(format!("{at}: {keyword}"));
        }
    }
}

fn is(value: &Value, name: &Value) -> bool {
    match name.as_str() {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("boolean") => value.is_boolean(),
        Some("number") => value.is_number(),
        Some("integer") => value.is_u64() || value.is_i64(),
        Some("null") => value.is_null(),
        other => panic!("an unknown type: {other:?}"),
    }
}

#[test]
fn the_validator_refuses_what_is_wrong() {
    let line = json!({"type": "progress", "stage": "a", "done": 1, "total": 2, "message": "m"});
    check(&line);
    for (name, value) in
        [("done", json!("1")), ("done", json!(-1)), ("more", json!(1)), ("type", json!("result"))]
    {
        let mut wrong = line.clone();
        wrong[name] = value;
        let mut errors = Vec::new();
        validate(&SCHEMA, &wrong, "", &mut errors);
        assert!(!errors.is_empty(), "{wrong}");
    }
    for command in cache_demo::command::Command::ALL {
        assert!(SCHEMA["$defs"].get(format!("result-{}", command.name())).is_some(), "{}", command.name());
    }
}
