//! Which charts a report has.

use super::chart::{Axis, Lines, Safe, Scale, Who, figure, width};
use super::short;
use recipe_walk_engine::report::{Comparison, LoadTest, Query, Side};
use serde_json::Value;
use std::fmt::Write as _;

/// The comparison in one drawing: for each query where the median lies, and how far the slow ones reach.
pub(super) fn comparison(comparison: &Comparison) -> String {
    let known: Vec<&Query> = comparison
        .queries
        .iter()
        .filter(|q| q.database.p50_ms.is_some() || q.cache.p50_ms.is_some())
        .collect();
    let values = known.iter().flat_map(|q| {
        [&q.database, &q.cache].into_iter().flat_map(|p| [p.p50_ms, p.p99_ms]).flatten().collect::<Vec<_>>()
    });
    if known.is_empty() {
        return String::new();
    }
    let axis = Axis::new(values, Scale::Log);
    let (left, right) = (14.0, 26.0);
    let x = |value: f64| left + axis.place(value) * (width() - left - right);
    let height = 34.0 + known.len() as f64 * 62.0;
    let bottom = height - 26.0;
    let mut svg = String::new();
    let count = axis.ticks.len();
    for (n, tick) in axis.ticks.iter().enumerate() {
        let at = x(*tick);
        // The outermost labels stay inside the drawing.
        let (anchor, label) = match n {
            0 => ("start", at - left),
            n if n + 1 == count => ("end", at + right - 4.0),
            _ => ("middle", at),
        };
        let _ = write!(
            svg,
            r#"<line class="grid" x1="{at:.1}" x2="{at:.1}" y1="4" y2="{bottom:.0}"/><text x="{label:.1}" y="{:.0}" text-anchor="{anchor}">{} ms</text>"#,
            bottom + 18.0,
            short(*tick)
        );
    }
    let mut words = String::new();
    for (row, query) in known.iter().enumerate() {
        let top = 16.0 + row as f64 * 62.0;
        let name = query.name();
        let ratio = query.ratio.map(|r| format!("{}×", short(r))).unwrap_or_default();
        let _ = write!(
            svg,
            r#"<text class="strong" x="{left}" y="{top:.0}">{}</text><text class="strong" x="{:.0}" y="{top:.0}" text-anchor="end">{ratio}</text>"#,
            Safe(&name),
            width() - 4.0
        );
        for (n, (who, side)) in
            [(Who::Database, &query.database), (Who::Cache, &query.cache)].into_iter().enumerate()
        {
            let Some(p50) = side.p50_ms else { continue };
            let y = top + 14.0 + n as f64 * 16.0;
            let slow = side.p99_ms.unwrap_or(p50);
            let title = format!(
                "{name}, {}: median {} ms, 99 of 100 within {} ms",
                who.name(),
                short(p50),
                short(slow)
            );
            let _ = write!(
                svg,
                r#"<g class="{}"><line class="reach" x1="{:.1}" x2="{:.1}" y1="{y:.1}" y2="{y:.1}"/>{}</g>"#,
                who.class(),
                x(p50),
                x(slow),
                who.mark(x(p50), y, &title)
            );
            let _ = write!(words, "{title}. ");
        }
    }
    figure(
        "How long a query takes",
        "Mark: the median. Band: up to the 99th percentile. Each line is ten times the one before. Right: ratio of the medians.",
        &words,
        height,
        &svg,
        [Who::Cache, Who::Database].into_iter(),
    )
}

/// The distribution of one query's latencies.
pub(super) fn distribution(query: &Query) -> String {
    let values = |p: &recipe_walk_engine::report::Percentiles| p.points().map(|(_, v)| v).to_vec();
    let labels: Vec<String> = query.cache.points().iter().map(|(l, _)| (*l).to_owned()).collect();
    Lines {
        title: &query.name(),
        about: "Latency by percentile, milliseconds, each line ten times the one below",
        x: "percentile",
        unit: " ms",
        places: evenly(labels.len()),
        labels,
        series: vec![(Who::Cache, values(&query.cache)), (Who::Database, values(&query.database))],
        scale: Scale::Log,
    }
    .figure()
}

/// The charts of the load test.
pub(super) fn load(load: &LoadTest) -> String {
    if load.stages.len() < 2 {
        return String::new();
    }
    let users: Vec<f64> = load.stages.iter().map(|s| s.users).collect();
    let chart = |title, about, unit, scale, value: fn(&Side) -> Option<f64>| {
        Lines {
            title,
            about,
            x: "users",
            unit,
            labels: users.iter().map(|u| short(*u)).collect(),
            places: by_magnitude(&users),
            series: vec![
                (Who::Cache, load.stages.iter().map(|s| value(&s.cache)).collect()),
                (Who::Database, load.stages.iter().map(|s| value(&s.database)).collect()),
            ],
            scale,
        }
        .figure()
    };
    [
        chart(
            "Throughput against users",
            "Requests answered a second, by concurrent users",
            " requests/s",
            Scale::Linear,
            |s| s.requests_per_s,
        ),
        chart(
            "Waiting time against users",
            "p95: 95 of 100 requests are faster; milliseconds, each line ten times the one below",
            " ms",
            Scale::Log,
            |s| s.p95_ms,
        ),
        chart(
            "Load on the database",
            "Queries that reach the database for every 1,000 requests answered, counted by the server itself",
            " queries",
            Scale::Linear,
            // A second's worth would compare unlike things: with the cache, many more requests are answered in it.
            |s| Some(s.database_queries_per_s? / s.requests_per_s.filter(|r| *r > 0.0)? * 1000.0),
        ),
        chart(
            "The slowest one in a hundred",
            "p99 against users; milliseconds, each line ten times the one below",
            " ms",
            Scale::Log,
            |s| s.p99_ms,
        ),
    ]
    .concat()
}

/// Requests a second while the replica was promoted.
pub(super) fn failover(result: &Value) -> String {
    let counts: Vec<f64> =
        result["throughput"].as_array().into_iter().flatten().filter_map(Value::as_f64).collect();
    if counts.len() < 3 {
        return String::new();
    }
    let seconds = result["seconds"].as_f64().unwrap_or(counts.len() as f64).max(1.0);
    let slot = seconds / counts.len() as f64;
    let rates: Vec<f64> = counts.iter().map(|c| c / slot).collect();
    let axis = Axis::new(rates.iter().copied(), Scale::Linear);
    let (left, right, top, bottom) = (50.0, 12.0, 16.0, 200.0);
    let x = |second: f64| left + (second / seconds).clamp(0.0, 1.0) * (width() - left - right);
    let y = |rate: f64| bottom - axis.place(rate) * (bottom - top);
    let mut svg = String::new();
    for tick in &axis.ticks {
        let at = y(*tick);
        let _ = write!(
            svg,
            r#"<line class="grid" x1="{left}" x2="{:.0}" y1="{at:.1}" y2="{at:.1}"/><text x="{:.0}" y="{:.1}" text-anchor="end">{}</text>"#,
            width() - right,
            left - 7.0,
            at + 4.0,
            short(*tick)
        );
    }
    let points: Vec<String> = rates
        .iter()
        .enumerate()
        .map(|(n, rate)| format!("{:.1},{:.1}", x((n as f64 + 0.5) * slot), y(*rate)))
        .collect();
    let line = points.join(" ");
    let (first, last) = (x(0.5 * slot), x(seconds - 0.5 * slot));
    let _ = write!(
        svg,
        r#"<g class="cache"><polygon class="area" points="{first:.1},{bottom} {line} {last:.1},{bottom}"/><polyline class="line" points="{line}"/></g>"#
    );
    for second in Axis::new([seconds].into_iter(), Scale::Linear).ticks.iter().filter(|s| **s <= seconds) {
        let _ = write!(
            svg,
            r#"<text x="{:.1}" y="{:.0}" text-anchor="middle">{} s</text>"#,
            x(*second),
            bottom + 18.0,
            short(*second)
        );
    }
    let mut words =
        format!("Between {} and {} requests a second. ", short(least(&rates)), short(most(&rates)));
    if let Some(at) = result["promoted_at_s"].as_f64() {
        let (line, side) = (x(at), if at > seconds / 2.0 { ("end", -6.0) } else { ("start", 6.0) });
        let _ = write!(
            svg,
            r#"<line class="event" x1="{line:.1}" x2="{line:.1}" y1="{top}" y2="{bottom}"/><text class="strong" x="{:.1}" y="{:.0}" text-anchor="{}">promoted</text>"#,
            line + side.1,
            top + 4.0,
            side.0
        );
        let _ = write!(words, "The replica was promoted after {} seconds.", short(at));
    }
    figure(
        "What users noticed of the failover",
        "Requests answered a second; the dashed line: the replica is the primary now",
        &words,
        bottom + 26.0,
        &svg,
        std::iter::empty(),
    )
}

fn least(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::MAX, f64::min)
}

fn most(values: &[f64]) -> f64 {
    values.iter().copied().fold(0.0, f64::max)
}

fn evenly(count: usize) -> Vec<f64> {
    (0..count).map(|n| n as f64 / (count.max(2) - 1) as f64).collect()
}

/// Places by the logarithm, where all are above nothing and rise; else evenly.
fn by_magnitude(values: &[f64]) -> Vec<f64> {
    let rising = values.windows(2).all(|pair| pair[0] < pair[1]);
    let (Some(first), Some(last)) = (values.first(), values.last()) else { return Vec::new() };
    if !rising || *first <= 0.0 || values.len() < 2 {
        return evenly(values.len());
    }
    let (low, high) = (first.ln(), last.ln());
    values.iter().map(|v| (v.ln() - low) / (high - low)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn users_lie_by_their_magnitude() {
        let places = by_magnitude(&[1.0, 10.0, 100.0]);
        assert!((places[1] - 0.5).abs() < 1e-9 && (places[2] - 1.0).abs() < 1e-9, "{places:?}");
        assert_eq!(by_magnitude(&[0.0, 10.0, 100.0]), [0.0, 0.5, 1.0]);
        assert_eq!(by_magnitude(&[10.0]), [0.0]);
        assert!(by_magnitude(&[]).is_empty());
    }

    #[test]
    fn what_was_not_measured_has_no_chart() {
        assert_eq!(comparison(&Comparison::default()), "");
        assert_eq!(load(&LoadTest::default()), "");
        assert_eq!(failover(&json!({})), "");
        assert_eq!(distribution(&Query::default()), "");
    }

    #[test]
    fn the_failover_marks_the_promotion() {
        let text = failover(&json!({"seconds": 4, "promoted_at_s": 2.5, "throughput": [10, 20, 0, 30]}));
        assert!(text.contains("promoted after 2.5 seconds") && text.contains("class=\"event\""), "{text}");
    }
}
