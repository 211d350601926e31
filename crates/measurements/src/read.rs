//! Reading a result that comes from outside: from the demo on an instance, from a note in the account, from a journal.
//!
//! Nothing of it is trusted: what does not have the shape of its kind, or goes beyond the limits, is not understood.

use crate::kind::Kind;
use crate::result::Measurement;
use crate::table::Table;
use crate::visible::one_line;
use serde_json::{Map, Value};
use std::fmt;

/// Bytes of a result as text; the demo's longest have less than a tenth.
pub(crate) const MOST_BYTES: usize = 64 * 1024;
/// Members of one list or object, letters of one text, and how deep they may lie.
const MOST_MEMBERS: usize = 500;
const LONGEST_TEXT: usize = 2_000;
const DEEPEST: usize = 8;
/// Letters of a stranger's text that are shown.
const SHOWN: usize = 200;
/// Figures lie between nothing and this.
const LARGEST: f64 = 1e15;

/// Why a result is not understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotUnderstood {
    /// The kind that it claims to be.
    pub kind: String,
    /// What is wrong with it.
    pub why: String,
}

impl fmt::Display for NotUnderstood {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the result '{}' is not understood: {}", self.kind, self.why)
    }
}

impl std::error::Error for NotUnderstood {}

impl Measurement {
    /// Reads a result of a kind. Fields that are not known are passed over: a newer demo may add some.
    ///
    /// # Errors
    /// There is no such kind, the shape is another one, or a limit is passed.
    pub fn read(kind: &str, result: &Value) -> Result<Self, NotUnderstood> {
        let not = |why: String| NotUnderstood { kind: one_line(kind, SHOWN), why: one_line(&why, SHOWN) };
        if Kind::from_name(kind).is_none() {
            return Err(not("there is no such kind".into()));
        }
        let mut fields = bounded(result).map_err(not)?.clone();
        fields.insert("kind".into(), kind.into());
        serde_json::from_value(Value::Object(fields)).map_err(|e| not(e.to_string()))
    }

    /// The result as JSON, as the demo prints it.
    pub fn to_value(&self) -> Value {
        // Types of ours always serialise: their keys are text, and what is not finite becomes null.
        serde_json::to_value(self).unwrap_or_default()
    }
}

/// Reads a result that may be a recipe's own program's: one of a kind that is known has that kind's shape; any other has none
/// that is known, and stays within the limits.
///
/// # Errors
/// It must not be kept, and why.
pub fn read_any(kind: &str, result: &Value) -> Result<Option<Measurement>, NotUnderstood> {
    if Kind::from_name(kind).is_some() {
        return Measurement::read(kind, result).map(Some);
    }
    let not = |why: String| NotUnderstood { kind: one_line(kind, SHOWN), why: one_line(&why, SHOWN) };
    bounded(result).map(|_| None).map_err(not)
}

/// A result of a recipe's own program as a table: its fields as they are, but for what every result has.
pub fn plain_table(result: &Value) -> Table {
    let mut table = Table::new(&["What", "Measured>"]);
    for (name, value) in result.as_object().into_iter().flatten() {
        if name != "type" && name != "kind" {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            table.row([one_line(name, SHOWN), one_line(&value, SHOWN)]);
        }
    }
    table
}

/// The fields of a result, if it is an object within the limits.
fn bounded(result: &Value) -> Result<&Map<String, Value>, String> {
    within_limits(result, 0)?;
    let Value::Object(fields) = result else { return Err("it is no object".into()) };
    // Long before it is written out, the limits have bounded it to some megabytes.
    if result.to_string().len() > MOST_BYTES {
        return Err(format!("it has more than {MOST_BYTES} bytes"));
    }
    Ok(fields)
}

fn within_limits(value: &Value, depth: usize) -> Result<(), String> {
    if depth > DEEPEST {
        return Err(format!("it lies deeper than {DEEPEST} levels"));
    }
    match value {
        Value::Number(number) => match number.as_f64() {
            Some(figure) if (0.0..=LARGEST).contains(&figure) => Ok(()),
            _ => Err(format!("{number} is no figure from 0 to {LARGEST:e}")),
        },
        Value::String(text) if text.len() > LONGEST_TEXT => {
            Err(format!("a text has more than {LONGEST_TEXT} bytes"))
        }
        Value::String(text) if text.chars().any(char::is_control) => {
            Err("a text has control characters".into())
        }
        Value::Null | Value::Bool(_) | Value::String(_) => Ok(()),
        Value::Array(list) if list.len() > MOST_MEMBERS => {
            Err(format!("a list has more than {MOST_MEMBERS} members"))
        }
        Value::Array(list) => list.iter().try_for_each(|value| within_limits(value, depth + 1)),
        Value::Object(fields) if fields.len() > MOST_MEMBERS => {
            Err(format!("an object has more than {MOST_MEMBERS} fields"))
        }
        Value::Object(fields) => fields.values().try_for_each(|value| within_limits(value, depth + 1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;
    use serde_json::json;

    #[test]
    fn every_sample_is_read_and_written_the_same() {
        for kind in Kind::ALL {
            let mut wanted = sample(kind);
            let measurement = Measurement::read(kind.name(), &wanted).expect("understood");
            wanted.as_object_mut().expect("an object").remove("type");
            assert_eq!((measurement.kind(), measurement.to_value()), (kind, wanted));
        }
    }

    #[test]
    fn forged_results_are_refused_and_shown_short() {
        let changed = |path: &str, value: Value| {
            let mut result = sample(Kind::Load);
            *result.pointer_mut(path).expect("a place") = value;
            result
        };
        let mut deep = json!(1);
        for _ in 0..2000 {
            deep = Value::Array(vec![deep]);
        }
        for (kind, result) in [
            ("load", json!(null)),
            ("load", json!([])),
            ("load", json!({})),
            ("compare", sample(Kind::Load)),
            ("pony", sample(Kind::Load)),
            ("\u{1b}[2J", sample(Kind::Load)),
            (&"x".repeat(100_000), sample(Kind::Load)),
            ("load", changed("/query", json!("\u{1b}[2J"))),
            ("load", changed("/query", json!("x".repeat(2_001)))),
            ("load", changed("/noise/advice", json!(vec!["x".repeat(2_000); 40]))),
            ("load", changed("/stages/0/users", json!(-1))),
            ("load", changed("/stages/0/users", json!("100"))),
            ("load", changed("/stages/0/cache/p50_ms", json!(1e300))),
            ("load", changed("/stages/0/cache/slots", json!(vec![1; 501]))),
            ("load", changed("/noise", deep)),
        ] {
            let why = Measurement::read(kind, &result).expect_err("forged").to_string();
            assert!(why.len() < 600 && !why.contains('\u{1b}'), "{why}");
        }
    }

    #[test]
    fn any_figures_give_tables_and_charts_without_panics() {
        for figure in [json!(0), json!(1), json!(1e15), json!(1e-300)] {
            for kind in Kind::ALL {
                let mut result = sample(kind);
                replace(&mut result, &figure);
                // Counts that are no whole numbers, or too large for their field, are refused.
                let Ok(measurement) = Measurement::read(kind.name(), &result) else { continue };
                let _ =
                    (measurement.table(), measurement.ended(), crate::headlines([&measurement].into_iter()));
                match &measurement {
                    Measurement::Compare(one) => drop((one.overview(), one.queries[0].distribution())),
                    Measurement::Load(one) => drop((one.charts(), one.opening(), one.briefs())),
                    Measurement::Failover(one) => drop(one.chart()),
                    _ => {}
                }
            }
        }
    }

    fn replace(value: &mut Value, figure: &Value) {
        match value {
            Value::Number(_) => *value = figure.clone(),
            Value::Array(list) => list.iter_mut().for_each(|value| replace(value, figure)),
            Value::Object(fields) => fields.values_mut().for_each(|value| replace(value, figure)),
            _ => {}
        }
    }
}
