//! The recipe's questions.

use crate::error::CommandError;
use crate::ui::Terminal;
use crate::ui::prompt::{Item, Unanswered};
use recipe_walk_engine::answers::{Answers, Origin};
use recipe_walk_engine::cost::Prices;
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
            let value = answers.get(&parameter.id).unwrap_or_default();
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
        let value = one(parameter, answers.get(&parameter.id).unwrap_or_default(), terminal)?;
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

/// What the billed things of a session cost an hour on AWS, each.
pub(crate) struct Rates {
    /// The replication group.
    pub(crate) cache: f64,
    /// The database.
    pub(crate) database: f64,
    /// The instance.
    pub(crate) instance: f64,
}

/// What the answers cost an hour on AWS.
pub(crate) fn hourly(prices: &Prices, answers: &Answers) -> f64 {
    let rates = rates(prices, answers);
    rates.cache + rates.database + rates.instance
}

/// The same, thing by thing.
pub(crate) fn rates(prices: &Prices, answers: &Answers) -> Rates {
    let answer = |key: &str| answers.get(key).unwrap_or_default();
    let hour = |item: &str| prices.hourly.get(item).copied().unwrap_or(0.0);
    let month = |item: &str, gb: f64| prices.gb_month.get(item).copied().unwrap_or(0.0) * gb / 730.0;
    Rates {
        cache: 2.0 * hour(&format!("{}.{}", answer("cache_node_type"), answer("cache_engine"))),
        database: hour(answer("db_class")) + month("rds.gp3", 20.0),
        instance: hour(answer("instance_type")) + hour("public-ipv4") + month("ebs.gp3", 8.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_cost_about_seven_cents_an_hour() {
        let recipe = crate::embedded::recipe(None).expect("parses");
        let prices = crate::embedded::prices().expect("parses");
        let rate = hourly(&prices, &recipe.defaults());
        assert!((0.06..0.08).contains(&rate), "{rate}");
    }
}
