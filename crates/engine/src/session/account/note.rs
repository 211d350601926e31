//! What a session keeps in the account beside its resources, so that it survives the loss of the machine: small SSM
//! parameters that say what the session is and what it measured.

use crate::answers::Answers;
use crate::id::SessionId;
use crate::names::parameters;
use crate::parameter::admissible;
use crate::recipe::Recipe;
use crate::record::Opening;
use crate::shown::is_visible;
use crate::state::State;
use crate::tags;
use jiff::Timestamp;
use recipe_walk_measurements::{Measurement, read_any};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::path::Path;

/// A standard parameter holds this many characters (docs/aws-errors.md, "Systems Manager"). Bytes are counted, which
/// is never too few.
pub const LIMIT: usize = 4096;
/// What the signature of a note takes of it: two blanks, a version and 64 digits.
const SIGNATURE: usize = 86;
/// Characters of a directory that a note names.
const LONGEST_DIR: usize = 1024;

/// What the session is: everything that its tags do not tell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passport {
    /// The recipe's id.
    pub recipe: String,
    /// What of the recipe the session depends on, as a digest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipe_hash: Option<String>,
    /// Directory of the recipe on the machine where the session was begun, where it is not the embedded one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipe_dir: Option<String>,
    /// The person, or empty.
    pub owner: String,
    /// The class, or empty.
    pub cohort: String,
    /// When the session was opened.
    pub opened_at: Timestamp,
    /// When everything should be gone.
    pub expires_at: Timestamp,
    /// Whether the account is the embedded sandbox.
    pub sandbox: bool,
    /// Answers by parameter, as they were written: whoever reads them checks them.
    pub answers: BTreeMap<String, String>,
    /// Whether clean-up has begun: whoever goes on with the session elsewhere must not build it up again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unwinding: bool,
}

impl Passport {
    /// The passport of an open session.
    pub fn of(opened_at: Timestamp, opening: &Opening, answers: &Answers) -> Self {
        Self {
            recipe: opening.recipe.clone(),
            recipe_hash: opening.recipe_hash.clone(),
            // Only said to a person: one that would not leave room for the rest is left out.
            recipe_dir: opening.recipe_dir.clone().filter(|dir| dir.len() <= LONGEST_DIR),
            owner: opening.owner.clone(),
            cohort: opening.cohort.clone(),
            opened_at,
            expires_at: opening.expires_at,
            sandbox: opening.sandbox,
            answers: answers.iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect(),
            unwinding: false,
        }
    }

    /// Reads a passport, also a signed one: whoever has the key may be another program. Each field is held against what it
    /// is; the answers are the recipe's rules' to judge.
    pub fn read(text: &str) -> Result<Self, String> {
        let passport: Self = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let Self { recipe, recipe_hash, recipe_dir, owner, cohort, .. } = &passport;
        let word = |text: &str| {
            text.len() <= 64 && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
        };
        let dir = |dir: &String| {
            Path::new(dir).is_absolute() && dir.len() <= LONGEST_DIR && dir.chars().all(is_visible)
        };
        let tag = |text: &String| tags::clean(text) == *text;
        for (what, fits) in [
            ("recipe", word(recipe)),
            ("recipe_hash", recipe_hash.as_deref().is_none_or(word)),
            ("recipe_dir", recipe_dir.as_ref().is_none_or(dir)),
            ("owner", tag(owner)),
            ("cohort", tag(cohort)),
            ("expires_at", passport.opened_at <= passport.expires_at),
            ("answers", passport.answers.values().all(|value| admissible(value).is_ok())),
        ] {
            if !fits {
                return Err(format!("its {what} cannot be one"));
            }
        }
        Ok(passport)
    }
}

/// The path of the key that signs the notes.
pub fn key_path(session: &SessionId) -> String {
    format!("{}/key", parameters(session))
}

/// The paths that are the session's own: a recipe may not take them.
pub fn is_taken(path: &str, session: &SessionId) -> bool {
    [key_path, passport_path, results_path, lease_path].iter().any(|own| own(session) == path)
}

/// The path of the passport.
pub fn passport_path(session: &SessionId) -> String {
    format!("{}/session", parameters(session))
}

/// The path of the measured results.
pub fn results_path(session: &SessionId) -> String {
    format!("{}/results", parameters(session))
}

/// The path of the lease.
pub fn lease_path(session: &SessionId) -> String {
    format!("{}/lease", parameters(session))
}

/// The order in which results are kept when not all of them fit: the table first.
const IMPORTANCE: [&str; 5] = ["compare", "load", "check", "load-data", "patterns"];

/// The measured results as one JSON text that fits into a parameter. A load test, which alone would fill it, is kept as far
/// as somebody looks at it later. What does not fit is left out, least important first.
pub fn results(state: &State) -> String {
    let mut kept = Map::new();
    let mut text = "{}".to_owned();
    let known = IMPORTANCE.iter().copied();
    let others = state.measured.keys().map(String::as_str).filter(|k| !IMPORTANCE.contains(k));
    for kind in known.chain(others) {
        let Some(result) = state.measured.get(kind) else { continue };
        let short = match Measurement::read(kind, result) {
            Ok(Measurement::Load(load)) => {
                load.briefs().map(|load| Measurement::Load(load.into()).to_value()).to_vec()
            }
            _ => vec![result.clone()],
        };
        for result in short {
            kept.insert(kind.to_owned(), result);
            let longer = Value::Object(kept.clone()).to_string();
            if longer.len() <= LIMIT - SIGNATURE {
                text = longer;
                break;
            }
            kept.remove(kind);
        }
    }
    text
}

/// Reads such a text from the account, where anybody may have written it: what no step of the recipe leaves, and what is not
/// understood, is left out.
pub fn read_results(text: &str, recipe: &Recipe) -> BTreeMap<String, Value> {
    if text.len() > LIMIT {
        return BTreeMap::new();
    }
    let mut results: BTreeMap<String, Value> = serde_json::from_str(text).unwrap_or_default();
    let left = |kind: &str| recipe.steps.iter().any(|step| step.result() == Some(kind));
    results.retain(|kind, result| left(kind) && read_any(kind, result).is_ok());
    results
}

#[cfg(test)]
mod tests {
    use super::*;
    use recipe_walk_measurements::result::Load;
    use recipe_walk_measurements::{Kind, sample};
    use serde_json::json;
    use std::path::Path;

    fn recipe() -> Recipe {
        Recipe::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../recipe")).expect("the recipe")
    }

    #[test]
    fn results_fit_and_the_table_comes_first() {
        let mut state = State::default();
        let long = |n: usize| Value::String("x".repeat(n));
        for (kind, size) in [("compare", 2000), ("load", 1500), ("check", 100), ("patterns", 3000)] {
            state.measured.insert(kind.to_owned(), long(size));
        }
        let text = results(&state);
        assert!(text.len() <= LIMIT, "{}", text.len());
        let kept: Value = serde_json::from_str(&text).expect("JSON");
        let kinds: Vec<&String> = kept.as_object().expect("an object").keys().collect();
        assert_eq!(kinds, ["check", "compare", "load"]);
    }

    #[test]
    fn comparison_and_load_test_of_real_size_fit_together() {
        let (compare, load) = (sample(Kind::Compare), sample(Kind::Load));
        let (one, other) = (compare.to_string().len(), load.to_string().len());
        assert!(one + other > LIMIT, "{one} {other}");
        let state = State {
            measured: BTreeMap::from([
                ("compare".into(), compare.clone()),
                ("load".into(), load.clone()),
                ("check".into(), sample(Kind::Check)),
                ("load-data".into(), sample(Kind::LoadData)),
            ]),
            ..State::default()
        };
        let text = results(&state);
        assert!(text.len() <= LIMIT, "{}", text.len());
        let kept = read_results(&text, &recipe());
        assert_eq!((kept.len(), &kept["compare"]), (4, &compare), "{text}");
        // All that a report makes of it, and what the question about it asks for.
        let typed = |value: &Value| match Measurement::read("load", value) {
            Ok(Measurement::Load(load)) => load,
            other => panic!("{other:?}"),
        };
        let (kept, whole) = (typed(&kept["load"]), typed(&load));
        assert_eq!((kept.charts(), kept.stages.len()), (whole.charts(), 4));
        let saved = |load: &Load| load.stages[3].database_queries_saved_percent;
        assert_eq!(saved(&kept), saved(&whole));
    }

    #[test]
    fn a_load_test_with_many_stages_keeps_its_table() {
        let mut load = sample(Kind::Load);
        let stage = load["stages"][0].clone();
        load["stages"] = vec![stage; 20].into();
        let mut state = State::default();
        state.measured.insert("load".into(), load);
        let text = results(&state);
        let kept: Value = serde_json::from_str(&text).expect("JSON");
        let last = &kept["load"]["stages"][19];
        assert!(last["cache"]["hit_ratio"] == 0.76215 && last["database"]["p99_ms"] == 6.193, "{text}");
        assert!(text.len() <= LIMIT && last["cache"]["p50_ms"].is_null(), "{text}");
    }

    #[test]
    fn forged_results_are_left_out() {
        let good = sample(Kind::LoadData);
        let forged = json!({"load-data": good, "compare": "x", "load": {"stages": []}, "pony": good});
        let kept = read_results(&forged.to_string(), &recipe());
        assert_eq!(kept.keys().collect::<Vec<_>>(), ["load-data"]);
        for text in ["", "[]", "{", &"x".repeat(LIMIT + 1)] {
            assert!(read_results(text, &recipe()).is_empty());
        }
    }

    #[test]
    fn letters_that_take_several_bytes_count_as_those() {
        let mut state = State::default();
        state.measured.insert("compare".into(), json!("ü".repeat(LIMIT / 2)));
        assert_eq!(results(&state), "{}");
    }
}
