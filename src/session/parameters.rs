//! The recipe's questions.

use crate::error::CommandError;
use crate::ui::Terminal;
use crate::ui::prompt::{Item, Unanswered};
use recipe_walk_engine::action::Action;
use recipe_walk_engine::amount::Amount;
use recipe_walk_engine::answers::{Answers, Origin};
use recipe_walk_engine::cost::Prices;
use recipe_walk_engine::foreseen::Foreseen;
use recipe_walk_engine::kind::Arn;
use recipe_walk_engine::parameter::{Parameter, Rule};
use recipe_walk_engine::recipe::Recipe;

/// Shows the settings and lets a person change them; what was set before is not asked for again.
pub(crate) fn ask(
    recipe: &Recipe,
    mut answers: Answers,
    terminal: &Terminal,
) -> Result<Answers, CommandError> {
    change(recipe, &mut answers, terminal).map_err(|Unanswered| CommandError::nothing_begun())?;
    Ok(answers)
}

fn change(recipe: &Recipe, answers: &mut Answers, terminal: &Terminal) -> Result<(), Unanswered> {
    loop {
        terminal.gap();
        let mut items = vec![Item::new('u', "Use these settings", None)];
        for (index, parameter) in recipe.parameters.iter().enumerate() {
            let value = answers.get(parameter.id.as_str()).unwrap_or_default();
            let key = char::from_digit(u32::try_from(index + 1).unwrap_or(0), 10).unwrap_or('?');
            let from = match answers.origin(&parameter.id) {
                None | Some(Origin::Recipe | Origin::Asked) => String::new(),
                Some(origin) => format!(" ({origin})"),
            };
            let label = format!("Change {}: {value}{from}", parameter.name);
            items.push(Item::new(key, label, Some(parameter)));
        }
        let Some(parameter) = terminal.choose("Settings of this walk:", items, Some(0))? else {
            return Ok(());
        };
        let value = one(parameter, answers.get(parameter.id.as_str()).unwrap_or_default(), terminal)?;
        // The prompt has checked it by the same rule.
        if let Err(bad) = answers.put(&parameter.id, &value, Origin::Asked) {
            terminal.warn(&bad.to_string());
        }
    }
}

fn one(parameter: &Parameter, now: &str, terminal: &Terminal) -> Result<String, Unanswered> {
    if let Rule::Choice { choices } = &parameter.rule {
        let start = choices.iter().position(|c| c == now);
        if !parameter.help.is_empty() {
            terminal.prose(&parameter.help);
        }
        let items: Vec<_> =
            choices.iter().zip('1'..='9').map(|(c, key)| Item::new(key, c.clone(), c.clone())).collect();
        return terminal.choose(&parameter.question, items, start);
    }
    let rule = parameter.clone();
    terminal.line(&parameter.question, &parameter.help, Some(now), move |text| rule.check(text))
}

/// What a session of the recipe costs on AWS, thing by thing.
pub(crate) struct Rates {
    actions: Vec<Action>,
    prices: Prices,
}

impl Rates {
    /// With these answers.
    pub(crate) fn new(prices: Prices, recipe: &Recipe, answers: Answers) -> Self {
        Self { actions: Foreseen::anywhere(recipe, answers).actions(), prices }
    }

    /// An hour of all of it.
    pub(crate) fn hourly(&self) -> Amount {
        self.actions.iter().map(|action| self.prices.per_hour(action)).sum()
    }

    /// What of it is there, as its ARNs tell, for so many seconds.
    pub(crate) fn of(&self, arns: &[String], seconds: f64) -> Amount {
        let there = |action: &&Action| action.arn().is_some_and(|kind| arns.iter().any(|arn| is(arn, kind)));
        self.actions.iter().filter(there).map(|action| self.prices.of_seconds(action, seconds)).sum()
    }
}

/// Whether an ARN is one of this type.
fn is(arn: &str, kind: &Arn) -> bool {
    let mut parts = arn.splitn(6, ':');
    let (service, resource) = (parts.nth(2), parts.nth(2).unwrap_or_default());
    let rest = resource.strip_prefix(kind.resource).unwrap_or_default();
    service == Some(kind.service) && rest.starts_with([':', '/'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_choice_of_the_recipe_has_a_price() {
        let recipe = crate::embedded::recipe(None).expect("parses");
        for parameter in &recipe.parameters {
            let Rule::Choice { choices } = &parameter.rule else { continue };
            for choice in choices {
                let mut answers = recipe.defaults();
                answers.put(&parameter.id, choice, Origin::Asked).expect("a choice");
                let rate = Rates::new(crate::embedded::prices().expect("parses"), &recipe, answers).hourly();
                assert!(rate.is_known(), "{}: {rate:?}", parameter.id);
            }
        }
    }

    #[test]
    fn the_defaults_cost_about_seven_cents_an_hour() {
        let recipe = crate::embedded::recipe(None).expect("parses");
        let prices = crate::embedded::prices().expect("parses");
        let rate = Rates::new(prices, &recipe, recipe.defaults()).hourly();
        assert!(rate.known().is_some_and(|rate| (0.06..0.08).contains(&rate)), "{rate:?}");
    }
}
