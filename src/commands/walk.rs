//! `walk`: a new session, from the question where to run to the receipt.

use crate::config::{Config, DefaultPlace, fill};
use crate::embedded;
use crate::error::{CommandError, Kind};
use crate::options::{AwsArgs, CacheEngine, OutputOptions, dollars};
use crate::payload::{self, PAYLOADS};
use crate::session::consent::recipe_trust::{self, Trusting};
use crate::session::consent::unknown_cost::{self, Accepting};
use crate::session::context::Context;
use crate::session::lease::{Over, Wish};
use crate::session::open::Opened;
use crate::session::parameters;
use crate::session::place::{self, Reached, SandboxWish};
use crate::session::runner::Runner;
use crate::session::{account, host};
use crate::settings::{self, SetArgs, Setting};
use crate::ui::Terminal;
use crate::ui::prompt::Item;
use clap::{Args, ValueEnum as _};
use jiff::{SignedDuration, Timestamp};
use recipe_walk_engine::answers::{Answers, Origin};
use recipe_walk_engine::key::SessionKey;
use recipe_walk_engine::parameter::convention::{BUDGET, hours_to_live};
use recipe_walk_engine::recipe::Recipe;
use recipe_walk_engine::record::{Opening, Record};
use recipe_walk_engine::session::Session;
use recipe_walk_engine::shell::Typed;
use recipe_walk_engine::tags::TagValue;
use recipe_walk_engine::typed;
use recipe_walk_sandbox::Pace;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub(crate) const EXAMPLES: &str = "\
Examples:
  recipe-walk walk --sandbox
  recipe-walk walk --aws --profile workshop --region us-east-1 --owner ana --cohort june
  recipe-walk walk --sandbox --yes --all --keep
  recipe-walk walk --sandbox --yes --set load_users=1,10,100 --set cache_engine=valkey";

/// Options of a walk.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct WalkArgs {
    /// Run on the sandbox: this machine, real engines, no account, no cost
    #[arg(long, conflicts_with_all = ["aws", "profile", "region"])]
    pub(crate) sandbox: bool,
    /// Run in your AWS account (about $0.07 an hour until cleaned up)
    #[arg(long)]
    pub(crate) aws: bool,
    /// AWS profile
    #[arg(long, value_name = "P", requires = "aws")]
    pub(crate) profile: Option<String>,
    /// AWS region
    #[arg(long, value_name = "R", requires = "aws")]
    pub(crate) region: Option<String>,
    #[command(flatten)]
    pub(crate) output: OutputOptions,
    /// Directory with another recipe
    #[arg(long, value_name = "DIR")]
    pub(crate) recipe: Option<PathBuf>,
    /// Let another recipe run its own program and grant its own rights, if they have this digest
    #[arg(long, value_name = "SHA256", requires = "recipe")]
    pub(crate) trust_recipe: Option<String>,
    #[command(flatten)]
    pub(crate) set: SetArgs,
    /// Cache engine: short for --set cache_engine=…
    #[arg(long, value_enum)]
    pub(crate) engine: Option<CacheEngine>,
    /// Name of the class, as a tag on everything
    #[arg(long, value_name = "C")]
    pub(crate) cohort: Option<TagValue>,
    /// Your name, as a tag on everything
    #[arg(long, value_name = "O")]
    pub(crate) owner: Option<TagValue>,
    /// Warn when the estimated cost passes this (US dollars): short for --set budget_usd=…
    #[arg(long, value_name = "USD", value_parser = dollars)]
    pub(crate) budget: Option<String>,
    /// Make what has no price in the table, although nobody can tell what it costs
    #[arg(long, conflicts_with = "sandbox")]
    pub(crate) accept_unknown_cost: bool,
    /// How long things take on the sandbox: fast, real, or a factor such as 0.05
    #[arg(long, value_name = "PACE", conflicts_with = "aws")]
    pub(crate) pace: Option<Pace>,
}

impl WalkArgs {
    /// Fills in what the command line leaves open.
    pub(crate) fn fill(&mut self, config: &Config) {
        if !self.sandbox && !self.aws {
            match config.place {
                Some(DefaultPlace::Sandbox) => self.sandbox = true,
                // Without a question nothing that can cost money is ever a default.
                Some(DefaultPlace::Aws) if !self.output.yes => self.aws = true,
                Some(DefaultPlace::Aws) | None => {}
            }
        }
        if !self.sandbox {
            fill(&mut self.profile, config.profile.as_ref());
            fill(&mut self.region, config.region.as_ref());
        }
        if !self.aws {
            fill(&mut self.pace, config.pace.as_ref());
        }
        fill(&mut self.owner, config.owner.as_ref());
        fill(&mut self.cohort, config.cohort.as_ref());
        fill(&mut self.recipe, config.recipe.as_ref());
        self.set.usual.clone_from(&config.parameters);
    }

    /// The command that begins such a walk, for whoever types it again.
    fn again(&self) -> Typed {
        let command = Typed::from("recipe-walk --aws");
        let command = if self.output.yes { command.then("--yes") } else { command };
        let profile = self.profile.iter().map(|profile| typed!("--profile {}", profile));
        let region = self.region.iter().map(|region| typed!("--region {}", region));
        let recipe = self.recipe.iter().map(|dir| typed!("--recipe {}", dir.display()));
        profile.chain(region).chain(recipe).fold(command, |command, option| command.and(&option))
    }

    /// What options with a name of their own set.
    fn short_forms(&self) -> Vec<Setting> {
        let engine = self.engine.map(|engine| settings::engine(engine, Origin::Option("--engine")));
        engine.into_iter().chain(self.budget.as_deref().map(settings::budget)).collect()
    }
}

/// Walks the recipe in a new session.
pub(crate) async fn run(args: WalkArgs, terminal: &Terminal) -> Result<(), CommandError> {
    let yes = args.output.yes;
    if yes && !args.sandbox && !args.aws {
        return Err(CommandError::new(Kind::Usage, "--yes needs a place: --sandbox or --aws")
            .means("Nothing that can cost money is ever a default.")
            .next("recipe-walk --sandbox --yes"));
    }
    if !yes {
        terminal.must_answer("recipe-walk --sandbox --yes")?;
    }
    let mut recipe = embedded::recipe(args.recipe.as_deref())?;
    payload::fit(&mut recipe, PAYLOADS);
    let recipe = Arc::new(recipe);
    // Before anything is begun.
    let answers = settings::answers(&recipe, &args.set, args.short_forms())?;
    let context = Context::new(terminal)?;
    context.paths.prepare()?;
    let dir = args.recipe.as_deref();
    let command = typed!("recipe-walk --recipe {}", dir.unwrap_or(Path::new("DIR")).display());
    let trusting = Trusting { digest: args.trust_recipe.as_deref(), yes, command: &command };
    recipe_trust::agree(&recipe, dir, trusting, &context.paths, terminal)?;
    terminal.heading(&recipe.title);
    if !recipe.summary.is_empty() {
        terminal.prose(&recipe.summary);
    }
    terminal.prose(&overview(&recipe));
    let sandbox = if args.sandbox || args.aws { args.sandbox } else { where_to_run(terminal)? };
    let reached = if sandbox {
        let wish = SandboxWish { yes, pace: args.pace, engine: wanted(&answers), place: None, back: false };
        place::sandbox(&context.paths, wish, terminal).await?
    } else {
        place::aws(&AwsArgs { profile: args.profile.clone(), region: args.region.clone() }).await?
    };
    let session = match agreed(&args, &recipe, &reached, answers, &context) {
        Ok(session) => session,
        Err(error) => {
            reached.leave(&context.paths, None, terminal).await;
            return Err(error);
        }
    };
    let again = typed!("recipe-walk resume {}", session.id());
    let wish = Wish { over: Over::Nobody, ask: false, command: &again };
    let opened = Opened { session: Arc::new(session), reached, recipe, rebuilt: None };
    let runner = Runner::begin(context, opened, wish, args.output).await?;
    runner.header();
    runner.go().await
}

/// Asks what is left to ask, and begins the session.
fn agreed(
    args: &WalkArgs,
    recipe: &Recipe,
    reached: &Reached,
    mut answers: Answers,
    context: &Context,
) -> Result<Session, CommandError> {
    let (terminal, yes) = (&context.terminal, args.output.yes);
    terminal.check_interrupt()?;
    if yes {
        for line in settings::told(recipe, &answers) {
            terminal.say(&format!("  Set: {line}"));
        }
    } else {
        answers = parameters::ask(recipe, answers, terminal)?;
    }
    if reached.sandbox.is_none() {
        if let Some(kind) = payload::instance_type(recipe).and_then(|parameter| answers.get(parameter)) {
            payload::check(kind, PAYLOADS)?;
        }
        let prices = &context.prices;
        let hourly = parameters::Rates::new(prices.as_ref().clone(), recipe, answers.clone()).hourly();
        account::show(&reached.identity, &hourly, prices, terminal);
        let command = args.again();
        let accepting = Accepting { accepted: args.accept_unknown_cost, yes, command: &command };
        unknown_cost::agree(&hourly, answers.get(BUDGET), accepting, terminal)?;
        if !yes {
            account::confirm(&reached.identity, terminal)?;
        }
    }
    terminal.check_interrupt()?;
    begin(args, recipe, reached, &answers, context)
}

/// How much it is, before anybody begins.
fn overview(recipe: &Recipe) -> String {
    let required = || recipe.steps.iter().filter(|s| !s.optional);
    let optional = recipe.steps.len() - required().count();
    let time = |sandbox: bool| {
        let seconds: f64 = required().map(|s| s.estimate.at(sandbox).as_secs_f64()).sum();
        format!("{:.0} min", (seconds / 60.0).ceil())
    };
    let extra = if optional > 0 { format!(", {optional} of them optional") } else { String::new() };
    format!(
        "{} steps{extra}. Beside the reading, the required ones take about {} on the sandbox and {} on AWS. You can \
         stop at every step and go on later.",
        recipe.steps.len(),
        time(true),
        time(false)
    )
}

fn where_to_run(terminal: &Terminal) -> Result<bool, CommandError> {
    terminal.gap();
    let items = vec![
        Item::new('s', "Sandbox: real engines here, no account, no cost", Some(true)),
        Item::new('a', "AWS: your account, about $0.07 an hour until clean-up", Some(false)),
        Item::new('q', "Quit", None),
    ];
    terminal
        .choose("Where do you want to run it?", items, Some(0))
        .ok()
        .flatten()
        .ok_or_else(CommandError::nothing_begun)
}

/// Begins the session's journal.
fn begin(
    args: &WalkArgs,
    recipe: &Recipe,
    reached: &Reached,
    answers: &Answers,
    context: &Context,
) -> Result<Session, CommandError> {
    let mut random = [0; 32];
    getrandom::fill(&mut random).map_err(|e| {
        CommandError::new(Kind::Unexpected, format!("the operating system gives no random bytes: {e}"))
    })?;
    let key = SessionKey::new(random);
    let id = key.session();
    let life = SignedDuration::from_hours(hours_to_live(answers).into());
    let expires_at = context.clock.now().checked_add(life).unwrap_or(Timestamp::MAX);
    let recipe_dir = args
        .recipe
        .as_ref()
        .map(|dir| std::path::absolute(dir).unwrap_or_else(|_| dir.clone()).to_string_lossy().into_owned());
    let opening = Opening {
        sandbox: reached.sandbox.is_some(),
        recipe_hash: Some(recipe.fingerprint()),
        recipe_dir,
        owner: args.owner.as_deref().unwrap_or_default().to_owned(),
        cohort: args.cohort.as_deref().unwrap_or_default().to_owned(),
        ..Opening::new(id.clone(), reached.identity.place.clone(), &recipe.id, expires_at)
    };
    let clock = Arc::clone(&context.clock);
    let session = Session::create(&context.paths.sessions(), &id, &host(), clock)?;
    session.keep_key(key)?;
    session.record(Record::Opened(Box::new(opening)))?;
    session.admit(&recipe.parameters);
    session.answer(answers)?;
    Ok(session)
}

/// The cache engine that somebody wants; none where only the recipe has one.
fn wanted(answers: &Answers) -> Option<CacheEngine> {
    let set = answers.origin(settings::ENGINE).is_some_and(|origin| *origin != Origin::Recipe);
    let name = answers.get(settings::ENGINE).filter(|_| set)?;
    CacheEngine::from_str(name, false).ok()
}
