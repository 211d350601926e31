//! Database and cache compared.

use crate::chart::{Chart, Lines, Reach, Reaches, Scale, Side, evenly};
use crate::failure::Failure;
use crate::format::{figure, short};
use crate::latencies::Latencies;
use crate::noise::Noise;
use crate::table::Table;
use serde::{Deserialize, Serialize};

/// The result of `compare`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Compare {
    /// Rounds that were finished.
    pub rounds: u32,
    /// A row for each query and style.
    pub queries: Vec<Query>,
    /// How far the figures can be trusted.
    pub noise: Noise,
    /// What ended it before all rounds were done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Failure>,
}

/// A query in one style.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Query {
    /// Its id.
    pub id: String,
    /// What a person calls it.
    pub title: String,
    /// How the database side connects.
    pub style: Style,
    /// Latencies of the database.
    pub database: Latencies,
    /// Latencies of the cache.
    pub cache: Latencies,
    /// Database median over cache median.
    pub ratio: f64,
    /// The lowest of the rounds.
    pub ratio_low: f64,
    /// The highest of the rounds.
    pub ratio_high: f64,
}

/// How the database side of a comparison connects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Style {
    /// Connections that stay open.
    Pooled,
    /// A new connection for every query, as the source document does it.
    ConnectPerQuery,
}

impl Query {
    /// What a person calls it, with its style where that is not the usual one.
    pub fn name(&self) -> String {
        match self.style {
            Style::Pooled => self.title.clone(),
            Style::ConnectPerQuery => format!("{} (a new connection for every query)", self.title),
        }
    }

    fn short_name(&self) -> String {
        match self.style {
            Style::Pooled => self.title.clone(),
            Style::ConnectPerQuery => format!("{}, connecting each time", self.title),
        }
    }

    /// Its figures in lines of words, for whoever does not look at a table.
    pub fn lines(&self) -> Vec<String> {
        let side = |name: &str, of: &Latencies| {
            let [p50, p95, p99] = [of.p50_ms, of.p95_ms, of.p99_ms].map(figure);
            format!("{name}: p50 {p50} ms, p95 {p95} ms, p99 {p99} ms")
        };
        let [ratio, low, high] = [self.ratio, self.ratio_low, self.ratio_high].map(figure);
        vec![
            side("database", &self.database),
            side("cache", &self.cache),
            format!("ratio {ratio} ({low} to {high})"),
        ]
    }

    /// The distribution of its latencies.
    pub fn distribution(&self) -> Chart {
        let values = |of: &Latencies| of.points().map(|(_, value)| Some(value)).to_vec();
        let labels: Vec<String> = self.cache.points().iter().map(|(label, _)| (*label).to_owned()).collect();
        Chart::Lines(Lines {
            title: self.short_name(),
            about: "Latency by percentile, milliseconds, each line ten times the one below".into(),
            x: "percentile".into(),
            unit: " ms".into(),
            places: evenly(labels.len()),
            labels,
            series: vec![(Side::Cache, values(&self.cache)), (Side::Database, values(&self.database))],
            scale: Scale::Log,
        })
    }
}

impl Compare {
    /// What the table's columns are.
    pub const ABOUT: &str = "Milliseconds at the median (p50), and what one reader in twenty (p95) and one in a hundred \
                             (p99) waits at least. The ratio is that of the medians, with the lowest and the highest round.";

    /// A row for each query, with a line for each side.
    pub fn table(&self) -> Table {
        let mut table = Table::new(&["Query", "Answered by", "p50 ms>", "p95 ms>", "p99 ms>", "Ratio"]);
        for query in &self.queries {
            let pair = |of: fn(&Latencies) -> f64| {
                format!("{}\n{}", figure(of(&query.database)), figure(of(&query.cache)))
            };
            let [ratio, low, high] = [query.ratio, query.ratio_low, query.ratio_high].map(figure);
            table.row([
                query.name(),
                "database\ncache".to_owned(),
                pair(|l| l.p50_ms),
                pair(|l| l.p95_ms),
                pair(|l| l.p99_ms),
                format!("{ratio} x\n{low} to {high}"),
            ]);
        }
        table
    }

    /// All queries in one drawing; nothing without any.
    pub fn overview(&self) -> Option<Chart> {
        let rows: Vec<Reach> = self
            .queries
            .iter()
            .map(|query| {
                let name = query.short_name();
                let side = |side: Side, of: &Latencies| {
                    let (p50, p99) = (short(of.p50_ms), short(of.p99_ms));
                    let words =
                        format!("{name}, {}: median {p50} ms, 99 of 100 within {p99} ms", side.name());
                    (side, of.p50_ms, of.p99_ms, words)
                };
                let sides = vec![side(Side::Database, &query.database), side(Side::Cache, &query.cache)];
                Reach { note: format!("{}×", short(query.ratio)), sides, name }
            })
            .collect();
        (!rows.is_empty()).then(|| {
            Chart::Reaches(Reaches {
                title: "How long a query takes".into(),
                about: "Mark: the median. Band: up to the 99th percentile. Each line is ten times the one before. Right: \
                        ratio of the medians."
                    .into(),
                rows,
            })
        })
    }
}
