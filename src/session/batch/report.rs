//! What became of one session of several that were cleaned up together, and how it is told.

use crate::error::CommandError;
use crate::session::targets::LeftAlone;
use crate::ui::Terminal;
use crate::ui::style::Paint;
use crate::ui::table::Table;
use crate::ui::text::cell;
use recipe_walk_engine::cloud::Undone;
use recipe_walk_engine::id::SessionId;
use recipe_walk_engine::receipt::Receipt;
use serde::Serialize;

/// What became of one, for another program: its receipt, or why there is none.
#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum Outcome {
    /// Its receipt.
    Receipt(Receipt),
    /// Why there is none.
    Problem {
        /// The session.
        session: String,
        /// Why.
        problem: String,
        /// Whether somebody else walks it.
        #[serde(skip)]
        held: bool,
    },
}

impl Outcome {
    /// Why there is no receipt.
    pub(crate) fn problem(session: &SessionId, error: CommandError) -> Self {
        let held = error.can_be_taken_over;
        Self::Problem { session: session.to_string(), problem: error.in_a_line(), held }
    }

    /// Why it was left alone.
    pub(crate) fn left_alone(one: &LeftAlone) -> Self {
        let problem = format!("left alone: {}", one.reason);
        Self::Problem { session: one.id.to_string(), problem, held: false }
    }
}

/// One line as soon as one is finished.
pub(crate) fn said(outcome: &Outcome, terminal: &Terminal) {
    match outcome {
        Outcome::Receipt(r) if r.is_clean() => {
            terminal.tell(Paint::Good, &format!("  {}: clean, the sweep found nothing", r.session));
        }
        Outcome::Receipt(r) => {
            terminal.tell(Paint::Bad, &format!("  {}: something is left", r.session));
        }
        Outcome::Problem { session, problem, .. } => {
            terminal.remark(Paint::Bad, &format!("  {session}: not cleaned up: {problem}"));
        }
    }
}

/// The end: all of them in a table, and what is left by name.
pub(crate) fn tell(outcomes: &[Outcome], terminal: &Terminal) {
    terminal.heading("Receipts");
    let mut table = Table::new(&["Session", "Deleted>", "Cost (estimate)>", "Left"]);
    for outcome in outcomes {
        table.row(match outcome {
            Outcome::Receipt(r) => {
                // What was gone already, or somebody else's, was not deleted by this.
                let gone = r.items.iter().filter(|i| i.how == Some(Undone::Deleted)).count();
                let left = if r.is_clean() { "nothing" } else { "see below" };
                let cost = if r.sandbox { "$0".to_owned() } else { cell(&r.cost) };
                [r.session.clone(), gone.to_string(), cost, left.to_owned()]
            }
            Outcome::Problem { session, .. } => [session.clone(), "-".into(), "-".into(), "see below".into()],
        });
    }
    terminal.lines(&table.render(terminal.style()));
    for outcome in outcomes {
        match outcome {
            Outcome::Receipt(r) => terminal.left(r),
            Outcome::Problem { session, problem, .. } => {
                terminal.remark(Paint::Bad, &format!("{session}: {problem}"));
            }
        }
    }
}
