//! When what happened, drawn to scale: steps, the slow things' lives, the clean-up.

use super::chart::Safe;
use crate::ui::text::{clock, span};
use jiff::Timestamp;
use recipe_walk_engine::report::Report;
use std::fmt::Write as _;
use std::time::Duration;

struct Scale {
    start: Timestamp,
    seconds: f64,
}

impl Scale {
    fn percent(&self, at: Timestamp) -> f64 {
        (at.duration_since(self.start).as_secs_f64() / self.seconds * 100.0).clamp(0.0, 100.0)
    }

    fn row(&self, what: &str, class: &str, from: Timestamp, to: Timestamp) -> String {
        let (left, right) = (self.percent(from), self.percent(to));
        let seconds = to.duration_since(from).as_secs_f64();
        let after = clock(Duration::from_secs_f64(from.duration_since(self.start).as_secs_f64().max(0.0)));
        format!(
            r#"<div class="row"><span class="what">{}</span><span class="track"><span class="span {class}" style="left:{left:.2}%;width:{:.2}%" title="from {after}"></span></span><span class="took">{}</span></div>"#,
            Safe(what),
            (right - left).min(100.0 - left),
            Safe(&span(seconds))
        )
    }
}

/// The chart; nothing for a session without any time.
pub(super) fn html(report: &Report) -> String {
    let end = if report.receipt.is_some() { report.latest_at } else { report.written_at };
    let seconds = end.duration_since(report.opened_at).as_secs_f64();
    if seconds <= 0.0 {
        return String::new();
    }
    let scale = Scale { start: report.opened_at, seconds };
    let mut out = String::from(r#"<div class="card gantt" role="group" aria-label="Timeline, to scale">"#);
    let marks: Vec<String> = (0..=4)
        .map(|n| {
            let at = Duration::from_secs_f64(seconds * f64::from(n) / 4.0);
            format!(r#"<span style="left:{}%">{}</span>"#, n * 25, clock(at))
        })
        .collect();
    let _ = write!(
        out,
        r#"<div class="row scale" aria-hidden="true"><span></span><span class="track">{}</span><span></span></div>"#,
        marks.concat()
    );
    out += "<h3>Steps</h3>";
    for step in &report.steps {
        if let (Some(from), Some(to)) = (step.began_at, step.done_at) {
            let class = if step.measures { "measure" } else { "" };
            out += &scale.row(&step.title, class, from, to);
        }
    }
    let moment = |text: &str| report.moments.iter().find(|m| m.what.starts_with(text)).map(|m| m.at);
    if let Some(from) = moment("The clean-up") {
        out += &scale.row("Clean-up", "clean", from, moment("Clean:").unwrap_or(end));
    }
    if report.resources.iter().any(|r| r.slow) {
        out += "<h3>What is billed, from the request to its end</h3>";
    }
    for thing in report.resources.iter().filter(|r| r.slow) {
        out += &scale.row(&thing.what, "thing", thing.since, thing.gone_at.unwrap_or(end));
    }
    out + "</div>"
}

/// What happened beside the steps.
pub(super) fn moments(report: &Report) -> String {
    if !report.moments.iter().any(|m| m.trouble) {
        return String::new();
    }
    let mut out = String::from(r#"<h3>What else happened</h3><ul class="moments">"#);
    for moment in &report.moments {
        let class = if moment.trouble { r#" class="trouble""# } else { "" };
        let _ = write!(
            out,
            r#"<li><time datetime="{}">{}</time><span{class}>{}</span></li>"#,
            moment.at,
            moment.at.strftime("%H:%M:%S"),
            Safe(&moment.what)
        );
    }
    out + "</ul>"
}
