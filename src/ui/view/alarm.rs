//! What a session's owner is told about money and time.

use crate::ui::style::Paint;
use crate::ui::text::{about, cell, dollars, span, unpriced};
use crate::ui::{Terminal, called};
use recipe_walk_engine::cost::Alarm;
use recipe_walk_engine::typed;

impl Terminal {
    /// Warns, and says what to do.
    pub(crate) fn alarms(&self, alarms: &[Alarm], session: &str) {
        for alarm in alarms {
            let line = match alarm {
                Alarm::OverBudget { so_far, budget } => format!(
                    "About {} so far: over this session's budget of {}.",
                    cell(so_far),
                    dollars(*budget)
                ),
                Alarm::Unpriced { so_far, going_rate, budget } => {
                    let told = unpriced(going_rate).unwrap_or_default();
                    let budget =
                        budget.map(|budget| format!("; the budget of {} counts as passed", dollars(budget)));
                    format!("{told} So far it is {}{}.", about(so_far), budget.unwrap_or_default())
                }
                Alarm::Expires(left) => format!(
                    "This session expires in {}; the EC2 instance ends itself then, the rest stays and costs.",
                    span(left.as_secs_f64())
                ),
                Alarm::Expired(ago) => format!(
                    "This session expired {} ago. What is left of it still costs.",
                    span(ago.as_secs_f64())
                ),
            };
            self.remark(Paint::Warning, &line);
        }
        if !alarms.is_empty() {
            self.say(&format!("Clean up with: {}", called(&typed!("recipe-walk cleanup {}", session))));
        }
    }
}
