//! `board`: a trainer's view of a class, from the tags in the accounts alone. There is no server, and nothing is changed.

use crate::commands::sessions::remote::cost;
use crate::config::{Config, DefaultPlace, fill};
use crate::embedded;
use crate::error::{CommandError, Kind};
use crate::options::{AwsArgs, PlaceArgs};
use crate::paths::Paths;
use crate::session::parameters::{self, Rates};
use crate::session::place::{self, Reached};
use crate::ui::style::{Paint, Style};
use crate::ui::table::Table;
use crate::ui::text::{dollars, moment, since, span};
use crate::ui::{self, Drawn, Terminal};
use clap::Args;
use jiff::Timestamp;
use recipe_walk_engine::class::{Attendee, Standing, sort};
use recipe_walk_engine::recipe::Recipe;
use serde::Serialize;
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::task::JoinSet;

pub(crate) const EXAMPLES: &str = "\
Examples:
  recipe-walk board --cohort june --aws
  recipe-walk board --cohort june --profile ana,ben,cleo --region us-east-1,eu-central-1
  recipe-walk board --cohort june --sandbox --once
  recipe-walk board --cohort june --aws --json";

/// Options of `board`.
#[derive(Debug, Clone, Args)]
pub(crate) struct BoardArgs {
    /// The class
    #[arg(long, value_name = "C")]
    pub(crate) cohort: Option<String>,
    /// Look on the sandbox of this machine
    #[arg(long, conflicts_with_all = ["aws", "profile", "region"])]
    pub(crate) sandbox: bool,
    /// Look in AWS accounts
    #[arg(long)]
    pub(crate) aws: bool,
    /// AWS profile; several for several accounts
    #[arg(long, value_name = "P", value_delimiter = ',')]
    pub(crate) profile: Vec<String>,
    /// AWS region; several are looked at with every profile
    #[arg(long, value_name = "R", value_delimiter = ',')]
    pub(crate) region: Vec<String>,
    /// Seconds between two looks
    #[arg(long, value_name = "S", default_value_t = 15, value_parser = clap::value_parser!(u64).range(2..))]
    pub(crate) every: u64,
    /// Look once and end; so it does without a terminal too
    #[arg(long)]
    pub(crate) once: bool,
    /// JSON instead of a table; looks once
    #[arg(long)]
    pub(crate) json: bool,
}

impl BoardArgs {
    /// Fills in what the command line leaves open.
    pub(crate) fn fill(&mut self, config: &Config) {
        fill(&mut self.cohort, config.cohort.as_ref());
        if !self.sandbox && !self.wants_aws() {
            self.sandbox = config.place == Some(DefaultPlace::Sandbox);
            self.aws = config.place == Some(DefaultPlace::Aws);
        }
        if self.wants_aws() && self.profile.is_empty() {
            self.profile.extend(config.profile.clone());
        }
        if self.wants_aws() && self.region.is_empty() {
            self.region.extend(config.region.clone());
        }
    }

    /// Whether it names AWS; a profile or a region says so too.
    pub(crate) fn wants_aws(&self) -> bool {
        self.aws || !self.profile.is_empty() || !self.region.is_empty()
    }
}

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

impl Trouble {
    fn new(target: &AwsArgs, error: &CommandError) -> Self {
        let place: Vec<&str> =
            [&target.profile, &target.region].into_iter().flatten().map(String::as_str).collect();
        Self { place: place.join(" "), problem: error.message.clone() }
    }
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
pub(crate) async fn run(args: BoardArgs, terminal: &Terminal) -> Result<(), CommandError> {
    let cohort = args.cohort.clone().ok_or_else(|| {
        CommandError::new(Kind::Usage, "which class? Name it with --cohort")
            .means("It is the name that the walks were given: recipe-walk --aws --cohort june")
            .next("recipe-walk board --cohort june --aws")
    })?;
    let recipe = embedded::recipe(None)?;
    let rates = parameters::rates(&embedded::prices()?, &recipe.defaults());
    let (mut sites, mut missing) = sites(&args, &cohort, terminal).await?;
    if sites.is_empty()
        && let Some((_, error)) = missing.first()
    {
        return Err(CommandError::new(Kind::Step, error.message.clone())
            .means("None of the places could be looked at.")
            .next("recipe-walk doctor"));
    }
    let again = !args.json && !args.once && terminal.is_interactive();
    let mut drawn = Drawn::default();
    loop {
        let troubles = missing.iter().map(|(target, error)| Trouble::new(target, error)).collect();
        let found = look(&sites, &cohort, &recipe, &rates, troubles).await;
        if args.json {
            ui::json(&found);
            return Ok(());
        }
        let several = sites.len() + missing.len() > 1;
        let text = draw(&found, several, again.then_some(args.every), terminal);
        drawn = terminal.redraw(drawn, &text);
        if !again {
            return Ok(());
        }
        tokio::select! {
            () = tokio::time::sleep(Duration::from_secs(args.every)) => {}
            () = terminal.interrupt().wait() => return Ok(()),
        }
        // A place that could not be reached may be by now: an attendee signs in late.
        let (more, still) = connect(missing.into_iter().map(|(target, _)| target).collect()).await;
        sites.extend(more);
        missing = still;
    }
}

/// A place to look at, and why it cannot be.
type Missing = (AwsArgs, CommandError);

/// Connects to every profile in every region.
async fn sites(
    args: &BoardArgs,
    cohort: &str,
    terminal: &Terminal,
) -> Result<(Vec<Site>, Vec<Missing>), CommandError> {
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
    let mut targets = Vec::new();
    for profile in some(&args.profile) {
        for region in some(&args.region) {
            targets.push(AwsArgs { profile: profile.clone(), region });
        }
    }
    let alone = targets.len() == 1;
    let (sites, mut missing) = connect(targets).await;
    match missing.pop() {
        Some((_, error)) if alone => Err(error),
        last => {
            missing.extend(last);
            Ok((sites, missing))
        }
    }
}

/// Connects to places, side by side.
async fn connect(targets: Vec<AwsArgs>) -> (Vec<Site>, Vec<Missing>) {
    let mut set = JoinSet::new();
    for (index, target) in targets.into_iter().enumerate() {
        set.spawn(async move { (index, place::aws(&target).await, target) });
    }
    let mut all = set.join_all().await;
    all.sort_by_key(|(index, ..)| *index);
    let (mut sites, mut missing) = (Vec::new(), Vec::new());
    for (_, found, target) in all {
        match found {
            Ok(reached) => sites.push(Site { reached, profile: target.profile }),
            Err(error) => missing.push((target, error)),
        }
    }
    (sites, missing)
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
    // Two profiles may lead to one account.
    let mut seen = BTreeSet::new();
    attendees.retain(|row: &Row| {
        seen.insert((row.account.clone(), row.region.clone(), row.attendee.session.clone()))
    });
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
    let heading = format!(
        "Class {}: {} {}, {stuck} need help, {walked} done, {cleaning} cleaning up, {expired} expired, about {}",
        look.cohort,
        all.len(),
        if all.len() == 1 { "session" } else { "sessions" },
        dollars(cost)
    );
    let mut lines = in_lines(&heading, Paint::Heading, style);
    // Each who needs help takes a line below the table too.
    let room = every.map_or(usize::MAX, |_| {
        let helped = stuck.min(ui::rows() / 4);
        ui::rows().saturating_sub(FRAME + helped).max(5)
    });
    let narrow = every.is_some() && style.width < if several { 100 } else { 75 };
    let mut table = Table::new(match (several, narrow) {
        (true, true) => &["Who", "Session", "Where", "Step", "For>", "Expires>"][..],
        (false, true) => &["Who", "Session", "Step", "For>", "Expires>"][..],
        (true, false) => &["Who", "Session", "Where", "Step", "For>", "Cost>", "Expires>"][..],
        (false, false) => &["Who", "Session", "Step", "For>", "Cost>", "Expires>"][..],
    });
    for row in all.iter().take(room) {
        table.row(cells(row, (several, narrow), look.at, every.map(|_| style.width)));
    }
    if all.is_empty() {
        lines.push("Nobody has begun yet: a session shows once it has made something.".into());
    } else {
        lines.push(table.render(style));
    }
    if let Some(rest) = all.len().checked_sub(room).filter(|n| *n > 0) {
        lines.push(format!("… and {rest} more; all of them with --once or --json."));
    }
    let help = if every.is_some() { ui::rows() / 4 } else { usize::MAX };
    for row in all.iter().take(help) {
        let Some(why) = &row.attendee.stuck else { break };
        let line = format!("{} {}: {why}", row.attendee.owner, row.attendee.session);
        // The whole error is in the session's status; here it must not push everybody else off the screen.
        let line = if every.is_some() { ui::text::clip(line.trim(), style.width) } else { line };
        lines.extend(in_lines(&line, Paint::Bad, style));
    }
    for trouble in &look.troubles {
        lines.extend(in_lines(&format!("{}: {}", trouble.place, trouble.problem), Paint::Bad, style));
    }
    if let Some(row) = all.iter().find(|r| r.attendee.stuck.is_some()) {
        let flag = if row.sandbox { "--sandbox".to_owned() } else { flags(row) };
        let command = format!("recipe-walk status {} --remote {flag}", row.attendee.session);
        lines.push("Look at one without touching it:".into());
        lines.push(style.paint(Paint::Command, &format!("  {}", ui::typed(&command))));
    }
    if let Some(every) = every {
        let text = format!("As of {}; again every {every} s. Ctrl-C ends.", moment(look.at));
        lines.push(style.paint(Paint::Faint, &text));
    }
    lines.join("\n")
}

/// Painted text in lines that fit.
fn in_lines(text: &str, paint: Paint, style: Style) -> Vec<String> {
    ui::text::wrap(text, style.width, "  ").iter().map(|line| style.paint(paint, line)).collect()
}

fn flags(row: &Row) -> String {
    match &row.profile {
        Some(profile) => format!("--profile {profile} --region {}", row.region),
        None => format!("--aws --region {}", row.region),
    }
}

/// One row. On a screen that is drawn again each takes one line, or the count of lines would not fit.
fn cells(row: &Row, (several, narrow): (bool, bool), now: Timestamp, screen: Option<usize>) -> Vec<String> {
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
        Some(_) => ui::text::clip(&text, width),
        None => text,
    };
    let mut cells = vec![fit(format!("{mark}{owner}"), 14), a.session.clone()];
    if several {
        let place = match &row.profile {
            Some(profile) if narrow => profile.clone(),
            Some(profile) => format!("{profile} {}", row.region),
            None => row.region.clone(),
        };
        cells.push(fit(place, if narrow { 9 } else { 16 }));
    }
    // What the other columns take at most, with their frames.
    let others = match (several, narrow) {
        (true, true) => 67,
        (false, true) => 58,
        (true, false) => 88,
        (false, false) => 69,
    };
    cells.extend([
        fit(step, screen.unwrap_or_default().saturating_sub(others).clamp(12, 60)),
        a.in_step_seconds.map_or("-".to_owned(), span),
    ]);
    if !narrow {
        // Left out where there is no room: the sum of the costs is in the heading.
        cells.push(row.cost_estimate.map_or("-".to_owned(), dollars));
    }
    cells.push(expires);
    cells
}
