//! What a clean-up would delete, found out by looking: at everything on record, and for what is not.

use crate::error::{CommandError, Kind};
use crate::guide::batch_guide::BatchGuide;
use crate::paths::Paths;
use crate::session::context::Context;
use crate::session::place::Reached;
use crate::session::rebuild;
use crate::ui::Terminal;
use recipe_walk_engine::cleanup::{adopt_strays, order};
use recipe_walk_engine::cloud::Found;
use recipe_walk_engine::drift::look_at;
use recipe_walk_engine::id::SessionId;
use recipe_walk_engine::journal::FILE;
use recipe_walk_engine::recipe::Recipe;
use recipe_walk_engine::session::Session;
use recipe_walk_engine::state::{Resource, State};
use recipe_walk_engine::stop::Stop;
use recipe_walk_engine::tools::Tools;
use recipe_walk_files::private;
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// One thing that would go.
#[derive(Debug, Serialize)]
pub(crate) struct WouldGo {
    stage: usize,
    name: String,
    what: String,
    id: Option<String>,
}

/// What a clean-up would do with a session.
#[derive(Debug)]
pub(crate) struct Outlook {
    session: SessionId,
    stages: Vec<Vec<Resource>>,
    /// What is on record and would not go, with the reason, and what nobody could look at.
    remarks: Vec<String>,
}

impl Outlook {
    /// By the journal alone.
    pub(crate) fn recorded(session: &SessionId, state: &State) -> Self {
        let stages = order(state.remaining().filter(|r| !r.planned.action.is_setting()).cloned());
        Self { session: session.clone(), stages, remarks: Vec::new() }
    }

    /// By a look at everything that the journal has as perhaps there.
    pub(crate) async fn looked(tools: &Tools) -> Result<Self, Stop> {
        let recorded = tools
            .session
            .with(|s| s.remaining().filter(|r| !r.planned.action.is_setting()).cloned().collect::<Vec<_>>());
        let (mut there, mut remarks) = (Vec::new(), Vec::new());
        for (resource, found) in look_at(tools, recorded).await? {
            let what = resource.planned.action.describe();
            match found {
                Ok(Found::Ours(_)) => there.push(resource),
                Ok(Found::Absent) => remarks.push(format!("{what} is gone already")),
                Ok(Found::Foreign(whose)) => {
                    remarks.push(format!("{what} is left alone, it belongs to {whose}"));
                }
                // Nobody answers at all: then the journal tells better.
                Err(failure) if failure.passes() => return Err(Stop::Failed(failure)),
                Err(failure) => {
                    remarks.push(format!("{what} is tried, though nobody could look at it: {failure}"));
                    there.push(resource);
                }
            }
        }
        Ok(Self { session: tools.session.id().clone(), stages: order(there.into_iter()), remarks })
    }

    /// For another program.
    pub(crate) fn would_go(&self) -> Vec<WouldGo> {
        let stages = self.stages.iter().enumerate();
        stages
            .flat_map(|(stage, resources)| {
                resources.iter().map(move |r| WouldGo {
                    stage: stage + 1,
                    name: r.planned.name.clone(),
                    what: r.planned.action.describe(),
                    id: r.output.as_ref().map(|o| o.id.clone()),
                })
            })
            .collect()
    }

    /// For a person, stage by stage.
    pub(crate) fn show(&self, terminal: &Terminal) {
        let id = &self.session;
        if self.stages.is_empty() {
            terminal.say(&format!(
                "Nothing of session {id} is on record as left; the sweep would look all the same."
            ));
        } else {
            terminal.say(&format!("What would go of session {id}, those of one stage at the same time:"));
        }
        for (index, stage) in self.stages.iter().enumerate() {
            for resource in stage {
                terminal.say(&format!("  {}. {}", index + 1, resource.planned.action.describe()));
            }
        }
        for line in &self.remarks {
            terminal.say(&format!("  -  {line}"));
        }
    }
}

/// A directory for a session that is only looked at; gone at the end.
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn new(paths: &Paths, id: &SessionId) -> Result<Self, CommandError> {
        let dir = paths.root().join(format!("dry-run-{}-{id}", std::process::id()));
        private::directory(&dir).map_err(|error| {
            CommandError::new(Kind::Disk, format!("cannot write to {}", dir.display()))
                .means(error.to_string())
        })?;
        Ok(Self(dir))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// What the clean-up of a session would do. It works on a copy of the journal, where there is a sound one, so that it
/// disturbs nobody who walks the session; else on what comes back from the account.
pub(crate) async fn outlook(
    id: &SessionId,
    journal: Option<&Path>,
    reached: &Reached,
    recipe: &Recipe,
    context: &Context,
) -> Result<Outlook, CommandError> {
    let Context { terminal, paths, clock, .. } = context;
    let scratch = Scratch::new(paths, id)?;
    let session = match journal {
        Some(journal) => {
            let dir = scratch.0.join(id.as_str());
            let copied =
                private::directory(&dir).and_then(|()| std::fs::copy(journal.join(FILE), dir.join(FILE)));
            copied.map_err(|error| {
                CommandError::new(Kind::Disk, "the journal cannot be copied").means(error.to_string())
            })?;
            Arc::new(Session::open(&scratch.0, id, &crate::session::host(), Arc::clone(clock))?)
        }
        None => rebuild::draft(id, &scratch.0, reached, recipe, None, context).await?.session,
    };
    let tools = Tools {
        session,
        cloud: reached.cloud.clone(),
        clock: Arc::clone(clock),
        guide: Arc::new(BatchGuide::new(terminal, id)),
        interrupt: terminal.interrupt().clone(),
        hold: None,
    };
    let looked = async {
        if journal.is_some() {
            adopt_strays(&tools, recipe).await?;
        }
        Outlook::looked(&tools).await
    };
    looked.await.map_err(|stop| CommandError::of(&stop))
}
