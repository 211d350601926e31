//! Results as plain text for people: the tables of the results without frames, and what is worth a line besides.

use comfy_table::{CellAlignment, ContentArrangement, Table as Grid, presets};
use recipe_walk_measurements::chart::histogram;
use recipe_walk_measurements::format::{count, figure};
use recipe_walk_measurements::result::{Check, Failover, Load, LoadRun, Patterns};
use recipe_walk_measurements::table::{Table, sparkline};
use recipe_walk_measurements::{Counts, Measurement};

/// The longest bar of a histogram.
const LONGEST: usize = 40;

/// A result as lines, each ended.
pub fn of(measurement: &Measurement) -> String {
    let mut text = measurement.experiment().map_or_else(String::new, |one| format!("{}\n\n", one.question));
    if let Some(table) = measurement.table() {
        text += &render(&table);
    }
    match measurement {
        Measurement::LoadData(data) => text += &format!("{} Checksum {}.\n", data.sentence(), data.checksum),
        Measurement::Load(load) => text += &below_load(load),
        Measurement::Failover(failover) => text += &below_failover(failover),
        Measurement::Check(check) => text += &below_check(check),
        Measurement::Patterns(patterns) => text += &below_patterns(patterns),
        other => {
            for line in other.experiment().into_iter().flat_map(|one| &one.conclusions) {
                text += &format!("{line}\n");
            }
        }
    }
    for advice in measurement.noise().into_iter().flat_map(|noise| &noise.advice) {
        text += &format!("Note: {advice}\n");
    }
    text
}

/// A table as lines, each ended: aligned columns, no frames.
fn render(table: &Table) -> String {
    let mut grid = Grid::new();
    // The table is as wide as it needs to be: without a terminal nobody knows a width, and figures must not be broken.
    grid.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    grid.add_row(table.columns.iter().map(|column| column.name.as_str()));
    for row in &table.rows {
        grid.add_row(row.iter().map(|cell| cell.text(true)));
    }
    for (place, column) in grid.column_iter_mut().enumerate() {
        column.set_padding((if place == 0 { 0 } else { 2 }, 0));
        if table.columns[place].figures {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    grid.trim_fmt() + "\n"
}

fn below_load(load: &Load) -> String {
    let mut text = format!("\np95 in milliseconds\n{}", render(&load.opening()));
    for (title, bars) in load.histograms() {
        text += &format!("\n{title}\n{}\n", histogram(bars, LONGEST, Some('■')));
    }
    text += &format!("\n{}\n", Load::ABOUT);
    if let Some(run) = &load.run {
        text += &run_words(run);
    }
    for stage in &load.stages {
        if let (Some(stale), Some(age)) = (stage.cache.stale, stage.cache.stale_max_ms) {
            let name = count(stage.asked().into());
            text += &format!("Stale at {name}: {} answers, at most {} ms old\n", count(stale), figure(age));
        }
    }
    for line in load.errors() {
        text += &format!("{line}\n");
    }
    text
}

fn run_words(run: &LoadRun) -> String {
    let mut text = format!(
        "Query {}, Zipf {}, {} % writes, {} ms thinking, {} pooled database connections on both sides; \
         at most {} MB of memory.\n",
        run.query,
        run.skew,
        run.writes * 100.0,
        run.think_ms,
        run.connections,
        run.peak_memory_mb
    );
    text += &format!(
        "Circuits: Redis opened {} times, {} at the end; the database {} times, {} at the end.\n",
        run.circuit_openings,
        run.circuit.name(),
        run.database_circuit_openings,
        run.database_circuit.name()
    );
    let Counts { bypassed, not_stored, refused, database_refused, undecodable, .. } = run.counters;
    let counted = [
        ("past the cache", bypassed),
        ("loaded but not stored", not_stored),
        ("refused, because the database was as busy as it may be", refused),
        ("refused, because the database's circuit was open", database_refused),
        ("not decodable", undecodable),
    ];
    for (what, counted) in counted.into_iter().filter(|(_, counted)| *counted > 0) {
        text += &format!("Lookups {what}: {}\n", count(counted));
    }
    text
}

fn below_check(check: &Check) -> String {
    let redis = &check.redis;
    let reader = redis.reader_role.as_ref().map_or_else(String::new, |role| format!("; reader is a {role}"));
    format!("Redis is a {}{reader}; maxmemory {} MB.\n", redis.role, redis.maxmemory / 1_048_576)
}

fn below_patterns(patterns: &Patterns) -> String {
    let ttl = &patterns.ttl;
    let mut text = format!("Values stored together live {:.1} to {:.1} s.\n", ttl.shortest_s, ttl.longest_s);
    if let Some(ratio) = &patterns.hit_ratio {
        let (hits, misses) = (count(ratio.hits), count(ratio.misses));
        text +=
            &format!("By the server's own counters, {hits} hits and {misses} misses from a cold start.\n");
    }
    if let Some(memory) = &patterns.memory {
        text += &format!("The server holds {} keys.\n", count(memory.keys));
    }
    text
}

fn below_failover(failover: &Failover) -> String {
    let mut text = match failover.promoted_at_s {
        Some(at) => format!("Another server became the primary {at:.1} s after the start.\n"),
        None => "Nobody promoted the replica: this is an ordinary run.\n".to_owned(),
    };
    text += &format!(
        "Users      {} of them; reads p50 {} ms, p99 {} ms; stale reads p50 {} ms\n",
        failover.users,
        figure(failover.read_p50_ms),
        figure(failover.read_p99_ms),
        figure(failover.stale_p50_ms)
    );
    text += &format!("Degraded   {:.1} s of it with errors\n", failover.degraded.error_seconds);
    text += &format!(
        "Circuit    {:.1} s not closed, {} at the end; the database's opened {} times, {} at the end\n",
        failover.circuit_open_seconds,
        failover.circuit.name(),
        failover.database_circuit_openings,
        failover.database_circuit.name()
    );
    text += &format!(
        "Reader     {} reads, {} stale, {} answered elsewhere\n",
        count(failover.reader_reads),
        count(failover.reader_stale),
        count(failover.reader_fallbacks)
    );
    text += &format!(
        "Lost       the oldest {} ms before; {} writes not confirmed at all\n",
        figure(failover.lost_oldest_ms),
        count(failover.unconfirmed_writes)
    );
    for message in &failover.error_messages {
        text += &format!("Errors     {} times: {}\n", count(message.count), message.what);
    }
    text += &format!("Over time  {}\n", sparkline(&failover.throughput, true));
    for event in &failover.events {
        text += &format!("  {:>7.2} s  {}\n", event.at_s, event.what);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned() {
        let mut table = Table::new(&["name", "n>"]);
        table.row(["a", "1"]);
        table.row(["long name", "1,000"]);
        assert_eq!(render(&table), "name           n\na              1\nlong name  1,000\n");
    }
}
