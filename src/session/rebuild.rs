//! Sessions that this machine does not know, or knows from a damaged journal only: brought back from the account.

use crate::error::{CommandError, Kind};
use crate::guide::batch_guide::BatchGuide;
use crate::session::context::Context;
use crate::session::host;
use crate::session::place::Reached;
use crate::ui::Terminal;
use recipe_walk_engine::cloud::{Cloud as _, Remote};
use recipe_walk_engine::id::SessionId;
use recipe_walk_engine::rebuild::{Rebuilt, rebuild};
use recipe_walk_engine::recipe::Recipe;
use recipe_walk_engine::session::Session;
use recipe_walk_engine::stop::Stop;
use recipe_walk_engine::tools::Tools;
use std::path::Path;
use std::sync::Arc;

/// A session as the account tells it. Nothing of it counts on this machine until the session is settled.
pub(crate) struct Draft {
    /// The session, with a journal begun anew.
    pub(crate) session: Arc<Session>,
    /// What was found.
    pub(crate) rebuilt: Rebuilt,
}

/// Reads a session from the account: reads only. Its journal is begun below `sessions`; `dir` is the recipe's directory,
/// where it is not the embedded one.
pub(crate) async fn draft(
    id: &SessionId,
    sessions: &Path,
    reached: &Reached,
    recipe: &Recipe,
    dir: Option<&str>,
    context: &Context,
) -> Result<Draft, CommandError> {
    let terminal = &context.terminal;
    let session = Arc::new(Session::anew(sessions, id, &host(), Arc::clone(&context.clock))?);
    let tools = Tools {
        session: Arc::clone(&session),
        cloud: reached.cloud.clone(),
        clock: Arc::clone(&context.clock),
        guide: Arc::new(BatchGuide::new(terminal, id)),
        interrupt: terminal.interrupt().clone(),
        hold: None,
    };
    match read(&tools, reached, recipe, dir).await {
        Ok(rebuilt) => {
            if let Some(doubt) = &rebuilt.doubt {
                terminal.warn(&format!("Session {id}: {doubt}. Nothing is taken from that note."));
            }
            for failure in &rebuilt.unseen {
                terminal.warn(&format!("Could not look for all that session {id} may have made: {failure}"));
            }
            Ok(Draft { session, rebuilt })
        }
        Err(error) => {
            session.discard();
            Err(error)
        }
    }
}

async fn read(
    tools: &Tools,
    reached: &Reached,
    recipe: &Recipe,
    dir: Option<&str>,
) -> Result<Rebuilt, CommandError> {
    let id = tools.session.id();
    let failed = |stop: Stop| match stop {
        Stop::Failed(_) => CommandError::of(&stop)
            .means(format!("Session {id} could not be read from the account; nothing was changed.")),
        other => CommandError::of(&other),
    };
    let all: Vec<Remote> = tools.read(|| tools.cloud.sessions()).await.map_err(failed)?;
    let remote = all.iter().find(|r| r.session == *id);
    let place = &reached.identity.place;
    let sandbox = reached.sandbox.is_some();
    let rebuilt = rebuild(tools, recipe, dir, place, sandbox, remote).await.map_err(failed)?;
    if remote.is_none() && !rebuilt.passport && rebuilt.resources == 0 {
        // A lease alone, or something of IAM that is nobody's yet, has no other trace.
        let left = tools.read(|| reached.cloud.sweep(id, tools.clock.now())).await.map_err(failed)?;
        if left.is_empty() {
            let place = if reached.sandbox.is_some() {
                "on the sandbox of this machine".to_owned()
            } else {
                format!("in account {}, region {}", place.account, place.region)
            };
            return Err(CommandError::new(Kind::Usage, format!("there is no session {id} {place}"))
                .means("Nothing there carries its tag or its name. It may live in another account or region.")
                .next("recipe-walk sessions")
                .next("recipe-walk sessions --remote --aws"));
        }
    }
    Ok(rebuilt)
}

/// What came back, in a few lines.
pub(crate) fn tell(rebuilt: &Rebuilt, terminal: &Terminal) {
    terminal.say(&format!("From the account came back: {} things that the session made.", rebuilt.resources));
    if !rebuilt.passport {
        terminal.say("Its settings did not: the recipe's usual ones are taken.");
    }
    for bad in &rebuilt.refused {
        terminal.warn(&format!("Not used: {bad}."));
    }
    if rebuilt.results.is_empty() {
        terminal.say("No measured results came back.");
    } else {
        terminal.say(&format!("Measured results that came back: {}.", rebuilt.results.join(", ")));
    }
    terminal.say("Steps that make or check things are gone through again; what is there is not made twice.");
}
