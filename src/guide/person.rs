//! The engine's guide on a terminal.

use crate::error::CommandError;
use crate::guide::idle::{Idle, in_cloudshell};
use crate::guide::question::Answers;
use crate::guide::reading::Reading;
use crate::ui::Terminal;
use crate::ui::keys::Keys;
use crate::ui::prompt::{Item, Unanswered};
use crate::ui::style::Paint;
use recipe_walk_engine::action::Planned;
use recipe_walk_engine::cloud::Undone;
use recipe_walk_engine::cost::Prices;
use recipe_walk_engine::facts::CALLER;
use recipe_walk_engine::guide::{
    Answered, Bar, Choice, Guide, Happening, Inspection, Progress, Remedy, StepView,
};
use recipe_walk_engine::prose;
use recipe_walk_engine::recipe::{Recipe, Step};
use recipe_walk_engine::session::Session;
use recipe_walk_engine::state::{Resource, State};
use recipe_walk_engine::stop::Stop;
use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// A wait as short as this needs no bell at its end.
const WORTH_A_BELL: Duration = Duration::from_secs(4);

/// The person at the terminal, or what answers for one.
pub(crate) struct Person {
    pub(super) terminal: Terminal,
    pub(super) recipe: Arc<Recipe>,
    pub(super) prices: Arc<Prices>,
    pub(super) endpoint: Option<String>,
    pub(super) sandbox: bool,
    pub(super) environment_shown: AtomicBool,
    pub(super) session: Arc<Session>,
    /// How long things usually take on this machine.
    pub(super) usual: BTreeMap<String, Duration>,
    /// The picture that was shown last.
    pub(super) shown_picture: Mutex<String>,
    /// What the person has said to the recipe's questions.
    pub(super) answers: Answers,
    /// Hints given, by step.
    pub(super) rungs: Mutex<BTreeMap<String, usize>>,
    waiting: Mutex<Waiting>,
    yes: bool,
    all: bool,
}

/// What goes on while something is waited for.
#[derive(Default)]
struct Waiting {
    /// The step that runs.
    step: String,
    /// When the wait began.
    since: Option<Instant>,
    /// Keys that turn pages.
    keys: Option<Keys>,
    /// When a key was pressed last, and whether CloudShell's end was announced since.
    idle: Idle,
}

/// How questions are answered.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Answering {
    /// Nobody is asked.
    pub(crate) yes: bool,
    /// Optional steps run too when nobody is asked.
    pub(crate) all: bool,
}

impl Person {
    /// A guide for one session.
    pub(crate) fn new(
        terminal: &Terminal,
        recipe: &Arc<Recipe>,
        prices: &Arc<Prices>,
        session: &Arc<Session>,
        usual: BTreeMap<String, Duration>,
        answering: Answering,
    ) -> Self {
        let (endpoint, sandbox) = session.with(|s| {
            s.opening.as_ref().map_or((None, false), |(_, o)| (o.place.endpoint.clone(), o.sandbox))
        });
        Self {
            terminal: terminal.clone(),
            recipe: Arc::clone(recipe),
            prices: Arc::clone(prices),
            session: Arc::clone(session),
            endpoint,
            sandbox,
            environment_shown: AtomicBool::new(false),
            usual,
            shown_picture: Mutex::default(),
            answers: Answers::default(),
            rungs: Mutex::default(),
            waiting: Mutex::default(),
            yes: answering.yes,
            all: answering.all,
        }
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Offers something to read, and reminds of CloudShell's end.
    fn meanwhile(&self) {
        if !self.terminal.is_interactive() {
            return;
        }
        let mut waiting = self.waiting();
        if waiting.since.is_none() {
            waiting.since = Some(Instant::now());
            waiting.idle = Idle::default();
            // Who let everything run by itself wants no questions meanwhile.
            let mut reading = (!self.yes)
                .then(|| {
                    Reading::of(&waiting.step, &self.recipe, &self.session, &self.answers, &self.terminal)
                })
                .flatten();
            if let Some(reading) = &reading {
                self.terminal.prose(&reading.invitation());
            }
            let idle = waiting.idle.clone();
            // Also where there is nothing to read: keys must not be echoed into the bars.
            waiting.keys = Keys::start(move |key| {
                idle.pressed();
                if let Some(reading) = &mut reading {
                    reading.key(key);
                }
            });
        }
        if in_cloudshell()
            && let Some((text, command)) = waiting.idle.reminder(Instant::now(), self.session.id())
        {
            self.terminal.bell();
            self.terminal.remark(Paint::Warning, text);
            self.terminal.command(&command);
        }
    }

    fn wait_ends(&self) {
        let (keys, since) = {
            let mut waiting = self.waiting();
            (waiting.keys.take(), waiting.since.take())
        };
        drop(keys);
        self.terminal.finish_bars();
        if since.is_some_and(|since| since.elapsed() >= WORTH_A_BELL) {
            self.terminal.bell();
        }
    }

    fn made(&self, planned: &Planned, id: &str, how: &str) {
        self.terminal.called();
        let what = planned.action.describe();
        let id = if what.contains(id) || id.is_empty() { String::new() } else { format!(" {id}") };
        let style = self.terminal.style();
        if style.plain {
            let how = if how.is_empty() { "made: " } else { how };
            let lines = crate::ui::text::wrap(&format!("{how}{what}{id}"), style.width - 2, "  ");
            self.terminal.lines(&format!("  {}", lines.join("\n  ")));
            return;
        }
        let line = crate::ui::text::clip(&format!("{how}{what}{id}"), style.width.saturating_sub(5));
        self.terminal.say(&format!("  {} {line}", style.paint(Paint::Good, "✓")));
    }

    /// What a look at the account found.
    pub(super) fn found(&self) {
        let facts = self.session.with(|s| s.facts.clone());
        let mut told = vec![(CALLER.to_owned(), "You are")];
        told.extend(self.recipe.telling());
        for (key, label) in told {
            if let Some(value) = facts.get(&key).ok().filter(|value| !value.is_empty()) {
                let line = format!("{label}: {}", value.replace(',', ", "));
                let lines = crate::ui::text::wrap(&line, self.terminal.style().width - 4, "");
                self.terminal.lines(&format!("  {}", lines.join("\n    ")));
            }
        }
    }

    fn cleaning(&self, progress: &Progress<'_>) {
        let bar = |resource: &Resource, status: &str, elapsed: Duration| {
            self.terminal.bars(&[Bar {
                name: resource.planned.name.clone(),
                label: resource.planned.action.describe(),
                elapsed,
                expected: None,
                share: None,
                status: status.to_owned(),
                event: None,
                done: false,
                lasting: false,
            }]);
        };
        match progress {
            Progress::Started(resource) if resource.planned.action.is_slow() => {
                bar(resource, "asked to go", Duration::ZERO);
            }
            Progress::Started(_) => {}
            Progress::Waiting(resource, status, elapsed) => {
                self.meanwhile();
                bar(resource, status, *elapsed);
            }
            Progress::Finished(resource, how) => {
                self.terminal.end_bar(&resource.planned.name);
                if resource.planned.action.is_setting() {
                    return;
                }
                let word = match how {
                    Undone::Deleted => "gone",
                    Undone::AlreadyGone => "was gone",
                    Undone::NotOurs => "not ours, left alone",
                };
                let style = self.terminal.style();
                let mark = if style.plain { "" } else { "✓ " };
                let mark = style.paint(Paint::Good, mark);
                self.terminal.say(&format!("  {mark}{word}: {}", resource.planned.action.describe()));
            }
            Progress::Failed(resource, why) => {
                self.terminal.end_bar(&resource.planned.name);
                let line = format!("  not gone: {}: {why}", resource.planned.action.describe());
                self.terminal.remark(Paint::Bad, &line);
            }
            Progress::Sweeping => {
                self.wait_ends();
                self.terminal.say("  Sweeping by tag and by name, independent of the journal.");
            }
        }
    }
}

/// Prose with its placeholders filled in.
pub(super) fn fill(text: &str, state: &State) -> String {
    prose::fill(text, &values(state))
}

/// The values of the placeholders, as far as they are known.
pub(crate) fn values(state: &State) -> BTreeMap<String, String> {
    // What was looked up; facts of what was made have a dot in their names.
    let facts = state.facts.iter().filter(|(key, _)| !key.contains('.'));
    let mut values: BTreeMap<_, _> = facts.map(|(k, v)| (k.to_owned(), v.to_owned())).collect();
    values.extend(state.answers.told());
    if let Some((_, opening)) = &state.opening {
        values.insert("session".into(), opening.session.to_string());
        values.insert("region".into(), opening.place.region.clone());
        values.insert("account".into(), opening.place.account.clone());
    }
    values
}

impl Guide for Person {
    fn choose(&self, view: &StepView<'_>) -> Choice {
        if self.yes {
            if view.step.optional && !self.all {
                return Choice::Skip;
            }
            self.header(view);
            return Choice::Run;
        }
        self.header(view);
        self.menu(view)
    }

    fn trouble(&self, step: &Step, problem: &Stop) -> Remedy {
        self.terminal.finish_bars();
        if self.yes {
            // The command's own error tells it once, at the end.
            return Remedy::Quit;
        }
        let style = self.terminal.style();
        let said =
            crate::ui::text::wrap(&format!("That did not work: {problem}"), style.width, "  ").join("\n");
        let label = style.paint(Paint::Bad, "That did not work:");
        self.terminal.lines(&said.replacen("That did not work:", &label, 1));
        self.terminal.prose(&CommandError::of(problem).meaning.join(" "));
        // The first of the list is what deleted typing leads to: nothing that may cost.
        let mut items = vec![
            Item::new('q', "Quit; the session is saved", Remedy::Quit),
            Item::new('r', "Retry this step", Remedy::Retry),
        ];
        if step.optional {
            items.push(Item::new('s', "Skip this step", Remedy::Skip));
        }
        self.terminal.choose("What now?", items, Some(0)).unwrap_or_else(|Unanswered| {
            self.terminal.interrupt().set();
            Remedy::Quit
        })
    }

    fn answers(&self) -> Vec<Answered> {
        self.answers.take()
    }

    fn inspected(&self, found: &[Inspection]) {
        self.tell_found(found);
    }

    fn mend(&self, view: &StepView<'_>, found: &[Inspection]) -> Choice {
        self.mend_menu(view, found)
    }

    fn show(&self, happening: &Happening<'_>) {
        match happening {
            Happening::StepBegins(step) => self.waiting().step = step.id.to_string(),
            Happening::Doing(planned) => self.terminal.calling(&planned.action.describe()),
            Happening::Made(planned, id) => self.made(planned, id, ""),
            Happening::Adopted(planned, id) => self.made(planned, id, "found: "),
            Happening::Retrying(failure) => {
                self.terminal.remark(Paint::Faint, &format!("  trying again: {failure}"));
            }
            Happening::Waiting(bars) => {
                self.meanwhile();
                self.terminal.bars(bars);
            }
            Happening::WaitEnds => self.wait_ends(),
            Happening::Measured(kind, result) => {
                self.terminal.result(kind, result, self.sandbox);
                self.compare_predictions(kind);
            }
            Happening::Looked(kind, result) => self.terminal.figures(kind, result),
            Happening::LeftOut(step, reason) => {
                self.terminal.prose(&format!("Left out: {} ({reason}).", step.title));
            }
            Happening::Preflight(findings) => self.terminal.preflight(findings),
            Happening::Note(text) => self.terminal.prose(text),
            Happening::StepEnds(step) => {
                if step.first {
                    self.found();
                }
            }
            Happening::Cleaning(progress) => self.cleaning(progress),
        }
    }
}
