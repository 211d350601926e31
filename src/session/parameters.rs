//! The recipe's questions.

use crate::config::Answer;
use crate::did_you_mean::closest;
use crate::error::{CommandError, Kind};
use crate::ui::Terminal;
use crate::ui::prompt::{Item, Unanswered};
use recipe_walk_engine::cost::Prices;
use recipe_walk_engine::parameter::{Parameter, Rule};
use recipe_walk_engine::recipe::Recipe;
use std::collections::BTreeMap;

/// Asks the recipe's questions, or takes the defaults; `given` are answers of the configuration.
pub(crate) fn ask(
    recipe: &Recipe,
    given: &BTreeMap<String, Answer>,
    engine: Option<&str>,
    yes: bool,
    terminal: &Terminal,
) -> Result<BTreeMap<String, String>, CommandError> {
    let mut answers = recipe.defaults();
    for (key, answer) in given {
        answers.insert(key.clone(), checked(recipe, key, answer)?);
    }
    if let Some(engine) = engine {
        let parameter = recipe.parameters.iter().find(|p| p.id == "cache_engine");
        if let Some(Err(why)) = parameter.map(|p| p.check(engine)) {
            return Err(CommandError::new(Kind::Usage, format!("--engine: {why}")));
        }
        answers.insert("cache_engine".into(), engine.to_owned());
    }
    if yes {
        return Ok(answers);
    }
    change(recipe, &mut answers, terminal).map_err(|Unanswered| CommandError::nothing_begun())?;
    Ok(answers)
}

/// An answer of the configuration, held against what the recipe asks for.
fn checked(recipe: &Recipe, key: &str, answer: &Answer) -> Result<String, CommandError> {
    let Answer { value, place } = answer;
    let Some(parameter) = recipe.parameters.iter().find(|p| p.id == key) else {
        let known = || recipe.parameters.iter().map(|p| p.id.as_str());
        let error = CommandError::new(Kind::Usage, format!("{place}: the recipe has no parameter '{key}'"));
        return Err(match closest(key, known()) {
            Some(meant) => error.means(format!("Did you mean '{meant}'?")),
            None => error.means(format!("There are: {}.", known().collect::<Vec<_>>().join(", "))),
        });
    };
    match parameter.check(value) {
        Ok(()) => Ok(value.clone()),
        Err(why) => Err(CommandError::new(Kind::Usage, format!("{place}: {key} cannot be '{value}': {why}"))),
    }
}

fn change(
    recipe: &Recipe,
    answers: &mut BTreeMap<String, String>,
    terminal: &Terminal,
) -> Result<(), Unanswered> {
    loop {
        terminal.gap();
        let mut items = vec![Item::new('u', "Use these settings", None)];
        for (index, parameter) in recipe.parameters.iter().enumerate() {
            let value = answers.get(&parameter.id).map_or("", String::as_str);
            let key = char::from_digit(u32::try_from(index + 1).unwrap_or(0), 10).unwrap_or('?');
            let label = format!("Change {}: {value}", parameter.name);
            items.push(Item::new(key, label, Some(parameter)));
        }
        let Some(parameter) = terminal.choose("Settings of this walk:", items, Some(0))? else {
            return Ok(());
        };
        let value = one(parameter, answers.get(&parameter.id).map_or("", String::as_str), terminal)?;
        answers.insert(parameter.id.clone(), value);
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
pub(crate) fn hourly(prices: &Prices, answers: &BTreeMap<String, String>) -> f64 {
    let rates = rates(prices, answers);
    rates.cache + rates.database + rates.instance
}

/// The same, thing by thing.
pub(crate) fn rates(prices: &Prices, answers: &BTreeMap<String, String>) -> Rates {
    let answer = |key: &str| answers.get(key).map_or("", String::as_str);
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
