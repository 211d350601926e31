//! The sections of the page.

use super::charts::{chart, charts};
use super::frame::nothing;
use super::tables::{self, Part, comparison, failover, load_test};
use super::{costs, diagram, grid, timeline};
use maud::{Markup, html};
use recipe_walk_engine::diagram::Diagram;
use recipe_walk_engine::report::Report;
use recipe_walk_engine::transcript::script;
use recipe_walk_measurements::Noise;
use recipe_walk_measurements::format::sentence;

/// A section of the page.
pub(super) struct Section {
    /// Where the list at the top leads.
    pub(super) id: &'static str,
    /// In the list at the top.
    pub(super) short: &'static str,
    /// Its heading.
    pub(super) title: &'static str,
    /// What is below.
    pub(super) body: Markup,
}

/// All that have something to say, in the page's order.
pub(super) fn all(report: &Report, diagram: Option<&Diagram>) -> Vec<Section> {
    let section = |id, short, title, body| Section { id, short, title, body };
    let sections = [
        section("predictions", "Predictions", "What you predicted", predicted(report)),
        section("compare", "Comparison", "With and without the cache", compare(report)),
        section("load", "Load", "When many ask at once", load(report)),
        section("patterns", "Patterns", "Patterns and experiments", lessons(report)),
        section("built", "What was built", "What was built", built(report, diagram)),
        section("timeline", "Timeline", "Timeline", course(report)),
        section("cost", "Cost", "Cost", cost(report)),
        section("receipt", "Receipt", "Clean-up receipt", receipt(report)),
        section("transcript", "Transcript", "CLI transcript", commands(report)),
    ];
    sections.into_iter().filter(|section| !section.body.0.is_empty()).collect()
}

fn lead(text: &str) -> Markup {
    html! { p.lead { (text) } }
}

fn advice(noise: &Noise) -> Markup {
    // A busy machine is worth a word also where the figures came out even.
    if !noise.noisy && noise.advice.is_empty() {
        return nothing();
    }
    html! {
        div.note role="note" {
            @if noise.noisy {
                p { strong { "The measurement was noisy: take the ratios with care." } }
            }
            @for line in &noise.advice { p { (sentence(line).trim_end_matches('.')) "." } }
        }
    }
}

fn predicted(report: &Report) -> Markup {
    let known: Vec<bool> = report.predictions.iter().filter_map(|p| p.correct).collect();
    if report.predictions.is_empty() {
        return nothing();
    }
    let right = known.iter().filter(|right| **right).count();
    html! {
        (lead(&format!("{right} of {} answers were right; the measurements decided.", known.len())))
        (grid::html(&tables::predictions(&report.predictions), "What you said, and what came out"))
        details {
            summary { "What there is to understand" }
            dl.explain { @for one in &report.predictions { dt { (one.ask) } dd { (one.explain) } } }
        }
    }
}

fn compare(report: &Report) -> Markup {
    let Some(compare) = comparison(report) else { return nothing() };
    html! {
        (lead("The same queries, answered by the database and by the cache, over warm and pooled connections on both sides."))
        (advice(&compare.noise))
        @if let Some(ended) = tables::ended(report, "compare") { (lead(&ended)) }
        div.charts { @if let Some(overview) = compare.overview() { @if let Some(drawn) = chart(&overview) { (drawn) } } }
        @if let Some(table) = tables::measured(report, "compare") {
            (grid::html(&table, "Milliseconds, and the ratio of the medians with its lowest and highest round"))
        }
        h3 { "The whole distribution" }
        div.charts {
            @for query in &compare.queries {
                @if let Some(drawn) = chart(&query.distribution()) { (drawn) }
            }
        }
    }
}

fn load(report: &Report) -> Markup {
    let Some(load) = load_test(report) else { return nothing() };
    html! {
        (lead("The same question asked by more and more users at once, with the cache and from the database alone."))
        (advice(&load.noise))
        @if let Some(ended) = tables::ended(report, "load") { (lead(&ended)) }
        @if let Some(drawn) = charts(&load.charts()) { (drawn) }
        @if let Some(table) = tables::measured(report, "load") {
            (grid::html(&table, "Stages of the load test, from the database alone and with the cache"))
        }
        @if let Some(table) = tables::opening(report) {
            (grid::html(
                &table,
                "p95 in milliseconds against users; saved: database queries that the cache made unnecessary",
            ))
        }
    }
}

fn lessons(report: &Report) -> Markup {
    html! {
        @if let Some(failover) = failover(report) {
            h3 { "Failover under load" }
            @if let Some(drawn) = charts(&failover.chart()) { (drawn) }
            @if let Some(table) = tables::measured(report, "failover") {
                (grid::html(&table, "What users noticed while the replica was promoted"))
            }
        }
        @for Part { title, table, words } in tables::others(report) {
            h3 { (title) }
            @if let Some(question) = words.first() { (lead(question)) }
            (grid::under_heading(&table, &title))
            @for conclusion in words.iter().skip(1) { p { (conclusion) } }
        }
        @for line in &report.not_understood { p { (line) } }
    }
}

fn built(report: &Report, diagram: Option<&Diagram>) -> Markup {
    let settings = tables::settings(report);
    html! {
        @if report.receipt.is_some() {
            (lead("As it stood at its fullest. All of it has been deleted since."))
        }
        @if let Some(picture) = diagram { (diagram::html(report, picture)) }
        @if let Some(table) = tables::measured(report, "check") {
            (grid::html(&table, "The engines, as the instance reached them"))
        }
        (grid::html(&tables::resources(report), "Everything that was made"))
        @if !settings.is_empty() {
            details {
                summary { "Settings and what was found" }
                (grid::html(&settings, "Settings"))
            }
        }
    }
}

fn course(report: &Report) -> Markup {
    html! {
        (lead("To scale. A step that makes nothing begins where the one before ended, so it includes the reading."))
        (timeline::chart(report))
        (timeline::moments(report))
        details {
            summary { "All steps in a table" }
            (grid::html(&tables::steps(report), "Steps (times in UTC)"))
        }
    }
}

fn cost(report: &Report) -> Markup {
    html! {
        (lead(&tables::cost_words(report)))
        @if let Some(chart) = costs::chart(report) { (chart) }
        (grid::html(&tables::cost(report), "What is billed"))
    }
}

fn receipt(report: &Report) -> Markup {
    html! {
        div.card.receipt.open[report.receipt.is_none()] {
            p style="padding:14px 18px;margin:0;max-width:none" { strong { (tables::receipt_words(report)) } }
        }
        @if let Some(table) = tables::receipt(report) {
            (grid::html(&table, &format!("Receipt of {}", report.session)))
        }
    }
}

fn commands(report: &Report) -> Markup {
    if report.transcript.is_empty() {
        return nothing();
    }
    html! {
        (lead(
            "The AWS CLI line of everything that was done, in order. Secrets and the account's number are variables or \
             commands, so the whole can be copied.",
        ))
        details {
            summary { (report.transcript.len()) " commands" }
            pre tabindex="0" { (script(&report.transcript, &report.session, report.account_region())) }
        }
    }
}
