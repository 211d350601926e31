//! What a load test is shown as: tables, charts and lines.

use super::{Load, LoadSide, Stage};
use crate::chart::{Bar, Chart, Lines, Scale, Side, by_magnitude};
use crate::format::{MISSING, count, figure, grouped, or_missing, percent, short};
use crate::table::{Cell, Column, Table};

/// From so many characters on, the table of both sides has all its columns; below the second, it leaves out two percentiles.
const WIDE: usize = 96;
const NARROW: usize = 76;

impl LoadSide {
    /// Queries that reach the database for every 1,000 requests. A second's worth would compare unlike things: with the
    /// cache, many more requests are answered in it.
    fn queries_per_thousand(&self) -> Option<f64> {
        (self.requests_per_s > 0.0)
            .then(|| self.database_queries_per_s.map(|queries| queries / self.requests_per_s * 1000.0))
            .flatten()
    }
}

impl Load {
    /// What the columns of [`Load::sides`] are.
    pub const ABOUT: &str = "rps: requests per second. Saved: database queries that the cache made unnecessary, by the \
                             database's own counter.";

    /// What stages differ in: `Users`, or `Arrivals/s` in the open loop.
    fn asked(&self) -> &'static str {
        if self.stages.iter().any(|stage| stage.rate.is_some()) { "Arrivals/s>" } else { "Users>" }
    }

    /// Both sides of each stage.
    pub fn sides(&self) -> Table {
        type Value = fn(&LoadSide) -> String;
        let columns: [(&str, usize, Value); 8] = [
            ("rps>", 0, |s| grouped(s.requests_per_s)),
            ("p50 ms>", NARROW, |s| or_missing(s.p50_ms, figure)),
            ("p95 ms>", 0, |s| or_missing(s.p95_ms, figure)),
            ("p99 ms>", 0, |s| figure(s.p99_ms)),
            ("p99.9 ms>", NARROW, |s| or_missing(s.p999_ms, figure)),
            ("Errors>", 0, |s| or_missing(s.errors.map(|n| n as f64), grouped)),
            ("Hits>", WIDE, |s| or_missing(s.hit_ratio.map(|ratio| ratio * 100.0), percent)),
            ("Database queries/s>", WIDE, |s| or_missing(s.database_queries_per_s, grouped)),
        ];
        let mut table = Table::new(&[self.asked(), "Answered by"]);
        table.columns.extend(columns.iter().map(|(name, least, _)| Column::new(name).from_width(*least)));
        for stage in &self.stages {
            let cells = columns.iter().map(|(_, _, value)| {
                let of =
                    |(_, side): (Side, Option<&LoadSide>)| side.map_or_else(|| MISSING.to_owned(), value);
                stage.both().map(of).join("\n")
            });
            let first = [count(stage.asked().into()), "database\ncache".to_owned()];
            table.row(first.into_iter().chain(cells));
        }
        table
    }

    /// p95 against users, what the database was spared, and requests over each stage's time.
    pub fn opening(&self) -> Table {
        let mut table =
            Table::new(&[self.asked(), "Database alone>", "With cache>", "Hits>", "Queries saved>"]);
        let drawn = ["Database over time", "Cache over time"];
        table.columns.extend(drawn.map(|name| Column::new(name).from_width(NARROW)));
        for stage in &self.stages {
            let p95 = |side: Option<&LoadSide>| or_missing(side.and_then(|s| s.p95_ms), figure);
            let slots =
                |side: Option<&LoadSide>| Cell::Marks(side.map_or_else(Vec::new, |s| s.slots.clone()));
            table.row([
                Cell::from(count(stage.asked().into())),
                p95(stage.database.as_ref()).into(),
                p95(Some(&stage.cache)).into(),
                or_missing(stage.cache.hit_ratio.map(|ratio| ratio * 100.0), percent).into(),
                or_missing(stage.database_queries_saved_percent, percent).into(),
                slots(stage.database.as_ref()),
                slots(Some(&stage.cache)),
            ]);
        }
        table
    }

    /// How the latencies of the last stage are spread: a title and its bars for each side.
    pub fn histograms(&self) -> Vec<(String, &[Bar])> {
        let Some(last) = self.stages.last() else { return Vec::new() };
        let what = if last.rate.is_some() { "arrivals/s" } else { "users" };
        [(Side::Database, &self.histogram.database), (Side::Cache, &self.histogram.cache)]
            .into_iter()
            .filter(|(_, bars)| !bars.is_empty())
            .map(|(side, bars)| {
                let asked = count(last.asked().into());
                (format!("How long answers take, {asked} {what}, {}:", side.name()), bars.as_slice())
            })
            .collect()
    }

    /// Requests that failed, by what they said.
    pub fn errors(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for stage in &self.stages {
            for (side, of) in stage.both() {
                for message in of.into_iter().flat_map(|side| &side.error_messages) {
                    let (asked, times) = (count(stage.asked().into()), count(message.count));
                    let what = if stage.rate.is_some() { "arrivals/s" } else { "users" };
                    lines.push(format!(
                        "Errors at {asked} {what}, {}: {times} times: {}",
                        side.name(),
                        message.what
                    ));
                }
            }
        }
        lines
    }

    /// Its charts against the number of users; none where there was only one.
    pub fn charts(&self) -> Vec<Chart> {
        if self.stages.len() < 2 {
            return Vec::new();
        }
        let asked: Vec<f64> = self.stages.iter().map(|stage| f64::from(stage.asked())).collect();
        let chart = |title: &str, about: &str, unit: &str, scale, value: fn(&LoadSide) -> Option<f64>| {
            let database = |stage: &Stage| stage.database.as_ref().and_then(value);
            Chart::Lines(Lines {
                title: title.into(),
                about: about.into(),
                x: "users".into(),
                unit: unit.into(),
                labels: asked.iter().copied().map(short).collect(),
                places: by_magnitude(&asked),
                series: vec![
                    (Side::Cache, self.stages.iter().map(|stage| value(&stage.cache)).collect()),
                    (Side::Database, self.stages.iter().map(database).collect()),
                ],
                scale,
            })
        };
        vec![
            chart(
                "Throughput against users",
                "Requests answered a second, by concurrent users",
                " requests/s",
                Scale::Linear,
                |s| Some(s.requests_per_s),
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
                LoadSide::queries_per_thousand,
            ),
            chart(
                "The slowest one in a hundred",
                "p99 against users; milliseconds, each line ten times the one below",
                " ms",
                Scale::Log,
                |s| Some(s.p99_ms),
            ),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Message;

    fn load() -> Load {
        let side = |rate: f64| LoadSide {
            requests_per_s: rate,
            p50_ms: Some(12.3456),
            p95_ms: Some(431.5),
            p99_ms: 1234.5,
            p999_ms: Some(5574.25),
            errors: Some(120_000),
            hit_ratio: Some(0.987),
            slots: vec![1, 2, 3, 4, 5, 6, 7, 8, 8, 8],
            error_messages: vec![Message { what: "MySQL has no connection left.".into(), count: 1234 }],
            ..LoadSide::default()
        };
        let first = Stage {
            users: 10_000,
            cache: side(502_022.4),
            database: Some(side(1876.5)),
            database_queries_saved_percent: Some(98.7),
            ..Stage::default()
        };
        Load { stages: vec![first, Stage { users: 1, ..Stage::default() }], ..Load::default() }
    }

    #[test]
    fn sides_show_more_where_there_is_room() {
        for (width, columns) in [(60, 6), (76, 8), (96, 10)] {
            let table = load().sides().fitted(width, false);
            assert_eq!((table.columns.len(), table.rows[0].len()), (columns, columns), "{width}");
        }
        let row = &load().sides().rows[0];
        assert_eq!((row[0].text(true), row[7].text(true)), ("10,000".into(), "120,000\n120,000".into()));
        assert_eq!(load().sides().rows[1][3].text(true), "-\n-", "no percentiles, and no database");
    }

    #[test]
    fn errors_are_told_by_what_they_said() {
        assert_eq!(
            load().errors(),
            [
                "Errors at 10,000 users, database alone: 1,234 times: MySQL has no connection left.",
                "Errors at 10,000 users, with the cache: 1,234 times: MySQL has no connection left."
            ]
        );
    }

    #[test]
    fn briefs_keep_what_is_drawn_then_the_table() {
        let [drawn, named] = load().briefs();
        assert_eq!(drawn.sides().rows[0][4].text(true), "432\n432");
        assert_eq!(named.sides().rows[0][4].text(true), "-\n-");
        assert_eq!(named.stages[0].database_queries_saved_percent, Some(98.7));
    }
}
