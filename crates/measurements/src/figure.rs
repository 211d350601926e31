//! Which figures a result has: a path to one is checked against the schema before anything is measured.

use crate::SCHEMA;
use crate::kind::Kind;
use crate::result::Measurement;
use serde_json::Value;
use std::fmt;
use std::sync::LazyLock;

static LINE: LazyLock<Value> = LazyLock::new(|| serde_json::from_str(SCHEMA).unwrap_or_default());

/// A figure of a kind of result: a JSON pointer to a number, in which a negative index counts from the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figure {
    kind: Kind,
    path: String,
    description: String,
}

/// Why a path leads to no figure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoFigure {
    /// There is no such kind of result.
    Kind {
        /// The kind that was asked for.
        name: String,
        /// The nearest one that there is.
        nearest: &'static str,
    },
    /// The kind has no such figure.
    Path {
        /// The kind.
        kind: Kind,
        /// The path that was asked for.
        path: String,
        /// The nearest one that there is; `0` stands where any index may.
        nearest: String,
    },
}

impl fmt::Display for NoFigure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kind { name, nearest } => {
                write!(f, "there is no result '{name}'; did you mean '{nearest}'?")
            }
            Self::Path { kind, path, nearest } => {
                write!(f, "the result '{kind}' has no figure '{path}'; did you mean '{nearest}'?")
            }
        }
    }
}

impl std::error::Error for NoFigure {}

/// Finds a figure by the name of its kind and its path.
///
/// # Errors
/// There is no such kind or figure; the nearest name is told.
pub fn figure(kind: &str, path: &str) -> Result<Figure, NoFigure> {
    let Some(found) = Kind::from_name(kind) else {
        let nearest = nearest(kind, Kind::ALL.iter().map(|kind| kind.name())).unwrap_or_default();
        return Err(NoFigure::Kind { name: kind.to_owned(), nearest });
    };
    let general = generalised(path);
    let all = figures(found);
    match all.iter().find(|figure| figure.path == general) {
        Some(figure) if path.starts_with('/') => Ok(Figure { path: path.to_owned(), ..figure.clone() }),
        _ => {
            let nearest = nearest(&general, all.iter().map(Figure::path)).unwrap_or_default().to_owned();
            Err(NoFigure::Path { kind: found, path: path.to_owned(), nearest })
        }
    }
}

/// All figures of a kind; where a list is passed, its first member stands for all.
pub fn figures(kind: Kind) -> Vec<Figure> {
    let mut found = Vec::new();
    let results = variants(&LINE).into_iter().flat_map(variants);
    for schema in results.filter(|schema| constant(schema, "kind") == Some(kind.name())) {
        collect(kind, schema, &mut String::new(), "", &mut found);
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found.dedup_by(|a, b| a.path == b.path);
    found
}

impl Figure {
    /// The path to it.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What it is, from the description of its field.
    pub fn description(&self) -> &str {
        &self.description
    }

    /// Its value in a result; nothing in one of another kind, or where it was not measured.
    pub fn of(&self, measurement: &Measurement) -> Option<f64> {
        (measurement.kind() == self.kind).then(|| at(&measurement.to_value(), &self.path)).flatten()
    }
}

/// The number at a JSON pointer in which a negative index counts from the end.
fn at(value: &Value, path: &str) -> Option<f64> {
    let found = path.split('/').skip(1).try_fold(value, |value, token| match value {
        Value::Array(list) => {
            let index: i64 = token.parse().ok()?;
            let back = usize::try_from(index.unsigned_abs()).ok()?;
            list.get(if index < 0 { list.len().checked_sub(back)? } else { back })
        }
        other => other.get(token),
    });
    found?.as_f64()
}

/// The path with every index as 0.
fn generalised(path: &str) -> String {
    let token = |token: &str| if token.parse::<i32>().is_ok() { "0".to_owned() } else { token.to_owned() };
    path.split('/').map(token).collect::<Vec<_>>().join("/")
}

fn nearest<'a>(wanted: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let likeness = |name: &str| strsim::jaro(wanted, name);
    names.max_by(|a, b| likeness(a).total_cmp(&likeness(b)))
}

/// Follows a reference into the definitions.
fn resolved(schema: &'static Value) -> &'static Value {
    let name = schema["$ref"].as_str().and_then(|path| path.strip_prefix("#/$defs/"));
    name.map_or(schema, |name| &LINE["$defs"][name])
}

/// The schemas of which a value has to meet one or all: the schema itself, and those that it is made of.
fn variants(schema: &'static Value) -> Vec<&'static Value> {
    let parts = ["oneOf", "anyOf", "allOf"].iter().filter_map(|key| schema[*key].as_array()).flatten();
    let referred = Some(resolved(schema)).filter(|other| !std::ptr::eq(*other, schema));
    let parts = parts.chain(referred).flat_map(variants);
    std::iter::once(schema).chain(parts).collect()
}

fn constant<'a>(schema: &'a Value, field: &str) -> Option<&'a str> {
    schema["properties"][field]["const"].as_str()
}

fn collect(kind: Kind, schema: &'static Value, path: &mut String, about: &str, found: &mut Vec<Figure>) {
    let about = schema["description"].as_str().unwrap_or(about).to_owned();
    for part in variants(schema) {
        let is = |name: &str| match &part["type"] {
            Value::Array(types) => types.iter().any(|t| t == name),
            one => one == name,
        };
        if is("number") || is("integer") {
            found.push(Figure { kind, path: path.clone(), description: about.clone() });
        }
        let length = path.len();
        for (name, schema) in part["properties"].as_object().into_iter().flatten() {
            path.push('/');
            path.push_str(name);
            collect(kind, schema, path, &about, found);
            path.truncate(length);
        }
        if part["items"].is_object() {
            path.push_str("/0");
            collect(kind, &part["items"], path, &about, found);
            path.truncate(length);
        }
    }
}
