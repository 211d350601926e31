//! An experiment: one question, a column for each case, a row for each figure.

use crate::failure::Failure;
use crate::format::{MISSING, with_unit};
use crate::noise::Noise;
use crate::table::Table;
use serde::{Deserialize, Serialize};

/// The result of an experiment.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Experiment {
    /// What it wants to know.
    pub question: String,
    /// The cases, in the order of the values.
    pub columns: Vec<String>,
    /// The figures.
    pub rows: Vec<Figure>,
    /// What can be read from them, in sentences.
    pub conclusions: Vec<String>,
    /// How far the figures can be trusted.
    pub noise: Noise,
    /// What ended it before all its turns were done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Failure>,
}

/// One figure of all cases.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Figure {
    /// Its stable name.
    pub id: String,
    /// Its name for people.
    pub label: String,
    /// `ms`, `%`, `/s`, or nothing for a count.
    pub unit: String,
    /// A value for each case; none where it makes no sense.
    pub values: Vec<Option<f64>>,
}

impl Experiment {
    /// Nothing measured yet.
    pub fn new(question: impl Into<String>) -> Self {
        Self { question: question.into(), ..Self::default() }
    }

    /// Adds a case with its figures: (id, label, unit, value).
    pub fn case(&mut self, name: impl Into<String>, figures: &[(&str, &str, &str, Option<f64>)]) {
        let before = self.columns.len();
        self.columns.push(name.into());
        for (id, label, unit, value) in figures {
            let place = self.rows.iter().position(|row| row.id == *id).unwrap_or_else(|| {
                let (id, label, unit) = ((*id).into(), (*label).into(), (*unit).into());
                self.rows.push(Figure { id, label, unit, values: vec![None; before] });
                self.rows.len() - 1
            });
            // Microseconds are as fine as we measure.
            self.rows[place].values.push(value.map(|value| (value * 1e3).round() / 1e3));
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

    /// Its cases side by side.
    pub fn table(&self) -> Table {
        let cases = self.columns.iter().map(|name| format!("{name}>"));
        let names: Vec<String> = std::iter::once("Measured".to_owned()).chain(cases).collect();
        let mut table = Table::new(&names);
        if self.columns.is_empty() {
            return table;
        }
        for row in &self.rows {
            let value = |at| row.values.get(at).copied().flatten();
            let cell = |at| value(at).map_or_else(|| MISSING.to_owned(), |v| with_unit(v, &row.unit));
            table.row(std::iter::once(row.label.clone()).chain((0..self.columns.len()).map(cell)));
        }
        table
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
        assert_eq!(ended.error.map(|f| f.what).as_deref(), Some("It ended."));
    }

    #[test]
    fn cases_become_columns_and_missing_values_stay_missing() {
        let mut experiment = Experiment::new("Which?");
        experiment.case("a", &[("x", "X", "ms", Some(1.25))]);
        experiment.case("b", &[("y", "Y", "", Some(1234.0)), ("x", "X", "ms", None)]);
        assert_eq!((experiment.value("x", 0), experiment.value("x", 1)), (Some(1.25), None));
        let rows: Vec<Vec<String>> = experiment
            .table()
            .rows
            .iter()
            .map(|row| row.iter().map(|cell| cell.text(true)).collect())
            .collect();
        assert_eq!(rows, [["X", "1.25 ms", "-"], ["Y", "-", "1,234"]]);
    }

    #[test]
    fn rows_of_a_wrong_length_break_no_table() {
        let figure = |values| Figure { id: "x".into(), label: "X".into(), unit: String::new(), values };
        let rows = vec![figure(vec![]), figure(vec![Some(1.0); 5])];
        let experiment = Experiment { columns: vec!["a".into()], rows, ..Experiment::default() };
        assert!(experiment.table().rows.iter().all(|row| row.len() == 2));
    }
}
