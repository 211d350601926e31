//! The one way to open a session: from its journal here, or brought back from the account.

use crate::embedded;
use crate::error::{CommandError, Kind};
use crate::options::PlaceArgs;
use crate::session::consent::recipe_trust::{self, Trusting};
use crate::session::context::Context;
use crate::session::find::Local;
use crate::session::lease::{Held, Wish};
use crate::session::place::{self, Reached, SandboxWish};
use crate::session::{host, rebuild};
use crate::ui::Terminal;
use recipe_walk_engine::id::SessionId;
use recipe_walk_engine::journal;
use recipe_walk_engine::rebuild::{Rebuilt, Walked};
use recipe_walk_engine::recipe::Recipe;
use recipe_walk_engine::record::Opening;
use recipe_walk_engine::session::Session;
use recipe_walk_engine::state::State;
use recipe_walk_engine::stop::Stop;
use recipe_walk_engine::typed;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What the session is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To walk on.
    Walk,
    /// To delete what it made.
    CleanUp,
}

impl Purpose {
    /// The command's name.
    pub(crate) fn command(self) -> &'static str {
        match self {
            Self::Walk => "resume",
            Self::CleanUp => "cleanup",
        }
    }
}

/// How to open it.
#[derive(Clone, Copy)]
pub(crate) struct OpenOptions<'a> {
    /// What for.
    pub(crate) purpose: Purpose,
    /// The place on the command line.
    pub(crate) place: &'a PlaceArgs,
    /// Whether a journal here may be replaced.
    pub(crate) rebuild: bool,
    /// Whether nobody is asked.
    pub(crate) yes: bool,
    /// The recipe's directory, where the command line names one.
    pub(crate) recipe: Option<&'a Path>,
}

/// An open session: locked here, at its place. Nothing was changed yet.
pub(crate) struct Opened {
    /// The session.
    pub(crate) session: Arc<Session>,
    /// Where it runs.
    pub(crate) reached: Reached,
    /// What it walks.
    pub(crate) recipe: Arc<Recipe>,
    /// What came back from the account, where it is not from here.
    pub(crate) rebuilt: Option<Rebuilt>,
}

impl Opened {
    /// Takes the lease; a session from the account is this machine's from then on.
    pub(crate) async fn hold(&self, wish: Wish<'_>, context: &Context) -> Result<Held, CommandError> {
        let held = match Held::take(&self.session, &self.reached, wish, &context.terminal).await {
            Ok(held) => held,
            Err(error) => {
                self.let_go();
                return Err(error);
            }
        };
        if self.rebuilt.is_some() {
            match self.session.settle() {
                Ok(Some(kept)) => {
                    context.terminal.say(&format!("The damaged journal is kept as {}.", kept.display()));
                }
                Ok(None) => {}
                Err(error) => {
                    held.release().await;
                    return Err(error.into());
                }
            }
        }
        Ok(held)
    }

    /// Asks whether the recipe may do what it does on somebody's behalf.
    pub(crate) fn agree(&self, trusting: Trusting<'_>, context: &Context) -> Result<(), CommandError> {
        let dir = self.session.with(|state| recipe_dir(state).map(Path::to_owned));
        recipe_trust::agree(&self.recipe, dir.as_deref(), trusting, &context.paths, &context.terminal)
    }

    /// Leaves everything as it was.
    pub(crate) fn let_go(&self) {
        if self.rebuilt.is_some() {
            self.session.discard();
        }
    }
}

/// Opens the session, wherever it is known from.
pub(crate) async fn open(
    id: &SessionId,
    local: Local,
    how: OpenOptions<'_>,
    context: &Context,
) -> Result<Opened, CommandError> {
    let again = typed!("recipe-walk {} {}", how.purpose.command(), id);
    match local {
        Local::Sound(state) if how.rebuild && !has_bad_answers(&state, how) => {
            Err(CommandError::new(Kind::Usage, format!("the journal of session {id} is sound"))
                .means("There is nothing to rebuild.")
                .next(again))
        }
        Local::Sound(_) if !how.rebuild => here(id, how, context).await,
        Local::Damaged(error) if !how.rebuild => Err(error.into()),
        // Nothing that a rebuilding mends.
        Local::Damaged(error @ (journal::JournalError::Io { .. } | journal::JournalError::Newer { .. })) => {
            Err(error.into())
        }
        Local::Empty if !how.rebuild && !how.place.given() => {
            Err(never_begun(id).next(again.then("--rebuild --aws   # if it made something all the same")))
        }
        Local::Absent if !how.place.given() && (how.yes || !context.terminal.is_interactive()) => {
            Err(CommandError::new(Kind::Usage, format!("there is no session {id} on this machine"))
                .means(
                    "If it was begun on another one, say where it lives, and it is brought back from there.",
                )
                .next(again.clone().then("--aws"))
                .next(again.then("--sandbox"))
                .next("recipe-walk sessions"))
        }
        Local::Sound(_) | Local::Damaged(_) | Local::Empty | Local::Absent => {
            brought_back(id, how, context).await
        }
    }
}

/// Opens a session at a place that is known already, for its clean-up among others: nothing is asked. `known` is what its
/// journal here tells; without one it is brought back from the account.
pub(crate) async fn at(
    id: &SessionId,
    known: Option<&State>,
    reached: Reached,
    context: &Context,
) -> Result<Opened, CommandError> {
    let recipe = recipe_for_cleanup(known.and_then(recipe_dir))?;
    let sessions = context.paths.sessions();
    let (session, rebuilt) = if known.is_some() {
        let session = Session::open(&sessions, id, &host(), Arc::clone(&context.clock))?;
        (Arc::new(session), None)
    } else {
        let draft = rebuild::draft(id, &sessions, &reached, &recipe, None, context).await?;
        (draft.session, Some(draft.rebuilt))
    };
    Ok(Opened { session, reached, recipe: Arc::new(recipe), rebuilt })
}

/// The recipe's directory, where a session was begun with another one than the embedded.
pub(crate) fn recipe_dir(state: &State) -> Option<&Path> {
    state.opening.as_ref().and_then(|(_, opening)| opening.recipe_dir.as_deref()).map(Path::new)
}

/// A session whose journal has nothing in it.
fn never_begun(id: &SessionId) -> CommandError {
    CommandError::new(Kind::Usage, format!("session {id} was stopped before it began"))
        .means("Nothing is on record of it.")
        .next("recipe-walk --sandbox")
}

/// Whether a journal that is sound holds an answer that its recipe refuses: then a rebuilding has something to mend.
fn has_bad_answers(state: &State, how: OpenOptions<'_>) -> bool {
    let recipe = recipe_for_cleanup(how.recipe.or(recipe_dir(state)));
    recipe.is_ok_and(|recipe| state.answers.clone().admit(&recipe.parameters).iter().any(|bad| !bad.unasked))
}

async fn here(id: &SessionId, how: OpenOptions<'_>, context: &Context) -> Result<Opened, CommandError> {
    let session = Session::open(&context.paths.sessions(), id, &host(), Arc::clone(&context.clock))?;
    let state = session.state();
    let opening = state.opened().cloned().map_err(|_| never_begun(id))?;
    let recipe = match how.purpose {
        Purpose::Walk => {
            if state.closed.is_some() {
                return Err(CommandError::new(
                    Kind::Usage,
                    format!("session {id} is finished and cleaned up"),
                )
                .next(typed!("recipe-walk status {}", id))
                .next("recipe-walk --sandbox"));
            }
            let dir = how.recipe.or(opening.recipe_dir.as_deref().map(Path::new));
            let recipe = embedded::recipe(dir).map_err(|error| moved(error, id, how))?;
            // An author may mend a recipe under a session: steps are matched by their ids.
            let hash = opening.recipe_hash.clone().filter(|_| dir.is_none());
            let walked = Walked { id: opening.recipe.clone(), hash, dir: opening.recipe_dir.clone() };
            check_recipe(id, &walked, &recipe, how)?;
            recipe
        }
        Purpose::CleanUp => recipe_for_cleanup(opening.recipe_dir.as_deref().map(Path::new))?,
    };
    for bad in session.admit(&recipe.parameters) {
        if how.purpose == Purpose::Walk && !bad.unasked {
            return Err(CommandError::from_stop(&Stop::Answer(Box::new(bad)), id.as_str()));
        }
        context.terminal.warn(&format!("Not used: {bad}."));
    }
    let reached = reach(&opening, id.as_str(), how, context).await?;
    Ok(Opened { session: Arc::new(session), reached, recipe: Arc::new(recipe), rebuilt: None })
}

/// Clean-up needs the recipe for little more than names: an edited or lost directory must not stop it.
pub(crate) fn recipe_for_cleanup(dir: Option<&Path>) -> Result<Recipe, CommandError> {
    embedded::recipe(dir).or_else(|_| embedded::recipe(None))
}

/// A recipe whose directory is not where it was can be named.
fn moved(error: CommandError, id: &SessionId, how: OpenOptions<'_>) -> CommandError {
    if how.recipe.is_some() { error } else { error.next(typed!("recipe-walk resume {} --recipe DIR", id)) }
}

/// Refuses another recipe than the one that the session walks.
fn check_recipe(
    id: &SessionId,
    walked: &Walked,
    recipe: &Recipe,
    how: OpenOptions<'_>,
) -> Result<(), CommandError> {
    if recipe.id == walked.id && walked.hash.as_ref().is_none_or(|hash| *hash == recipe.fingerprint()) {
        return Ok(());
    }
    let command = |text: &'static str| {
        let command = typed!("recipe-walk {} {}", text, id);
        if how.place.given() { command.then(flag(how.place)) } else { command }
    };
    let which = match how.recipe {
        Some(dir) => format!("that of {}", dir.display()),
        None => "the one that this program carries".to_owned(),
    };
    let error = CommandError::new(
        Kind::Recipe,
        format!("session {id} walks another recipe '{}' than {which}", walked.id),
    );
    let error = match &walked.dir {
        Some(dir) => error.means(format!("It was begun with the recipe in {dir}, there where it was begun.")),
        None => error.means("It was begun with the one that another version of recipe-walk carries."),
    };
    Err(error
        .means("With other steps it would not be the same walk, so nothing was changed.")
        .next(command("resume").then("--recipe DIR   # a copy of that recipe"))
        .next(command("cleanup").then("  # works with any recipe")))
}

async fn brought_back(
    id: &SessionId,
    how: OpenOptions<'_>,
    context: &Context,
) -> Result<Opened, CommandError> {
    // A damaged journal may still tell where the session lives.
    let opening = journal::opening(&context.paths.sessions().join(id.as_str())).filter(|o| o.session == *id);
    let reached = if let Some(opening) = &opening {
        reach(opening, id.as_str(), how, context).await?
    } else {
        let again = typed!("recipe-walk {} {} --rebuild", how.purpose.command(), id);
        place::asked(how.place, how.yes, &context.paths, &again, &context.terminal).await?
    };
    let named = how.recipe.map(|dir| std::path::absolute(dir).unwrap_or_else(|_| dir.to_owned()));
    let dir = named.or_else(|| opening.and_then(|o| o.recipe_dir).map(PathBuf::from));
    let recipe = match how.purpose {
        Purpose::Walk => embedded::recipe(dir.as_deref()).map_err(|error| moved(error, id, how))?,
        Purpose::CleanUp => recipe_for_cleanup(dir.as_deref())?,
    };
    let source = dir.as_ref().map(|d| d.to_string_lossy());
    let source = source.as_deref();
    let draft = rebuild::draft(id, &context.paths.sessions(), &reached, &recipe, source, context).await?;
    let chosen = Opened {
        session: draft.session,
        reached,
        recipe: Arc::new(recipe),
        rebuilt: Some(draft.rebuilt.clone()),
    };
    if how.purpose == Purpose::Walk {
        // Without a look at everything, a walk could make something a second time.
        let unseen = draft.rebuilt.unseen.first().map(|failure| {
            CommandError::from_failure(failure)
                .means(format!("Session {id} could not be read from the account; nothing was changed."))
        });
        let fit = match (unseen, &draft.rebuilt.recipe) {
            (Some(error), _) => Err(error),
            (None, Some(walked)) => check_recipe(id, walked, &chosen.recipe, how),
            (None, None) if draft.rebuilt.resources == 0 => Err(CommandError::new(
                Kind::Usage,
                format!("of session {id} there is too little left to go on with"),
            )
            .next(typed!("recipe-walk cleanup {}", id).then(flag(how.place)))),
            (None, None) => Ok(()),
        };
        let cleaning = chosen.session.with(|state| state.unwinding.is_some());
        let agreed =
            fit.and_then(|()| if cleaning { follow_clean_up(id, how, &context.terminal) } else { Ok(()) });
        if let Err(error) = agreed {
            chosen.let_go();
            return Err(error);
        }
    }
    Ok(chosen)
}

/// A clean-up that another machine has begun, by the session's signed note, is gone on with by whoever agrees to it.
/// `resume --yes` deletes nothing on the word of a note: whoever can read the session's key can sign one.
pub(crate) fn follow_clean_up(
    id: &SessionId,
    how: OpenOptions<'_>,
    terminal: &Terminal,
) -> Result<(), CommandError> {
    let told =
        "Another machine has begun to clean this session up, and has signed that with the session's key.";
    if how.yes {
        return Err(CommandError::new(Kind::Step, format!("session {id} is being cleaned up elsewhere"))
            .means(told)
            .means("With --yes nothing is deleted on the word of a note, and nothing is built anew. Nothing was changed.")
            .next(how.place.added_to(typed!("recipe-walk cleanup {}", id)).then("  # goes on with that clean-up"))
            .next(how.place.added_to(typed!("recipe-walk resume {}", id)).then("  # asks what to do")));
    }
    terminal.prose(told);
    if terminal.confirm("Go on with the clean-up here?").is_ok_and(|yes| yes) {
        return Ok(());
    }
    Err(CommandError::interrupted(id.as_str()))
}

fn flag(place: &PlaceArgs) -> &'static str {
    if place.wants_aws() { "--aws" } else { "--sandbox" }
}

/// Goes back to where the session was begun; refuses any other place.
pub(crate) async fn reach(
    opening: &Opening,
    id: &str,
    how: OpenOptions<'_>,
    context: &Context,
) -> Result<Reached, CommandError> {
    let elsewhere = if opening.sandbox { how.place.wants_aws() } else { how.place.sandbox };
    if elsewhere {
        let place = if opening.sandbox { "on the sandbox of this machine" } else { "in an AWS account" };
        return Err(CommandError::new(Kind::Place, format!("session {id} belongs somewhere else"))
            .means(format!("It was begun {place}. Nothing was changed."))
            .next(typed!("recipe-walk {} {}", how.purpose.command(), id)));
    }
    let reached = if opening.sandbox {
        let wish =
            SandboxWish { yes: how.yes, place: Some(&opening.place), back: true, ..SandboxWish::default() };
        place::sandbox(&context.paths, wish, &context.terminal).await?
    } else {
        // The session knows its region; the configuration's usual one has no say in it.
        let mut target = how.place.target();
        target.region = how.place.target.region.clone().or_else(|| Some(opening.place.region.clone()));
        place::aws(&target).await?
    };
    place::check_place(how.purpose.command(), id, &opening.place, &reached.identity.place)?;
    Ok(reached)
}
