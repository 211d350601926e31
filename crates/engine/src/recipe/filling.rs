//! Filling in: a value of the recipe with placeholders becomes a value without. What stands for a placeholder is told by
//! whoever fills: the session, or the lint.

use crate::action::FORGOTTEN;
use crate::facts::MissingFact;
use crate::state::Misfit;
use serde_json::{Map, Value};

/// Why something cannot be filled in, or is no request then.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// An earlier step has not told what this one needs.
    #[error(transparent)]
    Unknown(#[from] MissingFact),
    /// The session has no opening.
    #[error(transparent)]
    Misfit(#[from] Misfit),
    /// What the recipe says is no request once it is filled in.
    #[error("{what}: {why}")]
    NoRequest {
        /// Its name in the recipe.
        what: String,
        /// Why.
        why: String,
    },
}

/// Looks up what stands for a placeholder: its text, or why there is none.
pub type Values<'a> = &'a dyn Fn(&str) -> Result<String, PlanError>;

/// A part of a text: as it stands, or the name of a placeholder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Text.
    Text(&'a str),
    /// What stands between double braces.
    Name(&'a str),
}

/// The pieces of a text, in order. Braces that are not closed are text.
pub fn pieces(text: &str) -> Vec<Piece<'_>> {
    let (mut pieces, mut rest) = (Vec::new(), text);
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((name, tail)) = after.split_once("}}") else { break };
        pieces.extend((!before.is_empty()).then_some(Piece::Text(before)));
        pieces.push(Piece::Name(name.trim()));
        rest = tail;
    }
    pieces.extend((!rest.is_empty()).then_some(Piece::Text(rest)));
    pieces
}

/// What a field takes in place of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Text, or something with a shape of its own.
    Text,
    /// A whole number.
    Number,
    /// A list of texts; facts have commas between them.
    List,
}

/// The key of a field that holds the name of a JSON file of the recipe: the file's content, filled in, is its text.
pub const JSON: &str = "json";

/// Bytes of JSON in a text; no service takes more.
const LONGEST: usize = 256 * 1024;

/// Fills values in.
pub struct Filling<'a>(pub Values<'a>);

impl Filling<'_> {
    /// A text.
    pub fn text(&self, text: &str) -> Result<String, PlanError> {
        let mut filled = String::with_capacity(text.len());
        for piece in pieces(text) {
            match piece {
                Piece::Text(text) => filled.push_str(text),
                Piece::Name(name) => filled += &(self.0)(name)?,
            }
        }
        Ok(filled)
    }

    /// A table's fields. `shape` tells what each takes: a value that is one placeholder and nothing else becomes that.
    pub fn fields(
        &self,
        fields: &Map<String, Value>,
        shape: &dyn Fn(&str) -> Shape,
    ) -> Result<Map<String, Value>, PlanError> {
        fields.iter().map(|(key, value)| Ok((key.clone(), self.shaped(value, shape(key))?))).collect()
    }

    fn shaped(&self, value: &Value, shape: Shape) -> Result<Value, PlanError> {
        let pieces = value.as_str().map(pieces).unwrap_or_default();
        let [Piece::Name(name)] = pieces[..] else { return self.value(value) };
        let filled = (self.0)(name)?;
        Ok(match shape {
            Shape::Text => filled.into(),
            // What nobody knows any more is recorded as nothing.
            Shape::Number if filled == FORGOTTEN => 0.into(),
            Shape::Number => filled.parse::<i64>().map_or_else(|_| filled.into(), Value::from),
            Shape::List => filled.split(',').map(str::to_owned).collect::<Vec<_>>().into(),
        })
    }

    /// Any value, in all its texts.
    pub fn value(&self, value: &Value) -> Result<Value, PlanError> {
        Ok(match value {
            Value::String(text) => self.text(text)?.into(),
            Value::Array(list) => list.iter().map(|v| self.value(v)).collect::<Result<_, _>>()?,
            Value::Object(table) => match (table.len(), table.get(JSON)) {
                (1, Some(content)) => json_text(&self.value(content)?)?,
                _ => Value::Object(self.fields(table, &|_| Shape::Text)?),
            },
            other => other.clone(),
        })
    }
}

/// JSON as a text. Each time that JSON stands in JSON its quotes double.
fn json_text(value: &Value) -> Result<Value, PlanError> {
    let text = value.to_string();
    if text.len() > LONGEST {
        let why = format!("its text has more than {LONGEST} bytes");
        return Err(PlanError::NoRequest { what: JSON.to_owned(), why });
    }
    Ok(text.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn known(name: &str) -> Result<String, PlanError> {
        match name {
            "name" => Ok("x\"y".into()),
            "list" => Ok("a,b".into()),
            "port" => Ok("6".into()),
            other => Err(MissingFact(other.to_owned()).into()),
        }
    }

    #[test]
    fn a_single_placeholder_takes_the_shape_of_its_field() {
        let shape = |key: &str| match key {
            "list" => Shape::List,
            "port" => Shape::Number,
            _ => Shape::Text,
        };
        let fields =
            json!({"list": "{{list}}", "port": "{{ port }}", "both": "{{port}}-{{list}}", "kept": 7});
        let filled = Filling(&known).fields(fields.as_object().expect("a table"), &shape).expect("known");
        let wanted = json!({"list": ["a", "b"], "port": 6, "both": "6-a,b", "kept": 7});
        assert_eq!(Value::Object(filled), wanted);
    }

    #[test]
    fn a_value_inside_json_stays_inside_its_quotes() {
        let filled = Filling(&known).value(&json!({"json": {"a": ["{{name}}"]}})).expect("known");
        assert_eq!(filled, json!(r#"{"a":["x\"y"]}"#));
    }

    #[test]
    fn json_in_json_in_json_has_an_end() {
        let deep = (0..100).fold(json!("\""), |inner, _| json!({"json": [inner]}));
        let refused = Filling(&known).value(&deep).expect_err("too long").to_string();
        assert!(refused.contains("more than"), "{refused}");
        assert!(Filling(&known).value(&json!({"json": {"a": {"json": ["{{name}}"]}}})).is_ok());
    }

    #[test]
    fn an_unknown_placeholder_is_named() {
        assert!(matches!(Filling(&known).text("a{{pony}}"), Err(PlanError::Unknown(u)) if u.0 == "pony"));
        assert_eq!(Filling(&known).text("a {{ b").expect("text"), "a {{ b");
    }
}
