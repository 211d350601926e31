//! What a session would make, as far as that can be told before it has found out what a plan needs.

use crate::action::{Action, FORGOTTEN, Planned};
use crate::answers::Answers;
use crate::cloud::Place;
use crate::id::SessionId;
use crate::kind::Look;
use crate::plan::{Known, PlanError, look, plan};
use crate::recipe::{Recipe, Step};
use crate::record::Opening;
use crate::state::State;
use crate::step::Lookup;
use jiff::Timestamp;

/// The plan of a step. Facts and answers that nobody knows stand as [`FORGOTTEN`] in its requests, and in the state.
pub(crate) fn plan_with_gaps(step: &Step, state: &mut State) -> Result<Vec<Planned>, PlanError> {
    loop {
        match plan(step, state) {
            Ok(planned) => return Ok(planned),
            Err(PlanError::Unknown(unknown)) => state.facts.set(unknown.0, FORGOTTEN),
            Err(other @ (PlanError::Misfit(_) | PlanError::NoRequest { .. })) => return Err(other),
        }
    }
}

/// Everything that a whole walk makes, by the answers that are known.
pub(crate) fn walk_actions(recipe: &Recipe, mut state: State) -> Result<Vec<Action>, PlanError> {
    let mut all = Vec::new();
    for step in &recipe.steps {
        all.extend(plan_with_gaps(step, &mut state)?.into_iter().map(|planned| planned.action));
    }
    Ok(all)
}

/// What a session of the recipe would make, before there is one: its default answers, or others.
#[derive(Debug)]
pub struct Foreseen<'a> {
    recipe: &'a Recipe,
    state: State,
}

impl<'a> Foreseen<'a> {
    /// A session whose place nobody knows yet.
    pub fn anywhere(recipe: &'a Recipe, answers: Answers) -> Self {
        let place = Place { account: FORGOTTEN.into(), region: FORGOTTEN.into(), endpoint: None };
        Self::new(recipe, &place, answers)
    }

    /// A session at this place.
    pub fn new(recipe: &'a Recipe, place: &Place, answers: Answers) -> Self {
        let (session, begun) = (SessionId::from_bytes([0; 8]), Timestamp::UNIX_EPOCH);
        let opening = Some((begun, Opening::new(session, place.clone(), &recipe.id, begun)));
        Self { recipe, state: State { opening, answers, ..State::default() } }
    }

    /// Everything that it would make.
    pub fn actions(&self) -> Vec<Action> {
        let mut state = self.state.clone();
        let plans = self.recipe.steps.iter().filter_map(|step| plan_with_gaps(step, &mut state).ok());
        plans.flatten().map(|planned| planned.action).collect()
    }

    /// What it would look up.
    pub fn looks(&self) -> Vec<Look> {
        looks(&self.recipe.steps, &self.state)
            .map(|all| all.into_iter().map(|(_, l)| l).collect())
            .unwrap_or_default()
    }
}

/// What these steps look up, filled in.
pub(crate) fn looks<'s>(steps: &'s [Step], state: &State) -> Result<Vec<(&'s Lookup, Look)>, PlanError> {
    let lookups = steps.iter().flat_map(|step| step.looks.iter().map(move |lookup| (step, lookup)));
    lookups.map(|(step, l)| Ok((l, look(l, &|name| Known { step, state }.value(name))?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::demands;
    use std::path::Path;

    #[test]
    fn a_walk_counts_against_the_quotas_of_what_it_makes() {
        let recipe =
            Recipe::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../recipe")).expect("the recipe");
        let place = Place { account: "1".into(), region: "us-east-1".into(), endpoint: None };
        let actions = Foreseen::new(&recipe, &place, recipe.defaults()).actions();
        let demands = demands(&actions);
        let mut found: Vec<_> = demands.iter().map(|d| (d.quota.what, d.each)).collect();
        found.sort_unstable();
        let expected = [
            ("EC2 vCPUs (on-demand standard)", 2),
            ("ElastiCache nodes", 2),
            ("ElastiCache parameter groups", 1),
            ("ElastiCache subnet groups", 1),
            ("IAM instance profiles", 1),
            ("IAM roles", 1),
            ("RDS DB instances", 1),
            ("RDS DB subnet groups", 1),
            ("VPC security groups", 3),
        ];
        assert_eq!(found, expected);
    }
}
