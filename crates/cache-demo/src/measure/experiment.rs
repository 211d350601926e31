//! The shape of an experiment's result: one question, a column for each case, a row for each figure.

use crate::error::Failure;
use crate::measure::latency::round;
use crate::measure::noise::{self, Noise};
use crate::measure::report::Report;
use crate::measure::table::{Table, grouped, ms};
use serde::Serialize;

/// The result of an experiment.
#[derive(Debug, Clone, Serialize)]
pub struct Experiment {
    /// What it wants to know.
    pub question: &'static str,
    /// The cases, in the order of the values.
    pub columns: Vec<String>,
    /// The figures.
    pub rows: Vec<Figure>,
    /// What can be read from them, in sentences.
    pub conclusions: Vec<String>,
    /// How far the figures can be trusted.
    pub noise: Noise,
    /// What ended it before all its turns were done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Failure>,
}

/// One figure of all cases.
#[derive(Debug, Clone, Serialize)]
pub struct Figure {
    /// Its stable name.
    pub id: &'static str,
    /// Its name for people.
    pub label: &'static str,
    /// `ms`, `%`, `/s`, or nothing for a count.
    pub unit: &'static str,
    /// A value for each case; none where it makes no sense.
    pub values: Vec<Option<f64>>,
}

impl Experiment {
    /// Nothing measured yet.
    pub fn new(question: &'static str) -> Self {
        let noise = Noise { noisy: false, advice: Vec::new() };
        Self { question, columns: Vec::new(), rows: Vec::new(), conclusions: Vec::new(), noise, error: None }
    }

    /// Adds a case with its figures: (id, label, unit, value).
    pub fn case(
        &mut self,
        name: impl Into<String>,
        figures: &[(&'static str, &'static str, &'static str, Option<f64>)],
    ) {
        let before = self.columns.len();
        self.columns.push(name.into());
        for (id, label, unit, value) in figures {
            let place = self.rows.iter().position(|row| row.id == *id).unwrap_or_else(|| {
                self.rows.push(Figure { id, label, unit, values: vec![None; before] });
                self.rows.len() - 1
            });
            // Microseconds are as fine as we measure.
            self.rows[place].values.push(value.map(|value| round(value, 3)));
        }
        for row in &mut self.rows {
            row.values.resize(before + 1, None);
        }
    }

    /// The value of a figure in a case.
    pub fn value(&self, id: &str, case: usize) -> Option<f64> {
        self.rows.iter().find(|row| row.id == id)?.values.get(case).copied().flatten()
    }

    /// Adds a sentence.
    pub fn conclude(&mut self, sentence: impl Into<String>) {
        self.conclusions.push(sentence.into());
    }

    /// What came of it: with a failure, the cases that were measured before and what ended it; without any, the failure.
    pub fn ended(mut self, by: Option<Failure>) -> Result<Self, Failure> {
        match by {
            Some(failure) if self.columns.is_empty() => Err(failure),
            by => {
                self.error = self.error.or(by);
                Ok(self)
            }
        }
    }

    /// Judges the figures by the requests in equal spans of each case, by the figures of its repetitions, and by what
    /// else the machine had to do.
    pub fn judge_noise(&mut self, slots: &[&[u64]], repetitions: &[Vec<f64>]) {
        self.noise = noise::judge_load(slots, repetitions);
    }
}

impl Report for Experiment {
    fn text(&self) -> String {
        let mut head = vec![""];
        head.extend(self.columns.iter().map(String::as_str));
        let mut table = Table::new(&head);
        for row in &self.rows {
            let name = if row.unit.is_empty() {
                row.label.to_owned()
            } else {
                format!("{}, {}", row.label, row.unit)
            };
            let cells = row.values.iter().map(|value| match (value, row.unit) {
                (None, _) => "-".to_owned(),
                (Some(value), "ms") => ms(*value),
                (Some(value), "%") => format!("{value:.2}"),
                (Some(value), _) if value.fract() == 0.0 => grouped(*value as u64),
                (Some(value), _) => format!("{value:.1}"),
            });
            table.row(std::iter::once(name).chain(cells).collect());
        }
        let mut text = format!("{}\n\n{}\n", self.question, table.render());
        for line in self.conclusions.iter().chain(&self.noise.advice) {
            text += &format!("{line}\n");
        }
        text
    }

    fn failure(&self) -> Option<&Failure> {
        self.error.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_measured_before_a_failure_stays() {
        let failure = || Some(Failure::measurement("It ended.", "", ""));
        assert!(Experiment::new("Which?").ended(failure()).is_err());
        let mut experiment = Experiment::new("Which?");
        experiment.case("a", &[]);
        let ended = experiment.ended(failure()).expect("a result");
        assert_eq!(ended.failure().map(|f| f.what.as_str()), Some("It ended."));
    }

    #[test]
    fn cases_become_columns_and_missing_values_stay_missing() {
        let mut experiment = Experiment::new("Which?");
        experiment.case("a", &[("x", "X", "ms", Some(1.0))]);
        experiment.case("b", &[("y", "Y", "", Some(1234.0)), ("x", "X", "ms", None)]);
        assert_eq!((experiment.value("x", 0), experiment.value("x", 1)), (Some(1.0), None));
        assert_eq!((experiment.value("y", 0), experiment.value("y", 1)), (None, Some(1234.0)));
        assert!(
            experiment.text().contains("X, ms  1.000      -\nY          -  1,234\n"),
            "{}",
            experiment.text()
        );
    }
}
