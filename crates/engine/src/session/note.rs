//! What a session keeps in the account beside its resources, so that it survives the loss of the machine: small SSM
//! parameters that say what the session is and what it measured.

use crate::answers::Answers;
use crate::id::SessionId;
use crate::names::Names;
use crate::record::Opening;
use crate::state::State;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// A standard parameter holds this many characters (AWS-ERRORS section 6). Bytes are counted, which is never too few.
pub const LIMIT: usize = 4096;

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
            recipe_dir: opening.recipe_dir.clone().filter(|dir| dir.len() <= 1024),
            owner: opening.owner.clone(),
            cohort: opening.cohort.clone(),
            opened_at,
            expires_at: opening.expires_at,
            sandbox: opening.sandbox,
            answers: answers.iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect(),
            unwinding: false,
        }
    }
}

/// The path of the passport.
pub fn passport_path(session: &SessionId) -> String {
    format!("{}/session", Names(session).parameters())
}

/// The path of the measured results.
pub fn results_path(session: &SessionId) -> String {
    format!("{}/results", Names(session).parameters())
}

/// The path of the lease.
pub fn lease_path(session: &SessionId) -> String {
    format!("{}/lease", Names(session).parameters())
}

/// The order in which results are kept when not all of them fit: the table first.
const IMPORTANCE: [&str; 5] = ["compare", "load", "check", "load-data", "patterns"];

/// What a load test's sides keep: all that is drawn of them, or else what its table shows.
const SIDES: [&[&str]; 2] = [
    &["requests_per_s", "p50_ms", "p95_ms", "p99_ms", "errors", "hit_ratio", "database_queries_per_s"],
    &["requests_per_s", "p99_ms", "hit_ratio"],
];

/// The measured results as one JSON text that fits into a parameter. A load test, which alone would fill it, is kept as far
/// as somebody looks at it later. What does not fit is left out, least important first.
pub fn results(state: &State) -> String {
    let mut kept = Map::new();
    let mut text = "{}".to_owned();
    let known = IMPORTANCE.iter().copied();
    let others = state.measured.keys().map(String::as_str).filter(|k| !IMPORTANCE.contains(k));
    for kind in known.chain(others) {
        let Some(result) = state.measured.get(kind) else { continue };
        let short = match kind {
            "load" => SIDES.iter().map(|fields| load_test(result, fields)).collect(),
            _ => vec![result.clone()],
        };
        for result in short {
            kept.insert(kind.to_owned(), result);
            let longer = Value::Object(kept.clone()).to_string();
            if longer.len() <= LIMIT {
                text = longer;
                break;
            }
            kept.remove(kind);
        }
    }
    text
}

/// A load test with these fields of its sides, and without how it was made. What has no stages is left as it is.
fn load_test(result: &Value, fields: &[&str]) -> Value {
    let mut short = result.clone();
    if !result["stages"].is_array() {
        return short;
    }
    if let Some(whole) = short.as_object_mut() {
        whole.retain(|key, _| matches!(key.as_str(), "stages" | "noise"));
    }
    let stages = short.pointer_mut("/stages").and_then(Value::as_array_mut).into_iter().flatten();
    for stage in stages.filter_map(Value::as_object_mut) {
        for side in ["cache", "database"] {
            if let Some(side) = stage.get_mut(side).and_then(Value::as_object_mut) {
                side.retain(|key, _| fields.contains(&key.as_str()));
            }
        }
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::LoadTest;
    use serde_json::json;

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

    /// A side of a stage, with figures as long as the demo's.
    fn side(scale: f64, cache: bool) -> Value {
        let mut side = json!({
            "requests": 141_235, "requests_per_s": 11_769.58 * scale, "writes": 2807, "p50_ms": 0.711 * scale,
            "p95_ms": 1.234 * scale, "p99_ms": 3.275 * scale, "p999_ms": 9.215 * scale, "max_ms": 41.183 * scale,
            "errors": 0, "database_queries": 27_119, "database_queries_per_s": 2259.92 * scale,
            "slots": vec![4123; 10],
        });
        if cache {
            side["hit_ratio"] = json!(0.9713);
        }
        side
    }

    #[test]
    fn comparison_and_load_test_of_their_real_sizes_are_kept_together() {
        let latencies = json!({"samples": 24_000, "p50_ms": 0.213, "p95_ms": 0.311, "p99_ms": 0.524,
            "p999_ms": 1.875, "max_ms": 7.183});
        let query = |id: &str| {
            json!({"id": id, "title": "a category by sales", "style": "pooled", "database": latencies,
                "cache": latencies, "ratio": 14.83, "ratio_low": 13.91, "ratio_high": 15.27})
        };
        let noise = json!({"noisy": true, "steal_percent": 0.31, "spread_percent": 12.6,
            "advice": ["Close other programs and measure again."]});
        let queries = ["one", "two", "three", "four", "five"].map(query).to_vec();
        let compare = json!({"rounds": 5, "queries": queries, "noise": noise});
        let stages: Vec<Value> = [1, 10, 50, 100]
            .map(|users| {
                json!({"users": users, "cache": side(1.0, true), "database": side(0.173, false),
                    "database_queries_saved_percent": 96.13})
            })
            .to_vec();
        let load = json!({"query": "product", "skew": 1.1, "writes": 0.02, "think_ms": 0, "connections": 20,
            "stages": stages, "counters": {"hits": 512_345, "misses": 14_205, "loads": 13_917},
            "circuit_openings": 0, "peak_memory_mb": 41.3, "noise": noise});
        // As they were seen: 1,643 and 2,965 bytes, which is more than there is room for.
        let (one, other) = (compare.to_string().len(), load.to_string().len());
        assert!(
            (1600..1800).contains(&one) && (2900..3100).contains(&other) && one + other > LIMIT,
            "{one} {other}"
        );
        let state = State {
            measured: BTreeMap::from([
                ("compare".into(), compare.clone()),
                ("load".into(), load.clone()),
                ("check".into(), json!("x".repeat(300))),
                ("load-data".into(), json!("x".repeat(150))),
            ]),
            ..State::default()
        };
        let text = results(&state);
        assert!(text.len() <= LIMIT, "{}", text.len());
        let kept: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(kept["compare"], compare);
        assert_eq!(kept.as_object().map(Map::len), Some(4), "{text}");
        // All that a report makes of it, and what the question about it asks for.
        let typed = |value: &Value| serde_json::from_value::<LoadTest>(value.clone()).expect("a load test");
        assert_eq!(typed(&kept["load"]), typed(&load));
        assert_eq!(kept["load"].pointer("/stages/3/database_queries_saved_percent"), Some(&json!(96.13)));
    }

    #[test]
    fn a_load_test_with_many_stages_keeps_its_table() {
        let stages: Vec<Value> = (1..=20)
            .map(|n| json!({"users": n, "cache": side(1.0, true), "database": side(1.0, false)}))
            .collect();
        let mut state = State::default();
        state.measured.insert("load".into(), json!({"stages": stages}));
        let text = results(&state);
        let kept: Value = serde_json::from_str(&text).expect("JSON");
        let last = &kept["load"]["stages"][19];
        assert!(last["cache"]["hit_ratio"] == 0.9713 && last["database"]["p99_ms"] == 3.275, "{text}");
        assert!(text.len() <= LIMIT && last["cache"]["p50_ms"].is_null(), "{text}");
    }

    #[test]
    fn letters_that_take_several_bytes_count_as_those() {
        let mut state = State::default();
        state.measured.insert("compare".into(), json!("ü".repeat(LIMIT / 2)));
        assert_eq!(results(&state), "{}");
    }
}
