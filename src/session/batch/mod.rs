//! `cleanup --cohort` and `cleanup --expired`: every session of the account that is meant, several at a time. One that
//! fails or is held by a live walk never stops the others.

mod report;

use crate::error::{CommandError, Kind};
use crate::guide::batch_guide::BatchGuide;
use crate::options::{OutputOptions, PlaceArgs};
use crate::session::context::Context;
use crate::session::dry_run::{Outlook, WouldGo, outlook};
use crate::session::find::Local;
use crate::session::lease::{Over, Wish};
use crate::session::open::{self, recipe_dir, recipe_for_cleanup};
use crate::session::place::{self, Reached};
use crate::session::runner::Runner;
use crate::session::targets::{LeftAlone, Target, Wanted, targets};
use crate::ui::style::Paint;
use crate::ui::table::Table;
use crate::ui::{self, Terminal};
use jiff::Timestamp;
use recipe_walk_engine::id::SessionId;
use recipe_walk_engine::journal::JournalError;
use recipe_walk_engine::receipt::Receipt;
use recipe_walk_engine::state::State;
use recipe_walk_engine::tags::TagValue;
use recipe_walk_engine::typed;
use report::{Outcome, said, tell};
use serde::Serialize;
use std::sync::Arc;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// How many are cleaned up at a time: a class of forty in minutes, and within the rates that AWS allows.
const AT_A_TIME: usize = 8;

/// Which sessions are meant, and how they are cleaned up.
#[derive(Clone, Copy)]
pub(crate) struct Batch<'a> {
    /// Those of this class.
    pub(crate) cohort: Option<&'a TagValue>,
    /// Those that should be gone by now.
    pub(crate) expired: bool,
    /// Where they are looked for.
    pub(crate) place: &'a PlaceArgs,
    /// Whether nobody is asked.
    pub(crate) yes: bool,
    /// Whether what would go is only listed.
    pub(crate) dry_run: bool,
    /// Whether they are taken over from walks that hold them.
    pub(crate) take_over: bool,
    /// Whether the result is for another program.
    pub(crate) json: bool,
}

/// What all of them need.
#[derive(Clone)]
struct Shared {
    context: Context,
    reached: Reached,
    take_over: bool,
}

/// Cleans up every session that is meant.
pub(crate) async fn cleanup(args: Batch<'_>, terminal: &Terminal) -> Result<(), CommandError> {
    let context = Context::new(terminal)?;
    let mut command = match args.cohort {
        Some(cohort) => typed!("recipe-walk cleanup --cohort {}", cohort),
        None => "recipe-walk cleanup".into(),
    };
    if args.expired {
        command = command.then("--expired");
    }
    let quiet = args.yes || args.dry_run;
    if !quiet {
        terminal.must_answer(command.clone().then("--yes"))?;
    }
    let reached = place::asked(args.place, quiet, &context.paths, &command, terminal).await?;
    command = args.place.added_to(command);
    let (targets, left) = targets(&wanted(args), &context, &reached).await?;
    for one in &left {
        one.tell(args.place, terminal);
    }
    let mut outcomes: Vec<Outcome> = left.iter().map(Outcome::left_alone).collect();
    if targets.is_empty() {
        terminal.say("No session there is meant: nothing to delete.");
        if args.json {
            ui::json(&outcomes);
        }
        return if args.dry_run { Ok(()) } else { unproven(&left, args.place) };
    }
    let shared = Shared { context, reached, take_over: args.take_over };
    list(&targets, terminal);
    if args.dry_run {
        return dry_run(targets, &shared, args.json).await;
    }
    if !args.yes {
        if let [one] = &targets[..] {
            terminal.confirm_word("Type its name to delete it:", one.id.as_str())?;
        } else {
            let account = &shared.reached.identity.place.account;
            let count = targets.len();
            let question = format!("Type the account's number, {account}, to delete these {count} sessions:");
            terminal.confirm_word(&question, account)?;
        }
    }
    let count = targets.len();
    let cleaned = all(targets, &shared).await;
    tell(&cleaned, terminal);
    let not_clean = cleaned.iter().filter(|o| !matches!(o, Outcome::Receipt(r) if r.is_clean())).count();
    outcomes.extend(cleaned);
    if args.json {
        ui::json(&outcomes);
    }
    if terminal.interrupt().is_set() {
        return Err(CommandError::new(Kind::Interrupted, "stopped by you")
            .means("What was deleted is on record; the rest is still there.")
            .next(command));
    }
    if not_clean > 0 {
        if outcomes.iter().any(|o| matches!(o, Outcome::Problem { held: true, .. })) {
            command = command.then("--take-over   # only if nobody walks there");
        }
        return Err(CommandError::new(
            Kind::Left,
            format!("of {not_clean} of {count} sessions something is left"),
        )
        .means("What and why is named above. Cleaning up again goes on where this one stopped.")
        .next(command));
    }
    unproven(&left, args.place)
}

/// What the command line asks for.
fn wanted(args: Batch<'_>) -> Wanted {
    Wanted { cohort: args.cohort.cloned(), expired: args.expired, now: Timestamp::now() }
}

/// What is left alone because nobody can tell what it is, as the command's end.
fn unproven(left: &[LeftAlone], place: &PlaceArgs) -> Result<(), CommandError> {
    let unproven = || left.iter().filter(|one| one.unproven);
    let Some(first) = unproven().next() else { return Ok(()) };
    let count = unproven().count();
    Err(CommandError::new(
        Kind::Left,
        format!("{count} sessions were left alone: nobody can tell what they are"),
    )
    .means("A tag alone deletes nothing. What is missing is named above.")
    .next(first.command(place)))
}

fn list(targets: &[Target], terminal: &Terminal) {
    terminal.say("Meant are:");
    let dash = |text: &str| if text.is_empty() { "-".to_owned() } else { text.to_owned() };
    let mut table = Table::new(&["Session", "Owner", "Cohort", "Furthest step", "Known from"]);
    for target in targets {
        let from = match target.local {
            Local::Sound(_) => "its journal here",
            Local::Empty | Local::Damaged(_) | Local::Absent => "the account",
        };
        table.row([
            target.id.to_string(),
            dash(&target.owner),
            dash(&target.cohort),
            dash(&target.step),
            from.to_owned(),
        ]);
    }
    terminal.lines(&table.render(terminal.style()));
}

/// What would become of one, for another program.
#[derive(Serialize)]
#[serde(untagged)]
enum Planned {
    WouldGo { session: String, would_go: Vec<WouldGo> },
    Problem { session: String, problem: String },
}

/// Lists what would go of each, and why nothing would of those that the clean-up would leave alone.
async fn dry_run(targets: Vec<Target>, shared: &Shared, json: bool) -> Result<(), CommandError> {
    let (mut planned, mut failed) = (Vec::new(), None);
    let terminal = &shared.context.terminal;
    for target in targets {
        let session = target.id.to_string();
        match outlook_of(target, shared).await {
            Ok(outlook) if json => planned.push(Planned::WouldGo { session, would_go: outlook.would_go() }),
            Ok(outlook) => outlook.show(terminal),
            Err(error) if matches!(error.kind, Kind::Interrupted) => return Err(error),
            Err(error) => {
                failed.get_or_insert(error.kind);
                let problem = error.in_a_line();
                terminal.remark(Paint::Bad, &format!("{session}: {problem}"));
                planned.push(Planned::Problem { session, problem });
            }
        }
    }
    if json {
        ui::json(&planned);
    } else {
        terminal.say("Nothing was deleted: this was a dry run.");
    }
    match failed {
        None => Ok(()),
        Some(kind) => {
            let message = "what would go is not known of all sessions";
            Err(CommandError::new(kind, message).means("What and why is named above."))
        }
    }
}

async fn outlook_of(target: Target, shared: &Shared) -> Result<Outlook, CommandError> {
    let Shared { reached, context, .. } = shared;
    let Target { id, local, .. } = target;
    let known = known_here(&id, local, reached)?;
    let journal = known.as_ref().map(|_| context.paths.sessions().join(id.as_str()));
    let recipe = recipe_for_cleanup(known.as_deref().and_then(recipe_dir))?;
    outlook(&id, journal.as_deref(), reached, &recipe, context).await
}

/// Cleans all of them up, in the order of the list as far as that can be told.
async fn all(targets: Vec<Target>, shared: &Shared) -> Vec<Outcome> {
    let gate = Arc::new(Semaphore::new(AT_A_TIME));
    let mut set = JoinSet::new();
    for (index, target) in targets.into_iter().enumerate() {
        let (shared, gate) = (shared.clone(), Arc::clone(&gate));
        set.spawn(async move {
            let _turn = gate.acquire_owned().await;
            let session = target.id.clone();
            let outcome = match one(target, &shared).await {
                Ok(receipt) => Outcome::Receipt(receipt),
                Err(error) => Outcome::problem(&session, error),
            };
            said(&outcome, &shared.context.terminal);
            (index, outcome)
        });
    }
    let mut outcomes = Vec::new();
    while let Some(joined) = set.join_next().await {
        match joined {
            Ok(outcome) => outcomes.push(outcome),
            Err(panic) => std::panic::resume_unwind(panic.into_panic()),
        }
    }
    outcomes.sort_by_key(|(index, _)| *index);
    outcomes.into_iter().map(|(_, outcome)| outcome).collect()
}

async fn one(target: Target, shared: &Shared) -> Result<Receipt, CommandError> {
    let Shared { context, reached, take_over } = shared.clone();
    // A session that somebody takes over meanwhile ends this part of the work, and no other.
    let context = Context { terminal: context.terminal.apart(), ..context };
    let id = target.id;
    // A walk that has not been heard of does not keep a session from going that should be gone by now.
    let over = match Over::wished(take_over) {
        Over::Nobody if target.expired => Over::Stale,
        over => over,
    };
    if context.terminal.interrupt().is_set() {
        return Err(CommandError::new(Kind::Interrupted, "not begun: stopped by you"));
    }
    let known = known_here(&id, target.local, &reached)?;
    let opened = open::at(&id, known.as_deref(), reached, &context).await?;
    if opened.rebuilt.as_ref().is_some_and(|rebuilt| !rebuilt.passport) {
        opened.let_go();
        return Err(CommandError::new(Kind::Left, "left alone: its note is not what it was a moment ago"));
    }
    let guide = Arc::new(BatchGuide::new(&context.terminal, &id));
    let command = typed!("recipe-walk cleanup {}", id);
    let wish = Wish { over, ask: false, command: &command };
    let output = OutputOptions { yes: true, ..OutputOptions::default() };
    Runner::begin(context, opened, wish, output).await?.clean_up_for(guide).await
}

/// What the journal here tells of a session; nothing where only the account can. One that belongs elsewhere, or to a later
/// program, is left alone.
fn known_here(id: &SessionId, local: Local, reached: &Reached) -> Result<Option<Box<State>>, CommandError> {
    match local {
        Local::Sound(state) if reached.is_elsewhere(&state) => Err(elsewhere(id, &state)),
        Local::Sound(state) => Ok(Some(state)),
        Local::Damaged(error @ JournalError::Newer { .. }) => Err(error.into()),
        Local::Empty | Local::Damaged(_) | Local::Absent => Ok(None),
    }
}

fn elsewhere(id: &SessionId, state: &State) -> CommandError {
    let place = state.opening.as_ref().map(|(_, o)| format!("{} {}", o.place.account, o.place.region));
    CommandError::new(
        Kind::Place,
        format!("by its journal session {id} belongs to {}", place.unwrap_or_default()),
    )
}
