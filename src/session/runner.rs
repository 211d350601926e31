//! One session on its way: the walk, the results, the clean-up. Shared by `walk`, `resume` and `cleanup`.

use crate::embedded;
use crate::error::{CommandError, Kind};
use crate::guide::events::{self, Events};
use crate::guide::person::{Answering, Person, values};
use crate::options::OutputOptions;
use crate::paths::Paths;
use crate::payload::{self, PAYLOADS};
use crate::session::context::Context;
use crate::session::lease::{Held, Wish};
use crate::session::open::Opened;
use crate::session::place::Reached;
use crate::ui::prompt::{Item, Unanswered};
use crate::ui::style::Paint;
use crate::ui::text::about;
use crate::ui::{Terminal, called};
use recipe_walk_engine::amount::Amount;
use recipe_walk_engine::cleanup::{adopt_strays, conclude, unwind};
use recipe_walk_engine::clock::Clock;
use recipe_walk_engine::cost::Prices;
use recipe_walk_engine::guide::Guide;
use recipe_walk_engine::history::medians;
use recipe_walk_engine::prose;
use recipe_walk_engine::rebuild::Rebuilt;
use recipe_walk_engine::receipt::Receipt;
use recipe_walk_engine::recipe::Recipe;
use recipe_walk_engine::session::{self, Session};
use recipe_walk_engine::shell::Typed;
use recipe_walk_engine::stop::Stop;
use recipe_walk_engine::tools::Tools;
use recipe_walk_engine::typed;
use recipe_walk_engine::walk::{Outcome, Walk};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// Why measuring steps are left out on a sandbox without engines.
const NO_ENGINES: &str = "this sandbox runs without engines, so there is nothing to measure";

/// A session with everything it needs.
pub(crate) struct Runner {
    /// The terminal.
    pub(crate) terminal: Terminal,
    /// Where the state lives.
    pub(crate) paths: Paths,
    /// The recipe.
    pub(crate) recipe: Arc<Recipe>,
    /// The price table.
    pub(crate) prices: Arc<Prices>,
    /// The session.
    pub(crate) session: Arc<Session>,
    /// Where it runs.
    pub(crate) reached: Reached,
    /// What keeps others off.
    pub(crate) lease: Held,
    /// The clock.
    pub(crate) clock: Arc<dyn Clock>,
    /// What came back from the account, where the session is not from here.
    pub(crate) rebuilt: Option<Rebuilt>,
    /// How it is answered and shown.
    pub(crate) output: OutputOptions,
    /// The newest receipt, complete or not.
    pub(crate) receipt: OnceLock<Receipt>,
}

#[derive(Debug, Clone, Copy)]
enum After {
    More,
    Labs,
    Back,
    CleanUp,
    Keep,
}

impl Runner {
    /// Takes the lease of an open session, and with it all that runs one.
    pub(crate) async fn begin(
        context: Context,
        opened: Opened,
        wish: Wish<'_>,
        output: OutputOptions,
    ) -> Result<Self, CommandError> {
        let lease = opened.hold(wish, &context).await?;
        let Context { terminal, paths, prices, clock } = context;
        let Opened { session, reached, recipe, rebuilt } = opened;
        let receipt = OnceLock::new();
        Ok(Self { terminal, paths, recipe, prices, session, reached, lease, clock, rebuilt, output, receipt })
    }

    /// The session's name.
    pub(super) fn id(&self) -> &str {
        self.session.id().as_str()
    }

    pub(super) fn resume(&self) -> Typed {
        typed!("recipe-walk resume {}", self.id())
    }

    /// What the engine works with, and the person as its guide.
    pub(crate) fn tools(&self, yes: bool) -> Tools {
        let guide: Arc<dyn Guide> = Arc::new(self.person(yes));
        self.tools_with(if self.output.json { Arc::new(Events::new(guide)) } else { guide })
    }

    fn person(&self, yes: bool) -> Person {
        let answering = Answering { yes, all: self.output.all };
        Person::new(&self.terminal, &self.recipe, &self.prices, &self.session, self.usual(), answering)
    }

    fn tools_with(&self, guide: Arc<dyn Guide>) -> Tools {
        Tools {
            session: Arc::clone(&self.session),
            cloud: self.reached.cloud.clone(),
            clock: Arc::clone(&self.clock),
            guide,
            interrupt: self.terminal.interrupt().clone(),
            hold: Some(self.lease.hold()),
        }
    }

    /// Walks on, shows the results, and cleans up.
    pub(crate) async fn go(&self) -> Result<(), CommandError> {
        let result = self.walk().await;
        self.end(result).await
    }

    /// Gives the lease back; tells who has it where it was lost.
    pub(crate) async fn end(&self, result: Result<(), CommandError>) -> Result<(), CommandError> {
        self.lease.release().await;
        match self.lease.lost() {
            Some(by) if result.is_err() || self.terminal.interrupt().is_set() => {
                Err(self.lease.taken_over(by))
            }
            _ => result,
        }
    }

    async fn walk(&self) -> Result<(), CommandError> {
        if self.reached.sandbox.is_none()
            && let Some(parameter) = payload::instance_type(&self.recipe)
            && let Some(kind) = self.session.with(|s| s.answers.get(parameter).map(str::to_owned))
        {
            payload::check(&kind, PAYLOADS)?;
        }
        let outcome = self.walk_over().run().await;
        self.terminal.finish_bars();
        match outcome {
            Err(stop) => {
                let error = CommandError::from_stop(&stop, self.id());
                Err(if self.clears_away_after(&stop) {
                    self.clear_away(error).await
                } else {
                    self.stopped(error)
                })
            }
            Ok(Outcome::Quit) if self.terminal.interrupt().is_set() => {
                Err(self.stopped(CommandError::interrupted(self.id())))
            }
            Ok(Outcome::Quit) => {
                self.saved();
                Ok(())
            }
            Ok(Outcome::Finished) => {
                self.results();
                self.after().await
            }
        }
    }

    /// How long things took in earlier sessions on this machine.
    fn usual(&self) -> BTreeMap<String, Duration> {
        let known = session::list(&self.paths.sessions()).unwrap_or_default();
        let states: Vec<_> = known.into_iter().filter_map(|(_, state)| state.ok()).collect();
        medians(states.iter(), self.reached.sandbox.is_some())
    }

    /// The engine's walk over this session.
    pub(crate) fn walk_over(&self) -> Walk<'_> {
        Walk {
            tools: self.tools(self.output.yes),
            recipe: &self.recipe,
            payloads: PAYLOADS,
            trust: self.reached.trust.clone(),
            all: self.output.all,
            usual: self.usual(),
            no_engines: self.reached.sandbox.as_ref().is_some_and(|s| s.bare).then(|| NO_ENGINES.to_owned()),
        }
    }

    /// Whether a failure ends with a clean-up: nobody is there who would see to what goes on costing. Ctrl-C is somebody's
    /// wish, before the first step has passed there is nothing, and what cannot be put on record is not begun.
    fn clears_away_after(&self, stop: &Stop) -> bool {
        let OutputOptions { yes, keep, .. } = self.output;
        let spared =
            matches!(stop, Stop::Interrupted | Stop::NotReady(_) | Stop::Journal(_) | Stop::Answer(_));
        yes && !keep && !spared && self.session.with(|s| s.remaining().next().is_some())
    }

    /// Cleans up after a failure, which stays what it was.
    async fn clear_away(&self, mut error: CommandError) -> CommandError {
        self.terminal
            .warn(&format!("{}. With --yes and without --keep, what was made goes now.", error.message));
        error.next.retain(|command| !command.as_str().contains(self.id()));
        match self.clean_up().await {
            Ok(()) => {
                error.meaning.retain(|line| !line.starts_with("The session is saved"));
                error
                    .means("What the walk had made is deleted; the receipt is above. --keep leaves it, to look into it.")
            }
            Err(left) => {
                error.next.extend(left.next);
                self.stopped(error.means(format!("The clean-up did not end well either: {}.", left.message)))
            }
        }
    }

    /// Adds what is left, and what it goes on costing.
    fn stopped(&self, error: CommandError) -> CommandError {
        let slow = self.session.with(|s| {
            let slow = s.remaining().filter(|r| r.planned.action.is_slow());
            slow.map(|r| r.planned.action.describe()).collect::<Vec<_>>()
        });
        let error =
            if slow.is_empty() { error } else { error.means(format!("It leaves: {}.", slow.join(", "))) };
        let rate = self.going_rate();
        if !rate.is_nothing() {
            return error.means(format!("What is there costs {} an hour until clean-up.", about(&rate)));
        }
        error
    }

    pub(super) fn going_rate(&self) -> Amount {
        if self.reached.sandbox.is_some() {
            return Amount::default();
        }
        self.session.with(|s| self.prices.going_rate(s))
    }

    /// What becomes of what was made.
    async fn after(&self) -> Result<(), CommandError> {
        if self.output.yes {
            if self.output.keep {
                self.saved();
                return Ok(());
            }
            return self.clean_up().await;
        }
        let t = &self.terminal;
        t.heading("Clean-up");
        let dir = self.session.with(|s| s.opening.as_ref().and_then(|(_, o)| o.recipe_dir.clone()));
        let state = self.session.state();
        let text = prose::fill(&embedded::cleanup_prose(dir.as_deref().map(Path::new)), &values(&state));
        let (first, more) = prose::split(&text);
        t.markdown(first);
        t.gap();
        let mut start = 0;
        loop {
            let mut items = vec![
                Item::new('m', "Read more", After::More),
                Item::new('c', "Clean up now: delete everything this session made", After::CleanUp),
                Item::new('k', "Keep everything and quit", After::Keep),
                Item::new('b', "Back: re-read a step", After::Back),
            ];
            if self.recipe.labs.iter().any(|lab| state.measured.contains_key(lab.after.as_str()))
                && self.reached.sandbox.is_some()
            {
                items.push(Item::new('l', "Labs: break something on purpose, and mend it", After::Labs));
            }
            match t.choose("What now?", items, Some(start)) {
                Ok(After::Labs) => {
                    t.labs(&self.recipe.labs);
                    t.say("Keep everything and quit (k) first; then, for instance:");
                    t.command(&typed!("recipe-walk lab {}", self.recipe.labs[0].id));
                    t.gap();
                    start = 2;
                }
                Ok(After::More) => {
                    t.markdown(more);
                    t.gap();
                    start = 2;
                }
                Ok(After::Back) => self.person(false).look_back(&self.recipe.steps, &state),
                Ok(After::CleanUp) => return self.clean_up().await,
                Ok(After::Keep) => {
                    self.saved();
                    return Ok(());
                }
                Err(Unanswered) => return Err(self.stopped(CommandError::interrupted(self.id()))),
            }
        }
    }

    /// Cleans up, shows the receipt, and stops a sandbox that nobody needs any more.
    pub(crate) async fn clean_up(&self) -> Result<(), CommandError> {
        self.terminal.heading("Clean-up");
        let result = self.clean(&self.tools(true)).await;
        self.terminal.finish_bars();
        let receipt = self.end_of(result).await?;
        self.terminal.receipt(&receipt);
        if self.output.json {
            events::receipt(&receipt);
        }
        let receipt = self.receipt.get_or_init(|| receipt);
        if !receipt.is_clean() {
            let rate = self.going_rate();
            let mut error = CommandError::new(Kind::Left, "the clean-up is not complete")
                .means("What is left is named above. Cleaning up again goes on where this one stopped.")
                .next(typed!("recipe-walk cleanup {}", self.id()));
            if !rate.is_nothing() {
                error = error.means(format!("What is left may cost {} an hour.", about(&rate)));
            }
            return Err(error);
        }
        self.stop_sandbox().await;
        if self.session.with(|s| !s.measured.is_empty()) {
            self.terminal.say("What you built and measured, as a page to take home:");
            let command = called(&typed!("recipe-walk report {}", self.id()));
            self.terminal.tell(Paint::Command, &format!("  {command}"));
        }
        Ok(())
    }

    /// Cleans up in the manner of another guide, and shows nothing itself.
    pub(crate) async fn clean_up_for(&self, guide: Arc<dyn Guide>) -> Result<Receipt, CommandError> {
        let result = self.clean(&self.tools_with(guide)).await;
        self.end_of(result).await
    }

    async fn clean(&self, tools: &Tools) -> Result<Receipt, Stop> {
        // What a lost or shortened journal does not know may use what it knows, which would wait for it in vain.
        adopt_strays(tools, &self.recipe).await?;
        unwind(tools).await?;
        if adopt_strays(tools, &self.recipe).await? > 0 {
            unwind(tools).await?;
        }
        // Held while anything is deleted, and gone before somebody looks whether anything is left.
        self.lease.release().await;
        conclude(tools, &self.prices).await
    }

    async fn end_of(&self, result: Result<Receipt, Stop>) -> Result<Receipt, CommandError> {
        let stop = match result {
            Ok(receipt) => return Ok(receipt),
            Err(stop) => stop,
        };
        let failed = CommandError::from_stop(&stop, self.id());
        let again = typed!("recipe-walk cleanup {}", self.id());
        let next = std::iter::once(again).chain(CommandError::from_elsewhere(&stop, self.id())).collect();
        let failed = self.stopped(CommandError { next, ..failed });
        match self.end(Err(failed)).await {
            Err(error) => Err(error),
            Ok(()) => Err(CommandError::interrupted(self.id())),
        }
    }

    async fn stop_sandbox(&self) {
        self.reached.leave(&self.paths, Some(self.session.id()), &self.terminal).await;
    }
}
