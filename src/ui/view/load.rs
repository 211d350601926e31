//! The load test's result: both sides of each stage, the document's opening problem, and how latencies and throughput
//! were spread.

use crate::ui::Terminal;
use crate::ui::style::{Paint, Style};
use crate::ui::table::Table;
use crate::ui::text::{number, wrap};
use crate::ui::view::results::{measured, text};
use serde_json::Value;
use std::fmt::Write as _;

/// From so many columns on, the table of both sides has all its columns; below the second, it leaves out two percentiles.
const WIDE: usize = 96;
const NARROW: usize = 76;
/// The sides by their names in a result, and what they are called.
const SIDES: [(&str, &str); 2] = [("database", "database alone"), ("cache", "with the cache")];
/// Bars of a sparkline, lowest first.
const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const ASCII_BARS: [char; 8] = ['_', '.', '-', '~', '=', '+', '*', '#'];
/// The longest bar of a histogram.
const LONGEST: usize = 40;

impl Terminal {
    /// Its tables.
    pub(super) fn load(&self, result: &Value) {
        let style = self.style();
        self.say(&sides(result, style.width).render(style));
        self.prose(
            "The opening problem: what 95 of 100 answers take at most (p95, milliseconds), against users.",
        );
        self.say(&opening(result, style).render(style));
        if draws(style) {
            self.prose("Over time: requests in each tenth of a stage, one mark each.");
        }
    }

    /// Its histograms, and its errors by what they said.
    pub(super) fn load_details(&self, result: &Value) {
        let style = self.style();
        let last = result["stages"].as_array().and_then(|stages| stages.last());
        let users = last.map(|stage| text(&stage["users"])).unwrap_or_default();
        for (side, name) in SIDES {
            let bars = histogram(&result["histogram"][side], style);
            if !bars.is_empty() {
                self.say(&format!("How long answers take, {users} users, {name}:"));
                self.say(&bars);
            }
        }
        for line in errors(result) {
            self.tell(Paint::Warning, &wrap(&line, style.width - 2, "").join("\n  "));
        }
    }
}

/// What a column shows of a stage's side.
type Cell<'a> = Box<dyn Fn(&Value) -> String + 'a>;

/// Both sides of each stage, with as many columns as a terminal of this width has room for.
pub(crate) fn sides(result: &Value, width: usize) -> Table {
    let ms = |field: &'static str| move |side: &Value| measured(&side[field]);
    let share = |value: Option<f64>| value.map_or("-".to_owned(), |s| format!("{s:.1}%"));
    let mut columns: Vec<(&str, Cell<'_>)> = vec![
        ("rps>", Box::new(|side| side["requests_per_s"].as_f64().map_or("-".to_owned(), number))),
        ("p50 ms>", Box::new(ms("p50_ms"))),
        ("p95 ms>", Box::new(ms("p95_ms"))),
        ("p99 ms>", Box::new(ms("p99_ms"))),
        ("p99.9 ms>", Box::new(ms("p999_ms"))),
        ("Errors>", Box::new(|side| text(&side["errors"]))),
        ("Hits>", Box::new(|side| share(side["hit_ratio"].as_f64().map(|ratio| ratio * 100.0)))),
        (
            "Database queries/s>",
            Box::new(|side| side["database_queries_per_s"].as_f64().map_or("-".to_owned(), number)),
        ),
    ];
    if width < WIDE {
        columns.truncate(6);
    }
    if width < NARROW {
        columns.retain(|(name, _)| !["p50 ms>", "p99.9 ms>"].contains(name));
    }
    let names: Vec<&str> =
        ["Users>", "Answered by"].into_iter().chain(columns.iter().map(|(n, _)| *n)).collect();
    let mut table = Table::new(&names);
    for stage in result["stages"].as_array().into_iter().flatten() {
        let both = |cell: &Cell<'_>| ["database", "cache"].map(|side| cell(&stage[side])).join("\n");
        let cells = columns.iter().map(|(_, cell)| both(cell));
        table.row([text(&stage["users"]), "database\ncache".to_owned()].into_iter().chain(cells));
    }
    table
}

/// p95 against users, what the database was spared, and throughput over each stage's time.
pub(crate) fn opening(result: &Value, style: Style) -> Table {
    let drawn = draws(style);
    let mut names = vec!["Users>", "Database alone>", "With cache>", "Hits>", "Queries saved>"];
    if drawn {
        names.extend(["Database over time", "Cache over time"]);
    }
    let mut table = Table::new(&names);
    for stage in result["stages"].as_array().into_iter().flatten() {
        let percent = |share: Option<f64>| share.map_or("-".to_owned(), |s| format!("{s:.1}%"));
        let mut row = vec![
            text(&stage["users"]),
            measured(&stage["database"]["p95_ms"]),
            measured(&stage["cache"]["p95_ms"]),
            percent(stage["cache"]["hit_ratio"].as_f64().map(|ratio| ratio * 100.0)),
            percent(stage["database_queries_saved_percent"].as_f64()),
        ];
        if drawn {
            row.extend(SIDES.map(|(side, _)| sparkline(&stage[side]["slots"], style.unicode)));
        }
        table.row(row);
    }
    table
}

/// Whether there is room for throughput over time, and somebody looks.
fn draws(style: Style) -> bool {
    !style.plain && style.width >= NARROW
}

/// One character a value, by its share of the largest.
fn sparkline(values: &Value, unicode: bool) -> String {
    let values: Vec<u64> = values.as_array().into_iter().flatten().filter_map(Value::as_u64).collect();
    let most = values.iter().copied().max().unwrap_or(0).max(1);
    let bars = if unicode { BARS } else { ASCII_BARS };
    let bar = |value: u64| {
        let step = value.saturating_mul(bars.len() as u64).div_ceil(most).clamp(1, bars.len() as u64);
        bars[step as usize - 1]
    };
    values.into_iter().map(bar).collect()
}

/// A line for each range of latencies, with a bar unless somebody listens.
fn histogram(ranges: &Value, style: Style) -> String {
    let ranges: Vec<(f64, u64)> = ranges
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|range| Some((range["to_ms"].as_f64()?, range["count"].as_u64()?)))
        .collect();
    let most = ranges.iter().map(|(_, count)| *count).max().unwrap_or(0).max(1);
    let mark = if style.unicode { "■" } else { "#" };
    let mut out = String::new();
    for (to, count) in ranges {
        let to = measured(&to.into());
        if style.plain {
            let _ = writeln!(out, "  up to {to} ms: {}", number(count as f64));
            continue;
        }
        let room = style.width.saturating_sub(34).min(LONGEST) as u64;
        let bar = mark.repeat(count.saturating_mul(room).div_ceil(most) as usize);
        let line = format!("  up to {to:>6} ms  {:>11}  {bar}", number(count as f64));
        let _ = writeln!(out, "{}", line.trim_end());
    }
    out.trim_end().to_owned()
}

/// Requests that failed, by what they said.
fn errors(result: &Value) -> Vec<String> {
    let mut lines = Vec::new();
    for stage in result["stages"].as_array().into_iter().flatten() {
        for (side, name) in SIDES {
            for message in stage[side]["error_messages"].as_array().into_iter().flatten() {
                let what = message["what"].as_str().unwrap_or_default();
                let (users, count) = (text(&stage["users"]), text(&message["count"]));
                lines.push(format!("Errors at {users} users, {name}: {count} times: {what}"));
            }
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use unicode_width::UnicodeWidthStr as _;

    fn result() -> Value {
        let side = |rate: f64| {
            json!({"requests_per_s": rate, "p50_ms": 12.3456, "p95_ms": 431.5, "p99_ms": 1234.5, "p999_ms": 5574.25,
                "errors": 120_000, "hit_ratio": 0.987, "database_queries_per_s": 123.4,
                "slots": [1, 2, 3, 4, 5, 6, 7, 8, 8, 8],
                "error_messages": [{"what": "MySQL has no connection left.", "count": 1234}]})
        };
        json!({"stages": [{"users": 10_000, "cache": side(502_022.4), "database": side(1876.5),
            "database_queries_saved_percent": 98.7}, {"users": 1, "cache": {}}],
            "histogram": {"cache": [{"to_ms": 0.512, "count": 123_456}, {"to_ms": 31.5, "count": 7}]}})
    }

    #[test]
    fn its_tables_fit_every_width_and_show_more_where_there_is_room() {
        for (width, unicode) in [(60, true), (80, true), (80, false), (120, true)] {
            let style = Style { unicode, width, ..Style::default() };
            let (sides, opening) =
                (sides(&result(), width).render(style), opening(&result(), style).render(style));
            for text in [&sides, &opening] {
                assert!(text.lines().all(|l| l.width() <= width), "{width}: {text}");
                assert!(unicode || text.is_ascii(), "{text}");
            }
            assert!(sides.contains("120,000") && sides.contains("502,022"), "{sides}");
            assert_eq!(sides.contains("5,574"), width >= 80, "{sides}");
            assert_eq!(sides.contains("98.7%"), width >= 96, "{sides}");
            assert!(opening.contains("98.7%") && opening.contains(" - "), "{opening}");
            let drawn = if unicode { "▁▂▃▄▅▆▇███" } else { "_.-~=+*###" };
            assert_eq!(opening.contains(drawn), width >= 80, "{opening}");
        }
    }

    #[test]
    fn a_histogram_has_bars_or_only_words() {
        let bars = &result()["histogram"]["cache"];
        let drawn = histogram(bars, Style { width: 80, unicode: true, ..Style::default() });
        let lines: Vec<&str> = drawn.lines().collect();
        assert!(lines[0].ends_with(&"■".repeat(LONGEST)) && lines[1].ends_with("7  ■"), "{drawn}");
        let plain = histogram(bars, Style { width: 80, plain: true, ..Style::default() });
        assert_eq!(plain, "  up to 0.512 ms: 123,456\n  up to 31.5 ms: 7");
        assert_eq!(histogram(&Value::Null, Style::default()), "");
    }

    #[test]
    fn errors_are_told_by_what_they_said() {
        assert_eq!(
            errors(&result()),
            [
                "Errors at 10,000 users, database alone: 1,234 times: MySQL has no connection left.",
                "Errors at 10,000 users, with the cache: 1,234 times: MySQL has no connection left."
            ]
        );
    }
}
