//! `board`: a trainer's view of a class, from the tags in the accounts alone. There is no server, and nothing is changed.

mod look;
mod table;

use crate::config::{Config, DefaultPlace, fill};
use crate::embedded;
use crate::error::{CommandError, Kind};
use crate::options::{AwsArgs, PlaceArgs};
use crate::paths::Paths;
use crate::session::parameters::Rates;
use crate::session::place;
use crate::ui::{self, Drawn, Terminal};
use clap::Args;
use look::{Site, Trouble};
use recipe_walk_engine::tags::TagValue;
use recipe_walk_engine::typed;
use std::path::PathBuf;
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
    pub(crate) cohort: Option<TagValue>,
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
    /// Directory of the recipe that the class walks, where it is another one
    #[arg(long, value_name = "DIR")]
    pub(crate) recipe: Option<PathBuf>,
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
        fill(&mut self.recipe, config.recipe.as_ref());
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

/// Shows the board.
pub(crate) async fn run(args: BoardArgs, terminal: &Terminal) -> Result<(), CommandError> {
    let cohort = args.cohort.clone().ok_or_else(|| {
        CommandError::new(Kind::Usage, "which class? Name it with --cohort")
            .means("It is the name that the walks were given: recipe-walk --aws --cohort june")
            .next("recipe-walk board --cohort june --aws")
    })?;
    let recipe = embedded::recipe(args.recipe.as_deref())?;
    let rates = Rates::new(embedded::prices()?, &recipe, recipe.defaults());
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
        let found = look::look(&sites, &cohort, &recipe, &rates, troubles).await;
        if args.json {
            ui::json(&found);
            return Ok(());
        }
        let several = sites.len() + missing.len() > 1;
        let text = table::draw(&found, several, again.then_some(args.every), terminal);
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
        let command = typed!("recipe-walk board --cohort {}", cohort);
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
