//! Rising numbers of users, or of arrivals a second, with and without the cache.

use crate::cache::{Circuit, Counts};
use crate::chart::{Bar, Chart, Lines, Scale, Side, by_magnitude};
use crate::failure::{Failure, Message};
use crate::format::{count, figure, grouped, or_missing, percent, short};
use crate::noise::Noise;
use crate::table::{Cell, Column, Table};
use serde::{Deserialize, Serialize};

/// From so many characters on, the table of both sides has all its columns; below the second, it leaves out two percentiles.
const WIDE: usize = 96;
const NARROW: usize = 76;

/// The result of `load`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Load {
    /// How it was run; the brief form does not know.
    #[serde(flatten)]
    pub run: Option<LoadRun>,
    /// A stage for each number of users.
    pub stages: Vec<Stage>,
    /// Latencies of the last stage, for a chart.
    #[serde(default, skip_serializing_if = "Histogram::is_empty")]
    pub histogram: Histogram,
    /// How far the figures can be trusted.
    pub noise: Noise,
    /// What ended it before all stages were done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Failure>,
}

/// How a load test was run, and what its parts did meanwhile.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LoadRun {
    /// The query's id.
    pub query: String,
    /// Zipf exponent of the keys.
    pub skew: f64,
    /// Share of requests that write.
    pub writes: f64,
    /// Mean thinking time of a user, milliseconds.
    pub think_ms: u64,
    /// Pooled database connections.
    pub connections: usize,
    /// What the cache did in all stages, warm-up included.
    pub counters: Counts,
    /// How often the circuit around the cache opened.
    pub circuit_openings: u64,
    /// Its state at the end.
    #[serde(default)]
    pub circuit: Circuit,
    /// How often the circuit around the database opened.
    #[serde(default)]
    pub database_circuit_openings: u64,
    /// Its state at the end.
    #[serde(default)]
    pub database_circuit: Circuit,
    /// The most memory that the demo had, in MB; 0 where the system does not tell.
    pub peak_memory_mb: f64,
}

/// How the latencies of both sides are spread.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Histogram {
    /// With the cache.
    pub cache: Vec<Bar>,
    /// The database alone.
    pub database: Vec<Bar>,
}

/// One number of users, or one rate of arrivals.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Stage {
    /// Concurrent users; 0 in the open loop.
    pub users: u32,
    /// Arrivals a second; the open loop only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<u32>,
    /// With the cache.
    pub cache: LoadSide,
    /// The database alone; missing where the run ended before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub database: Option<LoadSide>,
    /// How many of the database's queries a request needs less with the cache, in percent of those without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub database_queries_saved_percent: Option<f64>,
}

/// One side of a stage. The brief forms leave figures out.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LoadSide {
    /// Requests that were answered, writes included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requests: Option<u64>,
    /// The same per second.
    pub requests_per_s: f64,
    /// Of the requests, those that wrote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub writes: Option<u64>,
    /// Median, milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p50_ms: Option<f64>,
    /// 95th percentile, milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p95_ms: Option<f64>,
    /// 99th percentile, milliseconds.
    pub p99_ms: f64,
    /// 99.9th percentile, milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p999_ms: Option<f64>,
    /// The longest, milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_ms: Option<f64>,
    /// 99th percentile counted from when a request was sent, as most tools report it; the open loop only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_p99_ms: Option<f64>,
    /// Requests that failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub errors: Option<u64>,
    /// The same by what they said.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub error_messages: Vec<Message>,
    /// How far its repetitions lie apart, in percent of their middle.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spread_percent: Option<f64>,
    /// Answers past their TTL; only where the policy allows them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stale: Option<u64>,
    /// How long ago the oldest of them had been loaded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stale_max_ms: Option<f64>,
    /// Hits among lookups, those included that went past the cache, 0 to 1; the cache's side only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hit_ratio: Option<f64>,
    /// SELECT statements, by the database's own counter; missing where that could not be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub database_queries: Option<u64>,
    /// The same per second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub database_queries_per_s: Option<f64>,
    /// Requests answered in each tenth of the time, all repetitions together.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub slots: Vec<u64>,
}

impl Histogram {
    /// Whether nothing was counted.
    pub fn is_empty(&self) -> bool {
        self.cache.is_empty() && self.database.is_empty()
    }
}

impl LoadSide {
    /// What is drawn of it.
    fn drawn(&self) -> Self {
        Self {
            p50_ms: self.p50_ms,
            p95_ms: self.p95_ms,
            errors: self.errors,
            database_queries_per_s: self.database_queries_per_s,
            ..self.named()
        }
    }

    /// What its table must have.
    fn named(&self) -> Self {
        Self {
            requests_per_s: self.requests_per_s,
            p99_ms: self.p99_ms,
            hit_ratio: self.hit_ratio,
            ..Self::default()
        }
    }

    /// Queries that reach the database for every 1,000 requests. A second's worth would compare unlike things: with the
    /// cache, many more requests are answered in it.
    fn queries_per_thousand(&self) -> Option<f64> {
        (self.requests_per_s > 0.0)
            .then(|| self.database_queries_per_s.map(|queries| queries / self.requests_per_s * 1000.0))
            .flatten()
    }
}

impl Stage {
    /// How many users, or arrivals a second.
    pub fn asked(&self) -> u32 {
        self.rate.unwrap_or(self.users)
    }

    /// Both sides, the database first.
    fn both(&self) -> [(Side, Option<&LoadSide>); 2] {
        [(Side::Database, self.database.as_ref()), (Side::Cache, Some(&self.cache))]
    }
}

impl Load {
    /// What the columns of [`Load::sides`] are.
    pub const ABOUT: &str = "rps: requests per second. Saved: database queries that the cache made unnecessary, by the \
                             database's own counter.";

    /// The same test as briefly as it can be kept: first all that is drawn of it, then what its table must have.
    pub fn briefs(&self) -> [Self; 2] {
        [LoadSide::drawn, LoadSide::named].map(|brief: fn(&LoadSide) -> LoadSide| Self {
            run: None,
            stages: self
                .stages
                .iter()
                .map(|stage| Stage {
                    cache: brief(&stage.cache),
                    database: stage.database.as_ref().map(brief),
                    ..stage.clone()
                })
                .collect(),
            histogram: Histogram::default(),
            noise: self.noise.clone(),
            error: None,
        })
    }

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
                let of = |(_, side): (Side, Option<&LoadSide>)| {
                    side.map_or_else(|| crate::format::MISSING.to_owned(), value)
                };
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
