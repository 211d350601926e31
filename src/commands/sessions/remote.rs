//! `sessions --remote`: the sessions of an account and region, as their tags tell them.

use crate::embedded;
use crate::error::CommandError;
use crate::options::PlaceArgs;
use crate::paths::Paths;
use crate::session::parameters::Rates;
use crate::session::place::{self, Reached};
use crate::ui::table::Table;
use crate::ui::text::{dollars, since};
use crate::ui::{self, Terminal};
use jiff::Timestamp;
use recipe_walk_engine::cloud::Remote;
use recipe_walk_engine::shell::Typed;
use serde::Serialize;

/// One session of the account.
#[derive(Debug, Serialize)]
struct Line {
    session: String,
    owner: String,
    cohort: String,
    /// The furthest step, or nothing known.
    step: Option<String>,
    since: Option<Timestamp>,
    opened_at: Option<Timestamp>,
    expires_at: Option<Timestamp>,
    expired: bool,
    /// Things that carry its tag.
    resources: usize,
    /// Estimate: what is there now, at the recipe's usual sizes, since the session was opened.
    cost_estimate: Option<f64>,
    error: Option<String>,
}

/// Lists the sessions of the account.
pub(crate) async fn list(place: &PlaceArgs, json: bool, terminal: &Terminal) -> Result<(), CommandError> {
    let terminal = &if json { terminal.aside() } else { terminal.clone() };
    let paths = Paths::find()?;
    let command = &"recipe-walk sessions --remote".into();
    let reached = place::asked(place, false, &paths, command, terminal).await?;
    let recipe = embedded::recipe(None)?;
    let rates = Rates::new(embedded::prices()?, &recipe, recipe.defaults());
    let now = Timestamp::now();
    let list: Vec<Line> =
        reached.sessions().await?.into_iter().map(|remote| line(remote, &rates, &reached, now)).collect();
    if json {
        ui::json(&list);
        return Ok(());
    }
    if list.is_empty() {
        terminal.say("No session has anything there.");
        return Ok(());
    }
    let mut table =
        Table::new(&["Session", "Owner", "Cohort", "Furthest step", "Age>", "Cost>", "Expires", "Error"]);
    for line in &list {
        table.row(row(line, now));
    }
    terminal.lines(&table.render(terminal.style()));
    terminal.prose(
        "The cost is an estimate: what is there now, at the recipe's usual sizes, since the session was opened.",
    );
    if list.iter().any(|l| l.expired) {
        terminal.say("Delete what has expired with:");
        let flag = if reached.sandbox.is_some() { "--sandbox" } else { "--aws" };
        terminal.command(&Typed::from("recipe-walk cleanup --expired").then(flag));
    }
    Ok(())
}

fn line(remote: Remote, rates: &Rates, reached: &Reached, now: Timestamp) -> Line {
    let some = |text: String| Some(text).filter(|t| !t.is_empty());
    let cost = if reached.sandbox.is_some() { Some(0.0) } else { cost(&remote, rates, now) };
    Line {
        session: remote.session.to_string(),
        owner: remote.owner,
        cohort: remote.cohort,
        step: some(remote.step),
        since: remote.since,
        opened_at: remote.opened_at,
        expired: place::has_expired(remote.expires_at, now),
        expires_at: remote.expires_at,
        resources: remote.resources.len(),
        cost_estimate: cost,
        error: some(remote.error),
    }
}

/// What the billed things among its own have cost at most.
pub(crate) fn cost(remote: &Remote, rates: &Rates, now: Timestamp) -> Option<f64> {
    let seconds = now.duration_since(remote.opened_at?).as_secs_f64().max(0.0);
    rates.of(&remote.resources, seconds).known()
}

fn row(line: &Line, now: Timestamp) -> [String; 8] {
    let dash = |text: &str| if text.is_empty() { "-".to_owned() } else { text.to_owned() };
    let expires = match line.expires_at {
        None => "-".to_owned(),
        Some(at) if line.expired => format!("{} ago", since(at, now)),
        Some(at) => format!("in {}", since(now, at)),
    };
    [
        line.session.clone(),
        dash(&line.owner),
        dash(&line.cohort),
        dash(line.step.as_deref().unwrap_or_default()),
        line.opened_at.map_or("-".to_owned(), |at| since(at, now)),
        line.cost_estimate.map_or("-".to_owned(), dollars),
        expires,
        dash(line.error.as_deref().unwrap_or_default()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use recipe_walk_engine::id::SessionId;

    #[test]
    fn cost_counts_what_is_there_caches_by_full_hours() {
        let now = Timestamp::UNIX_EPOCH;
        let remote = Remote {
            session: SessionId::from_bytes([1; 8]),
            owner: String::new(),
            cohort: String::new(),
            expires_at: None,
            opened_at: Some(now - jiff::SignedDuration::from_mins(90)),
            step: String::new(),
            since: None,
            error: String::new(),
            resources: vec![
                "arn:aws:elasticache:us-east-1:1:replicationgroup:rw-x-cache".into(),
                "arn:aws:rds:us-east-1:1:db:rw-x-db".into(),
                "arn:aws:elasticache:us-east-1:1:subnetgroup:rw-x-cache".into(),
            ],
            claims: Vec::new(),
        };
        let recipe = crate::embedded::recipe(None).expect("the recipe");
        let rates = Rates::new(crate::embedded::prices().expect("prices"), &recipe, recipe.defaults());
        // Two nodes for two hours, a database with its storage for one and a half.
        let expected = 2.0 * 2.0 * 0.017 + 1.5 * (0.017 + 20.0 * 0.115 / 730.0);
        let found = cost(&remote, &rates, now).expect("a cost");
        assert!((found - expected).abs() < 1e-9, "{found} is not {expected}");
        assert_eq!(cost(&Remote { opened_at: None, ..remote }, &rates, now), None);
    }
}
