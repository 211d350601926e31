//! `walk`: a new session, from the question where to run to the receipt.

use crate::cli::{AwsArgs, CacheEngine, WalkArgs};
use crate::embedded;
use crate::error::{CommandError, Kind};
use crate::paths::Paths;
use crate::payload::{self, PAYLOADS};
use crate::session::lease::{Held, Over, Wish};
use crate::session::parameters;
use crate::session::place::{self, Reached, SandboxWish};
use crate::session::runner::Journey;
use crate::session::{account, check_interrupt, host, need_terminal, nothing_begun};
use crate::ui::Terminal;
use crate::ui::prompt::Item;
use recipe_walk_engine::clock::{Clock, SystemClock};
use recipe_walk_engine::cost::BUDGET;
use recipe_walk_engine::id::SessionId;
use recipe_walk_engine::recipe::Recipe;
use recipe_walk_engine::record::{Opening, Record, VERSION};
use recipe_walk_engine::session::Session;
use recipe_walk_engine::tags;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// Walks the recipe in a new session.
pub(crate) async fn walk(args: WalkArgs, terminal: &Terminal) -> Result<(), CommandError> {
    let yes = args.manner.yes;
    if yes && !args.sandbox && !args.aws {
        return Err(CommandError::new(Kind::Usage, "--yes needs a place: --sandbox or --aws")
            .means("Nothing that can cost money is ever a default.")
            .next("recipe-walk --sandbox --yes"));
    }
    if !yes {
        need_terminal(terminal, "recipe-walk --sandbox --yes")?;
    }
    let mut recipe = embedded::recipe(args.recipe.as_deref())?;
    payload::fit(&mut recipe, PAYLOADS);
    let recipe = Arc::new(recipe);
    let prices = Arc::new(embedded::prices()?);
    let paths = Paths::find()?;
    paths.prepare()?;
    terminal.heading(&recipe.title);
    if !recipe.summary.is_empty() {
        terminal.prose(&recipe.summary);
    }
    terminal.prose(&overview(&recipe));
    let sandbox = if args.sandbox || args.aws { args.sandbox } else { where_to_run(terminal)? };
    let reached = if sandbox {
        let wish = SandboxWish { yes, pace: args.pace, engine: args.engine, place: None, back: false };
        place::sandbox(&paths, wish, terminal).await?
    } else {
        place::aws(&AwsArgs { profile: args.profile.clone(), region: args.region.clone() }).await?
    };
    check_interrupt(terminal)?;
    let mut answers = parameters::ask(&recipe, args.engine.map(CacheEngine::name), yes, terminal)?;
    if let Some(budget) = &args.budget {
        answers.insert(BUDGET.into(), budget.clone());
    }
    if !sandbox {
        if let Some(kind) = payload::instance_type(&recipe).and_then(|parameter| answers.get(parameter)) {
            payload::check(kind, PAYLOADS)?;
        }
        account::show(
            &reached.identity,
            parameters::Rates::new(prices.as_ref().clone(), &recipe, answers.clone()).hourly(),
            &prices,
            terminal,
        );
        if !yes {
            account::confirm(&reached.identity, terminal)?;
        }
    }
    check_interrupt(terminal)?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::default());
    let session = open(&args, &recipe, &reached, answers, &paths, &clock)?;
    let session = Arc::new(session);
    let again = format!("recipe-walk resume {}", session.id());
    let wish = Wish { over: Over::Nobody, ask: false, command: &again };
    let lease = Held::take(&session, &reached, wish, terminal).await?;
    let journey = Journey {
        terminal: terminal.clone(),
        paths,
        recipe,
        prices,
        session,
        reached,
        lease,
        clock,
        manner: args.manner,
        receipt: OnceLock::new(),
    };
    journey.header();
    journey.go().await
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
    terminal.choose("Where do you want to run it?", items, Some(0)).ok().flatten().ok_or_else(nothing_begun)
}

fn open(
    args: &WalkArgs,
    recipe: &Recipe,
    reached: &Reached,
    answers: BTreeMap<String, String>,
    paths: &Paths,
    clock: &Arc<dyn Clock>,
) -> Result<Session, CommandError> {
    let mut random = [0; 8];
    getrandom::fill(&mut random).map_err(|e| {
        CommandError::new(Kind::Unexpected, format!("the operating system gives no random bytes: {e}"))
    })?;
    let id = SessionId::from_bytes(random);
    let hours = answers.get("hours_to_live").and_then(|h| h.parse::<u64>().ok()).unwrap_or(4);
    let recipe_dir = args
        .recipe
        .as_ref()
        .map(|dir| std::path::absolute(dir).unwrap_or_else(|_| dir.clone()).to_string_lossy().into_owned());
    let session = Session::create(&paths.sessions(), &id, &host(), Arc::clone(clock))?;
    session.record(Record::Opened(Box::new(Opening {
        version: VERSION,
        session: id,
        place: reached.identity.place.clone(),
        sandbox: reached.sandbox.is_some(),
        recipe: recipe.id.clone(),
        recipe_hash: Some(recipe.fingerprint()),
        recipe_dir,
        owner: tags::clean(args.owner.as_deref().unwrap_or("")),
        cohort: tags::clean(args.cohort.as_deref().unwrap_or("")),
        expires_at: clock.now() + Duration::from_secs(hours * 3600),
        rebuilt: false,
    })))?;
    for (key, value) in answers {
        session.record(Record::Answered { key, value })?;
    }
    Ok(session)
}
