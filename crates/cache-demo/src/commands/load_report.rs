//! `load`'s result for people.

use crate::commands::load::Load;
use crate::error::Failure;
use crate::measure::chart;
use crate::measure::report::Report;
use crate::measure::table::{Table, grouped, ms};

impl Report for Load {
    fn text(&self) -> String {
        let open = self.stages.iter().any(|stage| stage.rate.is_some());
        let first = if open { "arrivals/s" } else { "users" };
        let dash = || "-".to_owned();
        let mut table = Table::new(&[
            first,
            "",
            "req/s",
            "p50 ms",
            "p95 ms",
            "p99 ms",
            "p99.9 ms",
            "errors",
            "hits %",
            "db queries/s",
            "over time",
        ]);
        for stage in &self.stages {
            let name = stage.rate.unwrap_or(stage.users);
            let sides = [("cache", Some(&stage.cache)), ("database", stage.database.as_ref())];
            for (label, side) in sides.into_iter().filter_map(|(label, side)| Some((label, side?))) {
                table.row(vec![
                    grouped(u64::from(name)),
                    label.into(),
                    grouped(side.requests_per_s as u64),
                    ms(side.p50_ms),
                    ms(side.p95_ms),
                    ms(side.p99_ms),
                    ms(side.p999_ms),
                    grouped(side.errors),
                    side.hit_ratio.map_or(String::new(), |ratio| format!("{:.1}", ratio * 100.0)),
                    side.database_queries_per_s.map_or_else(dash, |n| grouped(n as u64)),
                    chart::sparkline(&side.slots),
                ]);
            }
        }
        let mut text = table.render() + "\np95 in milliseconds\n";
        let mut table = Table::new(&[first, "database alone", "with the cache", "db queries saved %"]);
        for stage in &self.stages {
            table.row(vec![
                grouped(u64::from(stage.rate.unwrap_or(stage.users))),
                stage.database.as_ref().map_or_else(dash, |side| ms(side.p95_ms)),
                ms(stage.cache.p95_ms),
                stage.database_queries_saved_percent.map_or_else(dash, |saved| format!("{saved:.1}")),
            ]);
        }
        text += &table.render();
        for (side, bars) in
            [("with the cache", &self.histogram.cache), ("database alone", &self.histogram.database)]
        {
            if !bars.is_empty() {
                text += &format!("\nLatencies of the last stage, {side}\n{}", chart::histogram(bars));
            }
        }
        text += &format!(
            "\nQuery {}, Zipf {}, {} % writes, {} ms thinking, {} pooled database connections on both sides; \
             at most {} MB of memory.\nSaved: the database's own count of queries per request, with against without the cache.\n",
            self.query,
            self.skew,
            self.writes * 100.0,
            self.think_ms,
            self.connections,
            self.peak_memory_mb
        );
        text += &self.trouble();
        for advice in &self.noise.advice {
            text += &format!("Note: {advice}\n");
        }
        text
    }

    fn failure(&self) -> Option<&Failure> {
        self.error.as_ref()
    }
}

impl Load {
    /// What did not go as it should: circuits, answers past the cache, errors by their message.
    fn trouble(&self) -> String {
        let mut text = format!(
            "Circuits: Redis opened {} times, {} at the end; the database {} times, {} at the end.\n",
            self.circuit_openings,
            self.circuit.name(),
            self.database_circuit_openings,
            self.database_circuit.name()
        );
        let counts = &self.counters;
        let counted = [
            ("past the cache", counts.bypassed),
            ("loaded but not stored", counts.not_stored),
            ("refused, because the database was as busy as it may be", counts.refused),
            ("refused, because the database's circuit was open", counts.database_refused),
            ("not decodable", counts.undecodable),
        ];
        for (what, count) in counted.into_iter().filter(|(_, count)| *count > 0) {
            text += &format!("Lookups {what}: {}\n", grouped(count));
        }
        for stage in &self.stages {
            let name = grouped(u64::from(stage.rate.unwrap_or(stage.users)));
            if let (Some(stale), Some(age)) = (stage.cache.stale, stage.cache.stale_max_ms) {
                text += &format!("Stale at {name}: {} answers, at most {} ms old\n", grouped(stale), ms(age));
            }
            let sides = [("with the cache", Some(&stage.cache)), ("database alone", stage.database.as_ref())];
            for (label, side) in sides {
                for message in side.into_iter().flat_map(|side| &side.error_messages) {
                    let count = grouped(message.count);
                    text += &format!("Errors at {name}, {label}: {count} times {}\n", message.what);
                }
            }
        }
        text
    }
}
