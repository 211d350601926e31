//! `board`: a trainer's view of a class, from the tags in the accounts alone. There is no server, and nothing is changed.

use super::parameters::{self, Rates};
use super::place::{self, Reached};
use super::remote::cost;
use crate::cli::AwsArgs;
use crate::cli::class::BoardArgs;
use crate::cli::session::PlaceArgs;
use crate::embedded;
use crate::error::{CommandError, Kind};
use crate::paths::Paths;
use crate::terminal::style::Paint;
use crate::terminal::table::Table;
use crate::terminal::text::{dollars, moment, since, span};
use crate::terminal::{self, Terminal};
use jiff::Timestamp;
use recipe_walk_engine::class::{Attendee, Standing, sort};
use recipe_walk_engine::recipe::Recipe;
use serde::Serialize;
use std::time::Duration;
use tokio::task::JoinSet;

/// Rows that the table does not need for people: head, foot, the prompt below.
const FRAME: usize = 9;

/// One attendee with the place of their session.
#[derive(Debug, Serialize)]
struct Row {
    #[serde(flatten)]
    attendee: Attendee,
    account: String,
    region: String,
    /// The profile that it was seen with, where one was named.
    profile: Option<String>,
    sandbox: bool,
    /// Estimate: what is there now, at the recipe's usual sizes, since the session was opened.
    cost_estimate: Option<f64>,
}

/// A place that could not be looked at.
#[derive(Debug, Serialize)]
struct Trouble {
    place: String,
    problem: String,
}

/// What one look found.
#[derive(Debug, Serialize)]
struct Look {
    at: Timestamp,
    cohort: String,
    attendees: Vec<Row>,
    troubles: Vec<Trouble>,
}

/// One account and region.
#[derive(Clone)]
struct Site {
    reached: Reached,
    profile: Option<String>,
}

impl Site {
    fn name(&self) -> String {
        if self.reached.sandbox.is_some() {
            return "sandbox".into();
        }
        let place = &self.reached.identity.place;
        match &self.profile {
            Some(profile) => format!("{profile} {}", place.region),
            None => format!("{} {}", place.account, place.region),
        }
    }
}

/// Shows the board.
pub(crate) async fn board(args: BoardArgs, terminal: &Terminal) -> Result<(), CommandError> {
    let cohort = args.cohort.clone().ok_or_else(|| {
        CommandError::new(Kind::Usage, "which class? Name it with --cohort")
            .means("It is the name that the walks were given: recipe-walk --aws --cohort june")
            .next("recipe-walk board --cohort june --aws")
    })?;
    let recipe = embedded::recipe(None)?;
    let rates = parameters::rates(&embedded::prices()?, &recipe.defaults());
    let (sites, troubles) = sites(&args, &cohort, terminal).await?;
    if sites.is_empty()
        && let Some(first) = troubles.first()
    {
        return Err(CommandError::new(Kind::Step, format!("{}: {}", first.place, first.problem))
            .means("None of the places could be looked at.")
            .next("recipe-walk doctor"));
    }
    let look = |troubles| look(&sites, &cohort, &recipe, &rates, troubles);
    if args.json {
        terminal::json(&look(troubles).await);
        return Ok(());
    }
    let again = !args.once && terminal.is_interactive();
    let several = sites.len() > 1;
    let mut drawn = 0;
    let mut troubles = Some(troubles);
    loop {
        let first = troubles.take().unwrap_or_default();
        let found = look(first).await;
        let text = draw(&found, several, again.then_some(args.every), terminal);
        drawn = terminal.redraw(drawn, &text);
        if !again {
            return Ok(());
        }
        tokio::select! {
            () = tokio::time::sleep(Duration::from_secs(args.every)) => {}
            () = terminal.interrupt().wait() => return Ok(()),
        }
    }
}

/// Connects to every profile in every region, side by side.
async fn sites(
    args: &BoardArgs,
    cohort: &str,
    terminal: &Terminal,
) -> Result<(Vec<Site>, Vec<Trouble>), CommandError> {
    if !args.wants_aws() {
        let place = PlaceArgs { sandbox: args.sandbox, ..PlaceArgs::default() };
        let command = format!("recipe-walk board --cohort {cohort}");
        let beside = if args.json { terminal.aside() } else { terminal.clone() };
        let reached = place::asked(&place, false, &Paths::find()?, &command, &beside).await?;
        return Ok((vec![Site { reached, profile: None }], Vec::new()));
    }
    let some = |list: &[String]| -> Vec<Option<String>> {
        if list.is_empty() { vec![None] } else { list.iter().cloned().map(Some).collect() }
    };
    let mut set = JoinSet::new();
    let regions = some(&args.region);
    for (index, profile) in some(&args.profile).into_iter().enumerate() {
        for (second, region) in regions.iter().cloned().enumerate() {
            let target = AwsArgs { profile: profile.clone(), region };
            set.spawn(async move {
                let place = [target.profile.clone(), target.region.clone()];
                let place = place.into_iter().flatten().collect::<Vec<_>>().join(" ");
                let found = place::aws(&target).await;
                ((index, second), place, target.profile, found)
            });
        }
    }
    let mut all = set.join_all().await;
    all.sort_by_key(|(order, ..)| *order);
    let (mut sites, mut troubles) = (Vec::new(), Vec::new());
    for (_, place, profile, found) in all {
        match found {
            Ok(reached) => sites.push(Site { reached, profile }),
            Err(error) if args.profile.len() < 2 && args.region.len() < 2 => return Err(error),
            Err(error) => troubles.push(Trouble { place, problem: error.message }),
        }
    }
    Ok((sites, troubles))
}

/// Looks at all of them, side by side.
async fn look(
    sites: &[Site],
    cohort: &str,
    recipe: &Recipe,
    rates: &Rates,
    mut troubles: Vec<Trouble>,
) -> Look {
    let mut set = JoinSet::new();
    for (index, site) in sites.iter().cloned().enumerate() {
        let cohort = cohort.to_owned();
        set.spawn(async move { (index, site.reached.cloud.class(&cohort).await) });
    }
    let now = Timestamp::now();
    let mut attendees = Vec::new();
    for (index, found) in set.join_all().await {
        let site = &sites[index];
        match found {
            Ok(remotes) => attendees.extend(remotes.iter().map(|remote| Row {
                attendee: Attendee::new(remote, recipe, now),
                account: site.reached.identity.place.account.clone(),
                region: site.reached.identity.place.region.clone(),
                profile: site.profile.clone(),
                sandbox: site.reached.sandbox.is_some(),
                cost_estimate: if site.reached.sandbox.is_some() {
                    Some(0.0)
                } else {
                    cost(remote, rates, now)
                },
            })),
            Err(failure) => troubles.push(Trouble { place: site.name(), problem: failure.to_string() }),
        }
    }
    sort(&mut attendees, |row: &Row| &row.attendee);
    Look { at: now, cohort: cohort.to_owned(), attendees, troubles }
}

fn draw(look: &Look, several: bool, every: Option<u64>, terminal: &Terminal) -> String {
    let style = terminal.style();
    let all = &look.attendees;
    let stuck = all.iter().filter(|r| r.attendee.stuck.is_some()).count();
    let walked = all.iter().filter(|r| r.attendee.standing == Standing::Walked).count();
    let cleaning = all.iter().filter(|r| r.attendee.standing == Standing::CleaningUp).count();
    let expired = all.iter().filter(|r| r.attendee.expired).count();
    let cost: f64 = all.iter().filter_map(|r| r.cost_estimate).sum();
    let mut lines = vec![style.paint(
        Paint::Heading,
        &format!(
            "Class {}: {} {}, {stuck} need help, {walked} done, {cleaning} cleaning up, {expired} expired, about {}",
            look.cohort,
            all.len(),
            if all.len() == 1 { "session" } else { "sessions" },
            dollars(cost)
        ),
    )];
    // Each who needs help takes a line below the table too.
    let room = every.map_or(usize::MAX, |_| {
        let helped = stuck.min(terminal::rows() / 4);
        terminal::rows().saturating_sub(FRAME + helped).max(5)
    });
    let mut table = Table::new(if several {
        &["Who", "Session", "Where", "Step", "For>", "Cost>", "Expires>"][..]
    } else {
        &["Who", "Session", "Step", "For>", "Cost>", "Expires>"][..]
    });
    for row in all.iter().take(room) {
        table.row(cells(row, several, look.at, every.map(|_| style.width)));
    }
    if all.is_empty() {
        lines.push("Nobody has begun yet: a session shows once it has made something.".into());
    } else {
        lines.push(table.render(style));
    }
    if let Some(rest) = all.len().checked_sub(room).filter(|n| *n > 0) {
        lines.push(format!("… and {rest} more; all of them with --once or --json."));
    }
    let help = if every.is_some() { terminal::rows() / 4 } else { usize::MAX };
    for row in all.iter().take(help) {
        let Some(why) = &row.attendee.stuck else { break };
        let line = format!("{} {}: {why}", row.attendee.owner, row.attendee.session);
        // The whole error is in the session's status; here it must not push everybody else off the screen.
        let line = if every.is_some() { terminal::text::clip(line.trim(), style.width) } else { line };
        lines.push(style.paint(Paint::Bad, line.trim()));
    }
    for trouble in &look.troubles {
        lines.push(style.paint(Paint::Bad, &format!("{}: {}", trouble.place, trouble.problem)));
    }
    if let Some(row) = all.iter().find(|r| r.attendee.stuck.is_some()) {
        let flag = if row.sandbox { "--sandbox".to_owned() } else { flags(row) };
        let command = format!("recipe-walk status {} --remote {flag}", row.attendee.session);
        lines.push("Look at one without touching it:".into());
        lines.push(style.paint(Paint::Command, &format!("  {}", terminal::typed(&command))));
    }
    if let Some(every) = every {
        let text = format!("As of {}; again every {every} s. Ctrl-C ends.", moment(look.at));
        lines.push(style.paint(Paint::Faint, &text));
    }
    lines.join("\n")
}

fn flags(row: &Row) -> String {
    match &row.profile {
        Some(profile) => format!("--profile {profile} --region {}", row.region),
        None => format!("--aws --region {}", row.region),
    }
}

/// One row. On a screen that is drawn again each takes one line, or the count of lines would not fit.
fn cells(row: &Row, several: bool, now: Timestamp, screen: Option<usize>) -> Vec<String> {
    let a = &row.attendee;
    let step = match a.standing {
        Standing::Walking => format!("{}/{} {}", a.number, a.total, a.title),
        _ => a.title.clone(),
    };
    let expires = match a.expires_at {
        None => "-".to_owned(),
        Some(_) if a.expired => "past".to_owned(),
        Some(at) => since(now, at),
    };
    let owner = if a.owner.is_empty() { "-" } else { &a.owner };
    let mark = if a.stuck.is_some() { "! " } else { "" };
    let fit = |text: String, width: usize| match screen {
        Some(_) => terminal::text::clip(&text, width),
        None => text,
    };
    let mut cells = vec![fit(format!("{mark}{owner}"), 14), a.session.clone()];
    if several {
        cells
            .push(fit(row.profile.clone().map_or(row.region.clone(), |p| format!("{p} {}", row.region)), 16));
    }
    let others = if several { 88 } else { 69 };
    cells.extend([
        fit(step, screen.unwrap_or_default().saturating_sub(others).clamp(12, 60)),
        a.in_step_seconds.map_or("-".to_owned(), span),
        row.cost_estimate.map_or("-".to_owned(), dollars),
        expires,
    ]);
    cells
}
