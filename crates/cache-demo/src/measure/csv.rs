//! A result as CSV (RFC 4180): a line for each row of its table, with nested fields as `cache.p99_ms`.
//!
//! What belongs to the whole result is repeated in every line, so that files of several runs can be put together.

use serde_json::{Map, Value};

/// The arrays that are tables; every result has at most one of them.
const TABLES: [&str; 4] = ["stages", "queries", "rows", "timeline"];

/// Lists whose length differs from run to run. Columns must not, so these are left to JSON.
const VARYING: [&str; 7] =
    ["events", "throughput", "advice", "conclusions", "error_messages", "error", "histogram"];

/// The CSV text of a result, its header first.
pub fn render(result: &Value) -> String {
    let kind = result["kind"].as_str().unwrap_or_default();
    let mut common = Vec::new();
    let mut table: &[Value] = &[];
    if let Value::Object(fields) = result {
        table = TABLES.iter().find_map(|name| fields.get(*name)?.as_array()).map_or(&[], Vec::as_slice);
        let rest: Map<String, Value> = fields
            .iter()
            .filter(|(name, _)| name.as_str() != "kind" && !TABLES.contains(&name.as_str()))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        flatten("", &Value::Object(rest), &mut common);
    }
    let rows: Vec<Vec<(String, String)>> = if table.is_empty() {
        vec![Vec::new()]
    } else {
        table
            .iter()
            .map(|row| {
                let mut cells = Vec::new();
                flatten("", row, &mut cells);
                cells
            })
            .collect()
    };
    let mut names: Vec<&String> = Vec::new();
    for (name, _) in rows.iter().flatten().chain(&common) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let mut text = line(std::iter::once("kind").chain(names.iter().map(|name| name.as_str())));
    for row in &rows {
        let cell = |wanted: &String| {
            let found = row.iter().chain(&common).find(|(name, _)| name == wanted);
            found.map_or("", |(_, value)| value.as_str())
        };
        text += &line(std::iter::once(kind).chain(names.iter().map(|name| cell(name))));
    }
    text
}

fn flatten(prefix: &str, value: &Value, cells: &mut Vec<(String, String)>) {
    let join = |name: &str| if prefix.is_empty() { name.to_owned() } else { format!("{prefix}.{name}") };
    match value {
        Value::Object(fields) => fields
            .iter()
            .filter(|(name, _)| !VARYING.contains(&name.as_str()))
            .for_each(|(name, value)| flatten(&join(name), value, cells)),
        Value::Array(values) => {
            values.iter().enumerate().for_each(|(n, value)| flatten(&join(&n.to_string()), value, cells));
        }
        Value::Null => cells.push((prefix.to_owned(), String::new())),
        Value::String(text) => cells.push((prefix.to_owned(), text.clone())),
        other => cells.push((prefix.to_owned(), other.to_string())),
    }
}

fn line<'a>(cells: impl Iterator<Item = &'a str>) -> String {
    let cells: Vec<String> = cells.map(quoted).collect();
    cells.join(",") + "\r\n"
}

fn quoted(cell: &str) -> String {
    if cell.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_table_becomes_lines() {
        let result = json!({"kind": "load", "query": "product", "stages": [
            {"users": 1, "cache": {"p50_ms": 0.5}}, {"users": 2, "cache": {"p50_ms": 1.5, "hits": null}}]});
        assert_eq!(
            render(&result),
            "kind,cache.p50_ms,users,cache.hits,query\r\nload,0.5,1,,product\r\nload,1.5,2,,product\r\n"
        );
    }

    #[test]
    fn columns_do_not_depend_on_what_happened() {
        let calm = json!({"kind": "failover", "users": 5, "events": [], "throughput": [1, 2], "promoted_at_s": null});
        let eventful = json!({"kind": "failover", "users": 5, "events": [{"at_s": 1.0, "what": "a"}], "throughput": [1, 2, 3],
            "promoted_at_s": 2.5});
        let header = |result| render(&result).lines().next().map(str::to_owned);
        assert_eq!(header(calm), Some("kind,promoted_at_s,users".to_owned()));
        assert_eq!(header(eventful), Some("kind,promoted_at_s,users".to_owned()));
    }

    #[test]
    fn result_without_a_table_is_one_quoted_line() {
        let result = json!({"kind": "check", "redis": {"role": "a,\"b\""}, "list": [1, 2]});
        assert_eq!(render(&result), "kind,list.0,list.1,redis.role\r\ncheck,1,2,\"a,\"\"b\"\"\"\r\n");
    }
}
