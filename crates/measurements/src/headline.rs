//! The few figures that tell most.

use crate::format::times;
use crate::result::{Measurement, Style};
use serde::Serialize;

/// A figure that tells much.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Headline {
    /// The figure with its unit.
    pub figure: String,
    /// What it is.
    pub label: String,
}

/// The figures that tell most. A range where there is one: the best case alone would be a boast.
pub fn headlines<'a>(measured: impl Iterator<Item = &'a Measurement>) -> Vec<Headline> {
    let (mut comparison, mut load) = (None, None);
    for measurement in measured {
        match measurement {
            Measurement::Compare(one) => comparison = Some(one),
            Measurement::Load(one) => load = Some(one),
            _ => {}
        }
    }
    let mut found = Vec::new();
    let mut add = |figure: String, label: String| found.push(Headline { figure, label });
    let pooled = comparison.iter().flat_map(|c| &c.queries).filter(|q| q.style == Style::Pooled);
    let ratios: Vec<f64> = pooled.map(|q| q.ratio).collect();
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
        let users = format!("at {} users", stage.users);
        if let Some(without) = stage.database.as_ref().map(|d| d.requests_per_s).filter(|rate| *rate > 0.0) {
            add(times(stage.cache.requests_per_s / without), format!("the requests a second, {users}"));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::latencies::Latencies;
    use crate::noise::Noise;
    use crate::result::{Compare, Load, LoadSide, Query, Stage};

    #[test]
    fn headlines_are_a_range_and_never_round_up_to_everything() {
        let query = |style, ratio| Query {
            id: "a".into(),
            title: "A".into(),
            style,
            database: Latencies::default(),
            cache: Latencies::default(),
            ratio,
            ratio_low: ratio,
            ratio_high: ratio,
        };
        let queries = vec![
            query(Style::Pooled, 1.74),
            query(Style::Pooled, 256.2),
            query(Style::ConnectPerQuery, 900.0),
        ];
        let comparison = Compare { rounds: 5, queries, noise: Noise::default(), error: None };
        let side = |requests_per_s| LoadSide { requests_per_s, ..LoadSide::default() };
        let stage = Stage {
            users: 100,
            cache: side(1000.0),
            database: Some(side(100.0)),
            database_queries_saved_percent: Some(99.996),
            ..Stage::default()
        };
        let load = Load { stages: vec![stage], ..Load::default() };
        let measured = [Measurement::Load(load.into()), Measurement::Compare(comparison)];
        let told: Vec<String> = headlines(measured.iter()).into_iter().map(|h| h.figure).collect();
        assert_eq!(told, ["1.7–256×", "10×", "99.99 %"]);
        assert_eq!(headlines([].iter()), []);
    }
}
