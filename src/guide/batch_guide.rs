//! The engine's guide where several sessions are worked on at once: few lines, each with its session's name.

use crate::ui::Terminal;
use crate::ui::style::Paint;
use crate::ui::text::clock;
use recipe_walk_engine::cloud::Undone;
use recipe_walk_engine::guide::{Choice, Guide, Happening, Progress, Remedy, StepView};
use recipe_walk_engine::id::SessionId;
use recipe_walk_engine::recipe::Step;
use recipe_walk_engine::stop::Stop;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// After as much silence people wonder whether anything goes on.
const SILENCE: Duration = Duration::from_secs(30);

/// The guide of one session among several. It asks nothing.
pub(crate) struct BatchGuide {
    terminal: Terminal,
    session: SessionId,
    /// When it said something last.
    spoke: Mutex<Instant>,
}

impl BatchGuide {
    /// That of a session.
    pub(crate) fn new(terminal: &Terminal, session: &SessionId) -> Self {
        Self { terminal: terminal.clone(), session: session.clone(), spoke: Mutex::new(Instant::now()) }
    }

    /// Whether it has said nothing for half a minute; if so, it is about to.
    fn is_long_silent(&self) -> bool {
        let mut spoke = self.spoke.lock().unwrap_or_else(PoisonError::into_inner);
        let long = spoke.elapsed() >= SILENCE;
        if long {
            *spoke = Instant::now();
        }
        long
    }

    fn cleaning(&self, progress: &Progress<'_>) {
        let session = &self.session;
        match progress {
            Progress::Started(r) if r.planned.action.is_slow() => {
                self.terminal.say(&format!("  {session}: going: {}", r.planned.action.describe()));
            }
            Progress::Finished(r, how) if r.planned.action.is_slow() || *how == Undone::NotOurs => {
                let word = match how {
                    Undone::Deleted => "gone",
                    Undone::AlreadyGone => "was gone",
                    Undone::NotOurs => "not ours, left alone",
                };
                self.terminal.say(&format!("  {session}: {word}: {}", r.planned.action.describe()));
            }
            Progress::Failed(r, why) => {
                let line = format!("  {session}: not gone: {}: {why}", r.planned.action.describe());
                self.terminal.remark(Paint::Bad, &line);
            }
            // What repeats every few seconds is too much of forty sessions; half a minute of silence is too little.
            Progress::Waiting(r, status, elapsed) if self.is_long_silent() => {
                let what = r.planned.action.describe();
                self.terminal.say(&format!("  {session}: {what}: {status}, {}", clock(*elapsed)));
            }
            Progress::Started(_) | Progress::Finished(..) | Progress::Waiting(..) | Progress::Sweeping => {}
        }
    }
}

impl Guide for BatchGuide {
    fn choose(&self, _: &StepView<'_>) -> Choice {
        Choice::Quit
    }

    fn trouble(&self, _: &Step, _: &Stop) -> Remedy {
        Remedy::Quit
    }

    fn show(&self, happening: &Happening<'_>) {
        match happening {
            Happening::Cleaning(progress) => self.cleaning(progress),
            Happening::Retrying(failure) => {
                let line = format!("  {}: trying again: {failure}", self.session);
                self.terminal.remark(Paint::Faint, &line);
            }
            _ => {}
        }
    }
}
