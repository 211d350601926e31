//! The page: one file, without a reference to anything outside, readable on a phone, in the dark and on paper.

use super::sections::{self, Section};
use super::tables::comparison;
use crate::ui::text::{about, cell, span};
use maud::{Markup, html};
use recipe_walk_engine::diagram::Diagram;
use recipe_walk_engine::report::Report;
use recipe_walk_engine::shown::visible;
use recipe_walk_engine::standing::Standing;

/// Style sheet and frame.
const TEMPLATE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/report.html"));

/// The page.
pub(crate) fn page(report: &Report, diagram: Option<&Diagram>) -> String {
    let sections = sections::all(report, diagram);
    let title = html! { (report.title) ": report of session " (report.session) };
    let body = html! {
        div.wrap {
            (header(report))
            nav aria-label="Sections" {
                ul { @for section in &sections { li { a href={ "#" (section.id) } { (section.short) } } } }
            }
            main #main { @for section in &sections { (shown(section)) } }
            (footer(report))
        }
    };
    let (head, rest) = TEMPLATE.split_once("{{title}}").unwrap_or_default();
    let (middle, end) = rest.split_once("{{body}}").unwrap_or_default();
    visible(&[head, &title.0, middle, &body.0, end].concat()).into_owned()
}

fn shown(section: &Section) -> Markup {
    html! {
        section id=(section.id) aria-labelledby={ (section.id) "-title" } {
            h2 id={ (section.id) "-title" } { (section.title) }
            (section.body)
        }
    }
}

fn header(report: &Report) -> Markup {
    let people = [report.owner.as_str(), report.cohort.as_str()];
    let people: Vec<&str> = people.into_iter().filter(|p| !p.is_empty()).collect();
    let (pill, word) = state(report);
    html! {
        header {
            p.kicker { "recipe-walk report" }
            h1 { (report.title) }
            ul.meta {
                li { "Session " code { (report.session) } }
                @if report.sandbox {
                    li { "on the sandbox" }
                } @else {
                    li { "AWS account " (report.account) ", " (report.region) }
                }
                @if !people.is_empty() { li { (people.join(", ")) } }
                li {
                    time datetime=(report.opened_at) { (report.opened_at.strftime("%-d %B %Y, %H:%M UTC")) }
                }
                li { span class={ "pill " (pill) } { (word) } }
            }
            dl.heads {
                @for (figure, label) in heads(report) { div { dt { (label) } dd { (figure) } } }
            }
            @if report.sandbox && comparison(report).is_some() {
                p.lead style="margin-top:18px" {
                    "Measured on one machine, where no network lies between the parts: real engines, but these ratios do \
                     not carry over to AWS."
                }
            }
        }
    }
}

fn heads(report: &Report) -> Vec<(String, String)> {
    let mut heads: Vec<(String, String)> =
        report.headlines.iter().map(|h| (h.figure.clone(), h.label.clone())).collect();
    heads.push((span(report.seconds), "from the first call to the last one".into()));
    let cost = &report.cost.so_far;
    heads.push(if report.sandbox {
        ("$0".into(), format!("on the sandbox; on AWS {}", about(cost)))
    } else {
        (cell(cost), "estimated cost".into())
    });
    heads
}

fn state(report: &Report) -> (&'static str, &'static str) {
    match report.state {
        Standing::Closed => ("good", "cleaned up, nothing left"),
        Standing::CleaningUp => ("warn", "clean-up not finished"),
        Standing::Walked => ("warn", "walked, still there"),
        Standing::Walking => ("warn", "under way"),
    }
}

fn footer(report: &Report) -> Markup {
    html! {
        footer {
            p {
                "Written by recipe-walk " (env!("CARGO_PKG_VERSION")) " on "
                (report.written_at.strftime("%-d %B %Y, %H:%M UTC"))
                " from the session’s journal. Redacted: no secrets, the account’s number masked. Percentiles come from \
                 histograms of every request; a ratio is that of medians. Costs are estimates (" (report.cost.prices)
                "), never a bill."
            }
        }
    }
}
