//! What a session would make, as far as that can be told before it has found out what a plan needs.

use crate::action::{Planned, UNKNOWN};
use crate::answers::Answers;
use crate::cloud::Place;
use crate::finding::{Demand, demands};
use crate::id::SessionId;
use crate::plan::{PlanError, plan};
use crate::recipe::{Recipe, Step};
use crate::record::{Opening, VERSION};
use crate::state::{Misfit, State};
use jiff::Timestamp;

/// The plan of a step. Facts and answers that nobody knows stand as [`UNKNOWN`] in its requests, and in the state.
pub(crate) fn plan_with_gaps(step: &Step, state: &mut State) -> Result<Vec<Planned>, Misfit> {
    loop {
        match plan(step, state) {
            Ok(planned) => return Ok(planned),
            Err(PlanError::Unknown(unknown)) => state.facts.set(unknown.0, UNKNOWN),
            Err(PlanError::Parameter(key)) => state.answers.stand_in(&key, UNKNOWN),
            Err(PlanError::Misfit(misfit)) => return Err(misfit),
        }
    }
}

/// What a whole walk takes of the account's quotas, by the answers that are known.
pub(crate) fn walk_demands(recipe: &Recipe, mut state: State) -> Result<Vec<Demand>, Misfit> {
    let mut all = Vec::new();
    for step in &recipe.steps {
        all.extend(plan_with_gaps(step, &mut state)?);
    }
    Ok(demands(all.iter().map(|planned| &planned.action)))
}

/// The same before there is a session, with the answers that it would begin with.
pub fn usual_demands(recipe: &Recipe, answers: Answers, place: &Place) -> Vec<Demand> {
    let opening = Opening {
        version: VERSION,
        session: SessionId::from_bytes([0; 8]),
        place: place.clone(),
        sandbox: false,
        recipe: recipe.id.clone(),
        recipe_hash: None,
        recipe_dir: None,
        owner: String::new(),
        cohort: String::new(),
        expires_at: Timestamp::UNIX_EPOCH,
        rebuilt: false,
    };
    let opening = Some((Timestamp::UNIX_EPOCH, opening));
    let state = State { opening, answers, ..State::default() };
    walk_demands(recipe, state).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn a_walk_counts_against_the_quotas_of_what_it_makes() {
        let recipe =
            Recipe::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../recipe")).expect("the recipe");
        let place = Place { account: "1".into(), region: "us-east-1".into(), endpoint: None };
        let demands = usual_demands(&recipe, recipe.defaults(), &place);
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
