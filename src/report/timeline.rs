//! When what happened, drawn to scale: steps, the slow things' lives, the clean-up.

use super::frame::nothing;
use crate::ui::text::{clock, span};
use jiff::Timestamp;
use maud::{Markup, html};
use recipe_walk_engine::report::Report;
use std::time::Duration;

struct Scale {
    start: Timestamp,
    seconds: f64,
}

impl Scale {
    fn percent(&self, at: Timestamp) -> f64 {
        (at.duration_since(self.start).as_secs_f64() / self.seconds * 100.0).clamp(0.0, 100.0)
    }

    fn row(&self, what: &str, class: &str, from: Timestamp, to: Timestamp) -> Markup {
        let (left, right) = (self.percent(from), self.percent(to));
        let width = (right - left).min(100.0 - left);
        let after = from.duration_since(self.start).as_secs_f64().max(0.0);
        html! {
            div.row {
                span.what { (what) }
                span.track {
                    span class={ "span " (class) }
                        style=(format!("left:{left:.2}%;width:{width:.2}%"))
                        title={ "from " (clock(Duration::from_secs_f64(after))) } {}
                }
                span.took { (span(to.duration_since(from).as_secs_f64())) }
            }
        }
    }
}

/// The chart; nothing for a session without any time.
pub(super) fn chart(report: &Report) -> Markup {
    let end = if report.receipt.is_some() { report.latest_at } else { report.written_at };
    let seconds = end.duration_since(report.opened_at).as_secs_f64();
    if seconds <= 0.0 {
        return nothing();
    }
    let scale = Scale { start: report.opened_at, seconds };
    let moment = |text: &str| report.moments.iter().find(|m| m.what.starts_with(text)).map(|m| m.at);
    let slow: Vec<_> = report.resources.iter().filter(|r| r.slow).collect();
    html! {
        div.card.gantt role="group" aria-label="Timeline, to scale" {
            div.row.scale aria-hidden="true" {
                span {}
                span.track {
                    @for n in 0..=4_u32 {
                        span style={ "left:" (n * 25) "%" } {
                            (clock(Duration::from_secs_f64(seconds * f64::from(n) / 4.0)))
                        }
                    }
                }
                span {}
            }
            h3 { "Steps" }
            @for step in &report.steps {
                @if let (Some(from), Some(to)) = (step.began_at, step.done_at) {
                    (scale.row(&step.title, if step.measures { "measure" } else { "" }, from, to))
                }
            }
            @if let Some(from) = moment("The clean-up") {
                (scale.row("Clean-up", "clean", from, moment("Clean:").unwrap_or(end)))
            }
            @if !slow.is_empty() { h3 { "What is billed, from the request to its end" } }
            @for thing in slow { (scale.row(&thing.what, "thing", thing.since, thing.gone_at.unwrap_or(end))) }
        }
    }
}

/// What happened beside the steps.
pub(super) fn moments(report: &Report) -> Markup {
    if !report.moments.iter().any(|m| m.trouble) {
        return nothing();
    }
    html! {
        h3 { "What else happened" }
        ul.moments {
            @for moment in &report.moments {
                li {
                    time datetime=(moment.at) { (moment.at.strftime("%H:%M:%S")) }
                    span class=[moment.trouble.then_some("trouble")] { (moment.what) }
                }
            }
        }
    }
}
