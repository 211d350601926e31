//! Questions of the recipe: predictions that the person's own measurements answer, and points to think about.

use crate::word::Word;
use recipe_walk_measurements::Measurement;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// A question. With `result` and `path` it is a prediction: the figure at that place decides. Without, the option that is
/// marked as right does.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// Id, unique; it stands in the journal.
    pub id: Word,
    /// The step before which it is asked, or during which, where that step waits.
    pub step: String,
    /// The question.
    pub ask: String,
    /// The kind of result that holds the figure.
    #[serde(default)]
    pub result: Option<String>,
    /// The figure's place in the result: a JSON pointer, in which a negative index counts from the end.
    #[serde(default)]
    pub path: Option<String>,
    /// What the figure counts, as it is said: `times`, `percent`, `errors`.
    #[serde(default)]
    pub unit: String,
    /// Said with the answer, right or wrong.
    pub explain: String,
    /// What can be answered.
    #[serde(rename = "option")]
    pub options: Vec<Answer>,
}

/// One possible answer.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// Id, unique in its question; it stands in the journal.
    pub id: String,
    /// What it says.
    pub text: String,
    /// A prediction: right from this figure on; without it from nothing.
    #[serde(default)]
    pub from: Option<f64>,
    /// A prediction: right below this figure; without it without end.
    #[serde(default)]
    pub below: Option<f64>,
    /// Where nothing is measured: whether it is right.
    #[serde(default)]
    pub right: bool,
    /// Said to who chose it and was wrong.
    #[serde(default)]
    pub why_not: String,
}

impl Answer {
    /// Whether the figure makes it right.
    fn holds(&self, figure: f64) -> bool {
        self.from.is_none_or(|from| figure >= from) && self.below.is_none_or(|below| figure < below)
    }
}

/// How an answer compares with what is so.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Verdict<'a> {
    /// What the person said.
    pub said: &'a str,
    /// What is right.
    pub right: &'a str,
    /// Whether they are the same.
    pub correct: bool,
    /// What was measured, where something was.
    pub figure: Option<f64>,
    /// What to tell about a wrong answer, or nothing.
    pub why_not: &'a str,
}

impl Question {
    /// Whether a measurement answers it.
    pub fn is_prediction(&self) -> bool {
        self.result.is_some()
    }

    /// The option of that id.
    pub fn option(&self, id: &str) -> Option<&Answer> {
        self.options.iter().find(|o| o.id == id)
    }

    /// The figure that decides, once it is measured.
    pub fn figure(&self, measured: &BTreeMap<String, Value>) -> Option<f64> {
        let kind = self.result.as_deref()?;
        let figure = recipe_walk_measurements::figure(kind, self.path.as_deref()?).ok()?;
        figure.of(&Measurement::read(kind, measured.get(kind)?).ok()?)
    }

    /// How the answer `said` (an option's id) compares with what is so; nothing while that is not measured.
    pub fn verdict(&self, said: &str, measured: &BTreeMap<String, Value>) -> Option<Verdict<'_>> {
        let said = self.option(said)?;
        let figure = self.figure(measured);
        let right = if self.is_prediction() {
            let figure = figure?;
            self.options.iter().find(|o| o.holds(figure))?
        } else {
            self.options.iter().find(|o| o.right)?
        };
        let correct = said.id == right.id;
        let why_not = if correct { "" } else { said.why_not.as_str() };
        Some(Verdict { said: &said.text, right: &right.text, correct, figure, why_not })
    }

    /// What is wrong with it, for the lint.
    pub(crate) fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        let mut ids: Vec<&str> = self.options.iter().map(|o| o.id.as_str()).collect();
        ids.sort_unstable();
        ids.dedup();
        if ids.len() != self.options.len() || !(2..=5).contains(&ids.len()) {
            faults.push("needs two to five options with ids of their own".to_owned());
        }
        for long in self.options.iter().filter(|o| o.text.chars().count() > 54) {
            faults.push(format!("option '{}' has more than 54 characters", long.id));
        }
        match (&self.result, &self.path) {
            (None, None) => {
                if self.options.iter().filter(|o| o.right).count() != 1 {
                    faults.push("needs exactly one option with right = true".to_owned());
                }
                if self.options.iter().any(|o| o.from.is_some() || o.below.is_some()) {
                    faults.push("has figures in its options, and no result to compare them with".to_owned());
                }
            }
            (Some(result), Some(path)) => {
                if let Err(no_figure) = recipe_walk_measurements::figure(result, path) {
                    faults.push(no_figure.to_string());
                }
                if self.options.iter().any(|o| o.right) {
                    faults.push("is decided by a measurement, so no option is marked as right".to_owned());
                }
                // Each figure must make exactly one option right: every end is the next one's beginning.
                let mut edges: Vec<(f64, f64)> = self
                    .options
                    .iter()
                    .map(|o| (o.from.unwrap_or(f64::NEG_INFINITY), o.below.unwrap_or(f64::INFINITY)))
                    .collect();
                edges.sort_by(|a, b| a.0.total_cmp(&b.0));
                let open = edges.first().is_some_and(|e| e.0 == f64::NEG_INFINITY)
                    && edges.last().is_some_and(|e| e.1 == f64::INFINITY);
                if !open || edges.windows(2).any(|w| w[0].1.total_cmp(&w[1].0).is_ne()) {
                    faults.push("its options leave a gap between their figures, or overlap".to_owned());
                }
            }
            _ => faults.push("needs both result and path, or neither".to_owned()),
        }
        faults
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use recipe_walk_measurements::{Kind, sample};
    use serde_json::json;

    fn question(text: &str) -> Question {
        toml::from_str(text).expect("parses")
    }

    const PREDICTION: &str = r#"
        id = "q"
        step = "compare"
        ask = "How much faster?"
        result = "compare"
        path = "/queries/-1/ratio"
        unit = "times"
        explain = "It depends."
        option = [
            { id = "little", text = "less than 2", below = 2, why_not = "It is more." },
            { id = "much", text = "2 or more", from = 2 },
        ]
    "#;

    #[test]
    fn a_measurement_decides_a_prediction() {
        let q = question(PREDICTION);
        assert_eq!(q.faults(), Vec::<String>::new());
        let mut measured = BTreeMap::new();
        assert_eq!(q.verdict("little", &measured), None);
        let mut compare = sample(Kind::Compare);
        compare["queries"][3]["ratio"] = json!(2.0);
        measured.insert("compare".to_owned(), compare);
        let wrong = q.verdict("little", &measured).expect("measured");
        assert_eq!((wrong.correct, wrong.figure, wrong.why_not), (false, Some(2.0), "It is more."));
        assert!(q.verdict("much", &measured).expect("measured").correct);
        assert_eq!(q.verdict("nonsense", &measured), None);
    }

    #[test]
    fn gaps_overlaps_and_unknown_results_are_faults() {
        for (old, new) in [
            ("from = 2", "from = 3"),
            ("from = 2", "from = 1"),
            ("below = 2, ", ""),
            ("\"/queries/-1/ratio\"", "\"ratio\""),
            ("\"/queries/-1/ratio\"", "\"/queries/-1/ration\""),
            ("id = \"much\"", "id = \"little\""),
        ] {
            assert_ne!(PREDICTION.replace(old, new), PREDICTION);
            assert!(!question(&PREDICTION.replace(old, new)).faults().is_empty(), "{new}");
        }
    }
}
