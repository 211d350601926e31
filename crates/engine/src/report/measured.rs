//! What the demo measured, in the form that tables and charts need. A figure that is missing stays missing: an older or a
//! newer demo must not break a report.

use serde::{Deserialize, Serialize};

/// Latencies, milliseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Percentiles {
    /// Number of measurements.
    pub samples: Option<f64>,
    /// The median.
    pub p50_ms: Option<f64>,
    /// 95 of 100 are faster.
    pub p95_ms: Option<f64>,
    /// 99 of 100 are faster.
    pub p99_ms: Option<f64>,
    /// 999 of 1,000 are faster.
    pub p999_ms: Option<f64>,
    /// The slowest.
    pub max_ms: Option<f64>,
}

impl Percentiles {
    /// The points of the distribution's curve.
    pub fn points(&self) -> [(&'static str, Option<f64>); 5] {
        [
            ("p50", self.p50_ms),
            ("p95", self.p95_ms),
            ("p99", self.p99_ms),
            ("p99.9", self.p999_ms),
            ("max", self.max_ms),
        ]
    }
}

/// One query from both.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Query {
    /// Its id.
    pub id: String,
    /// What a person calls it.
    pub title: Option<String>,
    /// `pooled` or `connect-per-query`.
    pub style: String,
    /// Answered by the database.
    pub database: Percentiles,
    /// Answered by the cache.
    pub cache: Percentiles,
    /// Ratio of the medians.
    pub ratio: Option<f64>,
    /// In the lowest round.
    pub ratio_low: Option<f64>,
    /// In the highest round.
    pub ratio_high: Option<f64>,
}

impl Query {
    /// What a person calls it, with its style where that is not the usual one.
    pub fn name(&self) -> String {
        let title = self.title.clone().unwrap_or_else(|| self.id.clone());
        if self.style == "connect-per-query" { title + ", connecting each time" } else { title }
    }
}

/// How far figures can be trusted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Noise {
    /// Whether to take them with care.
    pub noisy: bool,
    /// What to do about it.
    pub advice: Vec<String>,
}

/// The comparison.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Comparison {
    /// Rounds of each side.
    pub rounds: Option<f64>,
    /// The queries.
    pub queries: Vec<Query>,
    /// How far to trust it.
    pub noise: Noise,
}

/// One side of a stage of the load test.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Side {
    /// Requests a second.
    pub requests_per_s: Option<f64>,
    /// The median, milliseconds.
    pub p50_ms: Option<f64>,
    /// 95 of 100 are faster.
    pub p95_ms: Option<f64>,
    /// 99 of 100 are faster.
    pub p99_ms: Option<f64>,
    /// Requests that failed.
    pub errors: Option<f64>,
    /// Part that the cache answered, 0 to 1.
    pub hit_ratio: Option<f64>,
    /// Queries that reached the database, a second.
    pub database_queries_per_s: Option<f64>,
}

/// One stage of the load test.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Stage {
    /// Concurrent users.
    pub users: f64,
    /// With the cache.
    pub cache: Side,
    /// From the database alone.
    pub database: Side,
    /// Part of the queries that the cache made unnecessary, percent.
    pub database_queries_saved_percent: Option<f64>,
}

/// The load test.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct LoadTest {
    /// Its stages, with rising numbers of users.
    pub stages: Vec<Stage>,
    /// How far to trust it.
    pub noise: Noise,
}

/// A figure that tells much.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Headline {
    /// The figure with its unit.
    pub figure: String,
    /// What it is.
    pub label: String,
}

/// The figures that tell most. A range where there is one: the best case alone would be a boast.
pub(super) fn headlines(comparison: Option<&Comparison>, load: Option<&LoadTest>) -> Vec<Headline> {
    let mut found = Vec::new();
    let mut add = |figure: String, label: String| found.push(Headline { figure, label });
    let ratios: Vec<f64> = comparison
        .iter()
        .flat_map(|c| &c.queries)
        .filter(|q| q.style != "connect-per-query")
        .filter_map(|q| q.ratio)
        .collect();
    let (low, high) = ratios.iter().fold((f64::MAX, 0.0_f64), |(l, h), r| (l.min(*r), h.max(*r)));
    match ratios.len() {
        0 => {}
        1 => add(times(low), "faster from the cache, at the median".into()),
        n => {
            let range = format!("{}–{}", times(low).trim_end_matches('×'), times(high));
            add(range, format!("faster from the cache, at the median of {n} queries"));
        }
    }
    if let Some(stage) = load.and_then(|l| l.stages.last()) {
        let users = format!("at {:.0} users", stage.users);
        if let (Some(with), Some(without)) = (stage.cache.requests_per_s, stage.database.requests_per_s)
            && without > 0.0
        {
            add(times(with / without), format!("the requests a second, {users}"));
        }
        if let Some(saved) = stage.database_queries_saved_percent {
            // 99.98 % is not all of them.
            let digits = if saved > 99.9 && saved < 100.0 { 2 } else { 1 };
            let saved = if digits == 2 { (saved * 100.0).floor() / 100.0 } else { saved };
            add(format!("{saved:.digits$} %"), format!("of the database's queries saved, {users}"));
        }
    }
    found
}

fn times(ratio: f64) -> String {
    if ratio < 9.95 { format!("{ratio:.1}×") } else { format!("{ratio:.0}×") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn headlines_are_a_range_and_never_round_up_to_everything() {
        let comparison: Comparison = serde_json::from_value(json!({"queries": [
            {"id": "a", "style": "pooled", "ratio": 1.74},
            {"id": "b", "style": "pooled", "ratio": 256.2},
            {"id": "a", "style": "connect-per-query", "ratio": 900.0}]}))
        .expect("reads");
        let load: LoadTest = serde_json::from_value(json!({"stages": [{"users": 100,
            "cache": {"requests_per_s": 1000.0}, "database": {"requests_per_s": 100.0},
            "database_queries_saved_percent": 99.996}]}))
        .expect("reads");
        let told: Vec<String> =
            headlines(Some(&comparison), Some(&load)).into_iter().map(|h| h.figure).collect();
        assert_eq!(told, ["1.7–256×", "10×", "99.99 %"]);
        assert_eq!(headlines(None, None), []);
    }

    #[test]
    fn missing_figures_stay_missing() {
        let empty: Comparison = serde_json::from_value(json!({"more": 1, "queries": [{}]})).expect("reads");
        assert_eq!(empty.queries[0].ratio, None);
        assert!(empty.queries[0].cache.points().iter().all(|(_, v)| v.is_none()));
    }
}
