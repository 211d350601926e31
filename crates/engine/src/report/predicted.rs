//! What the person said before, and what came out.

use crate::recipe::Recipe;
use crate::state::State;
use serde::Serialize;

/// One answer to a question of the recipe.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Prediction {
    /// The question's id.
    pub id: String,
    /// The question.
    pub ask: String,
    /// What the person said.
    pub said: String,
    /// What is right, once it is known.
    pub right: Option<String>,
    /// Whether they are the same.
    pub correct: Option<bool>,
    /// What was measured, where something was.
    pub figure: Option<f64>,
    /// What the figure counts.
    pub unit: String,
    /// What there is to understand; with what was wrong about a wrong answer.
    pub explain: String,
}

/// The answers, in the order of the recipe's questions.
pub fn predictions(state: &State, recipe: Option<&Recipe>) -> Vec<Prediction> {
    let questions = recipe.map(|r| r.questions.as_slice()).unwrap_or_default();
    questions
        .iter()
        .filter_map(|question| {
            let (answer, _) = state.predictions.get(question.id.as_str())?;
            let said = question.option(answer)?;
            let verdict = question.verdict(answer, &state.measured);
            let why_not = verdict.map_or("", |v| v.why_not);
            Some(Prediction {
                id: question.id.to_string(),
                ask: question.ask.clone(),
                said: said.text.clone(),
                right: verdict.map(|v| v.right.to_owned()),
                correct: verdict.map(|v| v.correct),
                figure: verdict.and_then(|v| v.figure),
                unit: question.unit.clone(),
                explain: [why_not, question.explain.as_str()].join(" ").trim().to_owned(),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use recipe_walk_measurements::{Kind, sample};

    #[test]
    fn an_answer_waits_for_its_measurement() {
        let text = "format_version=1\nid='r'\ntitle='t'\nphase=[]\nstep=[]\n[[question]]\nid='q'\nstep='s'\nask='How much?'\n\
                    result='compare'\npath='/queries/0/ratio'\nunit='times'\nexplain='It depends.'\noption=[\
                    {id='a',text='less',below=2,why_not='No.'},{id='b',text='more',from=2}]";
        let recipe: Recipe = toml::from_str(text).expect("parses");
        let mut state = State::default();
        assert!(predictions(&state, Some(&recipe)).is_empty());
        state.predictions.insert("q".into(), ("a".into(), jiff::Timestamp::UNIX_EPOCH));
        assert_eq!(predictions(&state, Some(&recipe))[0].correct, None);
        let mut compare = sample(Kind::Compare);
        compare["queries"][0]["ratio"] = 3.0.into();
        state.measured.insert("compare".into(), compare);
        let one = &predictions(&state, Some(&recipe))[0];
        assert_eq!((one.correct, one.figure, one.right.as_deref()), (Some(false), Some(3.0), Some("more")));
        assert_eq!(one.explain, "No. It depends.");
    }
}
