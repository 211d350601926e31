//! What the demo measured, as tables. Fields that are missing show as a dash: an older or newer demo must not break it.

use crate::ui::Terminal;
use crate::ui::style::Paint;
use crate::ui::table::Table;
use crate::ui::text::{number, wrap};
use serde_json::Value;
use std::fmt::Write as _;

impl Terminal {
    /// Shows one result, with what it means.
    pub(crate) fn result(&self, kind: &str, result: &Value, sandbox: bool) {
        self.figures(kind, result);
        match kind {
            "compare" => self.prose(
                "Milliseconds at the median (p50), and what one reader in twenty (p95) and one in a hundred (p99) \
                 waits at least. The ratio is that of the medians, with the lowest and the highest round.",
            ),
            "load" => {
                self.prose(
                    "rps: requests per second. Saved: database queries that the cache made unnecessary, by the database's \
                     own counter.",
                );
                self.load_details(result);
            }
            _ => {}
        }
        for line in noise(result).into_iter().chain(ended(result)) {
            self.tell(Paint::Warning, &wrap(&line, self.style().width - 2, "").join("\n  "));
        }
        if matches!(kind, "compare" | "load") {
            self.caution(sandbox);
        }
    }

    /// Shows the figures of one result alone.
    pub(crate) fn figures(&self, kind: &str, result: &Value) {
        let table = match kind {
            "check" => check(result),
            "load-data" => return self.say(&wrap(&loaded(result), self.style().width, "  ").join("\n")),
            "compare" if self.style().plain => return self.compared(result),
            "compare" => compare(result),
            "load" => return self.load(result),
            "patterns" => patterns(result),
            "failover" => crate::ui::view::experiment::failover(result),
            _ if result["columns"].is_array() => return self.experiment(result),
            _ => return,
        };
        self.say(&table.render(self.style()));
    }

    /// A comparison as sentences.
    fn compared(&self, result: &Value) {
        for query in result["queries"].as_array().into_iter().flatten() {
            self.say(&format!("{}:", title(query)));
            for side in ["database", "cache"] {
                let ms = |field: &str| measured(&query[side][field]);
                self.say(&format!(
                    "  {side}: p50 {} ms, p95 {} ms, p99 {} ms",
                    ms("p50_ms"),
                    ms("p95_ms"),
                    ms("p99_ms")
                ));
            }
            self.say(&format!(
                "  ratio {} ({} to {})",
                measured(&query["ratio"]),
                measured(&query["ratio_low"]),
                measured(&query["ratio_high"])
            ));
        }
    }

    /// Says how far figures carry.
    pub(crate) fn caution(&self, sandbox: bool) {
        if sandbox {
            self.prose(
                "Measured on the sandbox, where no network lies between the parts: these ratios do not carry over to \
                 AWS.",
            );
        }
    }
}

pub(super) fn text(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => text.clone(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Number(n) => {
            n.as_f64().map_or_else(|| n.to_string(), |f| if f.fract() == 0.0 { number(f) } else { figure(f) })
        }
        other => other.to_string(),
    }
}

/// A figure with about three digits that mean something.
fn figure(value: f64) -> String {
    match value.abs() {
        v if v >= 1000.0 => number(value),
        v if v >= 100.0 => format!("{value:.0}"),
        v if v >= 10.0 => format!("{value:.1}"),
        v if v >= 1.0 => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    }
}

/// A figure as a person reads it; whole where it is.
pub(crate) fn figured(value: f64) -> String {
    if value.fract() == 0.0 { number(value) } else { figure(value) }
}

pub(super) fn measured(value: &Value) -> String {
    value.as_f64().map_or_else(|| "-".to_owned(), figure)
}

pub(crate) fn check(result: &Value) -> Table {
    let mut table = Table::new(&["Engine", "Version", "TLS", "Round trip>", "More"]);
    let (redis, mysql) = (&result["redis"], &result["mysql"]);
    let ping =
        |side: &Value| side["ping_ms"].as_f64().map_or("-".to_owned(), |ms| format!("{} ms", figure(ms)));
    table.row([
        text(&redis["server"]),
        text(&redis["version"]),
        text(&redis["tls"]),
        ping(redis),
        format!("{} replica(s), {}", text(&redis["connected_replicas"]), text(&redis["maxmemory_policy"])),
    ]);
    table.row([
        text(&mysql["server"]),
        text(&mysql["version"]),
        text(&mysql["tls"]),
        ping(mysql),
        format!("database {}", text(&mysql["database"])),
    ]);
    table
}

fn loaded(result: &Value) -> String {
    let what = format!(
        "{} products in {} categories with {} order lines",
        text(&result["products"]),
        text(&result["categories"]),
        text(&result["order_lines"])
    );
    if result["reused"] == true {
        return format!("  {what}: there already, with the right checksum.");
    }
    format!("  {what}, in {} s.", measured(&result["seconds"]))
}

pub(crate) fn compare(result: &Value) -> Table {
    let mut table = Table::new(&["Query", "Answered by", "p50 ms>", "p95 ms>", "p99 ms>", "Ratio"]);
    for query in result["queries"].as_array().into_iter().flatten() {
        let pair = |field: &str| {
            format!("{}\n{}", measured(&query["database"][field]), measured(&query["cache"][field]))
        };
        let ratio = format!(
            "{} x\n{} to {}",
            measured(&query["ratio"]),
            measured(&query["ratio_low"]),
            measured(&query["ratio_high"])
        );
        table.row([
            title(query),
            "database\ncache".to_owned(),
            pair("p50_ms"),
            pair("p95_ms"),
            pair("p99_ms"),
            ratio,
        ]);
    }
    table
}

fn title(query: &Value) -> String {
    let title = query["title"].as_str().map_or_else(|| text(&query["id"]), str::to_owned);
    if query["style"] == "connect-per-query" {
        return title + " (a new connection for every query)";
    }
    title
}

/// How far the figures can be trusted, and what to do about it.
pub(crate) fn noise(result: &Value) -> Vec<String> {
    let noisy = (result["noise"]["noisy"] == true)
        .then(|| "The measurement was noisy: take its figures with care.".to_owned());
    let advice = result["noise"]["advice"].as_array().into_iter().flatten().filter_map(Value::as_str);
    noisy.into_iter().chain(advice.map(sentence)).collect()
}

/// What ended it before all of it was measured.
pub(crate) fn ended(result: &Value) -> Option<String> {
    let what = result["error"]["what"].as_str()?;
    Some(format!("It ended before all of it was measured: {what}"))
}

/// The demo's notes begin small.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

pub(crate) fn patterns(result: &Value) -> Table {
    let mut table = Table::new(&["Pattern", "Measured"]);
    let ttl = &result["ttl"];
    if !ttl.is_null() {
        table.row([
            "Time to live".to_owned(),
            format!(
                "{} s, jitter {}%; seen fresh: {}, seen expired: {}",
                text(&ttl["ttl_s"]),
                text(&ttl["jitter_percent"]),
                text(&ttl["seen_fresh"]),
                text(&ttl["seen_expired"])
            ),
        ]);
    }
    let counted = &result["hit_ratio"]["from_server_counters"];
    if let Some(ratio) = counted.as_f64().or(result["hit_ratio"].as_f64()) {
        table.row(["Hit ratio".to_owned(), format!("{:.1}%", ratio * 100.0)]);
    }
    let memory = &result["memory"];
    if !memory.is_null() {
        table.row([
            "Memory".to_owned(),
            format!("{} MB of {} MB", measured(&memory["used_mb"]), measured(&memory["max_mb"])),
        ]);
    }
    if !result["policy"].is_null() {
        table.row(["Eviction policy".to_owned(), text(&result["policy"])]);
    }
    let eviction = &result["eviction"];
    if let Some(note) = eviction["note"].as_str() {
        table.row(["Under pressure".to_owned(), note.to_owned()]);
    } else if !eviction.is_null() {
        let mut line = format!(
            "{} values written ({} MB), {} keys evicted",
            text(&eviction["written_keys"]),
            measured(&eviction["written_mb"]),
            text(&eviction["evicted_keys"])
        );
        for (field, words) in [
            ("hot_kept_percent", "of the keys read all the time are left"),
            ("cold_kept_percent", "of those only written"),
        ] {
            if let Some(percent) = eviction[field].as_f64() {
                let _ = write!(line, "; {percent:.0}% {words}");
            }
        }
        table.row(["Under pressure".to_owned(), line]);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::style::Style;
    use serde_json::json;
    use unicode_width::UnicodeWidthStr as _;

    fn comparison() -> Value {
        json!({"rounds": 5, "queries": [
            {"id": "product", "title": "product by id", "style": "pooled",
             "database": {"samples": 9000, "p50_ms": 0.2134, "p95_ms": 0.31, "p99_ms": 0.5},
             "cache": {"samples": 9000, "p50_ms": 0.0456, "p95_ms": 0.06, "p99_ms": 0.1},
             "ratio": 4.68, "ratio_low": 4.2, "ratio_high": 5.1},
            {"id": "product", "title": "product by id", "style": "connect-per-query",
             "database": {"p50_ms": 12.5}, "cache": {}, "ratio": 273.1}
        ], "noise": {"noisy": true, "advice": ["close other programs."]}})
    }

    #[test]
    fn a_comparison_is_readable_at_every_width() {
        for width in [60, 80, 120] {
            for unicode in [true, false] {
                let style = Style { unicode, width, ..Style::default() };
                let text = compare(&comparison()).render(style);
                assert!(text.lines().all(|l| l.width() <= width), "{text}");
                assert!(text.contains("0.213") && (width == 60 || text.contains("4.20 to 5.10")), "{text}");
            }
        }
    }

    #[test]
    fn titles_tell_the_style_and_missing_figures_are_dashes() {
        let style = Style { width: 120, ..Style::default() };
        let text = compare(&comparison()).render(style);
        assert!(text.contains("a new connection for every query") && text.contains(" - "), "{text}");
        let noise = noise(&comparison());
        assert_eq!(noise[1..], ["Close other programs."]);
    }

    #[test]
    fn a_busy_machine_and_an_early_end_are_told_whatever_was_measured() {
        let busy = json!({"noise": {"noisy": false, "advice": ["the machine is busy."]},
            "error": {"what": "MySQL is gone."}});
        assert_eq!(noise(&busy), ["The machine is busy."]);
        assert_eq!(ended(&busy).as_deref(), Some("It ended before all of it was measured: MySQL is gone."));
        assert_eq!((noise(&json!({})).len(), ended(&json!({}))), (0, None));
    }

    #[test]
    fn empty_results_break_nothing() {
        let style = Style { width: 80, ..Style::default() };
        for table in [check, compare, patterns] {
            let _ = table(&json!({})).render(style);
        }
        assert!(loaded(&json!({})).contains('-'));
    }

    #[test]
    fn patterns_fit_eighty_columns() {
        let style = Style { width: 80, unicode: true, ..Style::default() };
        let result = json!({"ttl": {"ttl_s": 2, "seen_fresh": true, "seen_expired": true, "jitter_percent": 10},
            "hit_ratio": 0.9, "memory": {"used_mb": 12.5, "max_mb": 384.0}, "policy": "allkeys-lru",
            "eviction": {"reached": true, "written_keys": 3000, "written_mb": 47.0, "evicted_keys": 1200,
                "hot_kept_percent": 99.0, "cold_kept_percent": 41.0}});
        let text = patterns(&result).render(style);
        assert!(text.contains("allkeys-lru") && text.contains("1,200 keys evicted"), "{text}");
    }
}
