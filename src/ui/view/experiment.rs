//! The optional steps' results: experiments with a column for each case, and the failover lesson.

use crate::ui::Terminal;
use crate::ui::table::Table;
use crate::ui::text::number;
use crate::ui::view::results::measured;
use serde_json::Value;

impl Terminal {
    /// An experiment: its question, its cases side by side, and what can be read from them.
    pub(super) fn experiment(&self, result: &Value) {
        self.prose(result["question"].as_str().unwrap_or_default());
        if let Some(table) = table(result).filter(|t| !t.is_empty()) {
            self.say(&table.render(self.style()));
        }
        for conclusion in list(&result["conclusions"]) {
            self.prose(conclusion);
        }
    }
}

/// An experiment's cases side by side; nothing for a result of another kind.
pub(crate) fn table(result: &Value) -> Option<Table> {
    list(&result["columns"]).next()?;
    let mut header = vec!["Measured".to_owned()];
    header.extend(list(&result["columns"]).map(|name| format!("{name}>")));
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    let mut table = Table::new(&header);
    for row in result["rows"].as_array().into_iter().flatten() {
        let unit = row["unit"].as_str().unwrap_or_default();
        let label = row["label"].as_str().unwrap_or_default();
        let values = row["values"].as_array().into_iter().flatten().map(|v| value(v, unit));
        table.row(std::iter::once(label.to_owned()).chain(values));
    }
    Some(table)
}

/// What users noticed of a failover.
pub(crate) fn failover(result: &Value) -> Table {
    let of = |field: &str, unit: &str| value(&result[field], unit);
    let mut table = Table::new(&["What users noticed", "Measured>"]);
    table.row(["requests", &of("requests", "")]);
    table.row(["errors", &of("errors", "")]);
    table.row(["seconds of degraded service", &value(&result["degraded"]["seconds"], "")]);
    table.row(["answered without the cache", &of("without_cache", "")]);
    table.row(["circuit breaker opened", &of("circuit_openings", "")]);
    table.row(["slowest read", &of("read_max_ms", "ms")]);
    table.row(["stale reads", &of("stale_reads", "")]);
    table.row(["oldest of them", &of("stale_max_ms", "ms")]);
    table.row(["lost writes", &of("lost_writes", "")]);
    table.row(["values that nobody wrote", &of("never_written", "")]);
    table
}

fn list(value: &Value) -> impl Iterator<Item = &str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str)
}

/// A figure with its unit; nothing measured is a dash. Counts are whole.
fn value(value: &Value, unit: &str) -> String {
    let figure = match value.as_f64() {
        None => return "-".to_owned(),
        Some(v) if v.fract() == 0.0 => number(v),
        Some(_) => measured(value),
    };
    match unit {
        "" => figure,
        "/s" => format!("{figure}/s"),
        unit => format!("{figure} {unit}"),
    }
}
