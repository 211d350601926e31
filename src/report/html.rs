//! The page: one file, without a reference to anything outside, readable on a phone, in the dark and on paper.

use super::chart::{Safe, capital};
use super::tables::{self, Part};
use super::{costs, diagram, grid, plots, timeline};
use crate::ui::text::{dollars, span};
use recipe_walk_engine::report::Report;
use recipe_walk_engine::transcript::script;
use std::fmt::Write as _;

/// Style sheet and frame.
const TEMPLATE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/report.html"));

struct Section {
    id: &'static str,
    /// In the list at the top.
    short: &'static str,
    title: &'static str,
    body: String,
}

/// The page.
pub(crate) fn page(report: &Report) -> String {
    let sections: Vec<Section> = [
        predicted(report),
        compare(report),
        load(report),
        lessons(report),
        built(report),
        course(report),
        cost(report),
        receipt(report),
        commands(report),
    ]
    .into_iter()
    .filter(|s| !s.body.is_empty())
    .collect();
    let mut body = String::from(r#"<div class="wrap">"#);
    body += &header(report);
    body += r#"<nav aria-label="Sections"><ul>"#;
    for section in &sections {
        let _ = write!(body, r##"<li><a href="#{}">{}</a></li>"##, section.id, section.short);
    }
    body += r#"</ul></nav><main id="main">"#;
    for section in &sections {
        let _ = write!(
            body,
            r#"<section id="{0}" aria-labelledby="{0}-title"><h2 id="{0}-title">{1}</h2>{2}</section>"#,
            section.id, section.title, section.body
        );
    }
    body += "</main>";
    body += &footer(report);
    body += "</div>";
    let title = format!("{}: report of session {}", report.title, report.session);
    TEMPLATE.replace("{{title}}", &Safe(&title).to_string()).replace("{{body}}", &body)
}

fn header(report: &Report) -> String {
    let mut meta = vec![
        format!("Session <code>{}</code>", Safe(&report.session)),
        if report.sandbox {
            "on the sandbox".to_owned()
        } else {
            format!("AWS account {}, {}", Safe(&report.account), Safe(&report.region))
        },
    ];
    let people = [report.owner.as_str(), report.cohort.as_str()];
    let people: Vec<&str> = people.into_iter().filter(|p| !p.is_empty()).collect();
    if !people.is_empty() {
        meta.push(Safe(&people.join(", ")).to_string());
    }
    meta.push(format!(
        r#"<time datetime="{}">{}</time>"#,
        report.opened_at,
        report.opened_at.strftime("%-d %B %Y, %H:%M UTC")
    ));
    meta.push(state(report));
    let items: Vec<String> = meta.iter().map(|m| format!("<li>{m}</li>")).collect();
    let mut out = format!(
        r#"<header><p class="kicker">recipe-walk report</p><h1>{}</h1><ul class="meta">{}</ul>"#,
        Safe(&report.title),
        items.concat()
    );
    let mut heads: Vec<(String, String)> =
        report.headlines.iter().map(|h| (h.figure.clone(), h.label.clone())).collect();
    heads.push((span(report.seconds), "from the first call to the last one".into()));
    heads.push(if report.sandbox {
        ("$0".into(), format!("on the sandbox; on AWS about {}", dollars(report.cost.so_far)))
    } else {
        (dollars(report.cost.so_far), "estimated cost".into())
    });
    out += r#"<dl class="heads">"#;
    for (figure, label) in heads {
        let _ = write!(out, "<div><dt>{}</dt><dd>{}</dd></div>", Safe(&label), Safe(&figure));
    }
    out += "</dl>";
    if report.sandbox && report.comparison.is_some() {
        out += r#"<p class="lead" style="margin-top:18px">Measured on one machine, where no network lies between the parts: real engines, but these ratios do not carry over to AWS.</p>"#;
    }
    out + "</header>"
}

fn state(report: &Report) -> String {
    let (class, word) = match report.state {
        "closed" => ("good", "cleaned up, nothing left"),
        "cleaning-up" => ("warn", "clean-up not finished"),
        "walked" => ("warn", "walked, still there"),
        _ => ("warn", "under way"),
    };
    format!(r#"<span class="pill {class}">{word}</span>"#)
}

fn lead(text: &str) -> String {
    format!(r#"<p class="lead">{}</p>"#, Safe(text))
}

fn advice(noisy: bool, advice: &[String]) -> String {
    // A busy machine is worth a word also where the figures came out even.
    if !noisy && advice.is_empty() {
        return String::new();
    }
    let noisy = if noisy {
        "<p><strong>The measurement was noisy: take the ratios with care.</strong></p>"
    } else {
        ""
    };
    let lines: Vec<String> =
        advice.iter().map(|line| format!("<p>{}.</p>", Safe(capital(line).trim_end_matches('.')))).collect();
    format!(r#"<div class="note" role="note">{noisy}{}</div>"#, lines.concat())
}

fn predicted(report: &Report) -> Section {
    let mut body = String::new();
    let known: Vec<bool> = report.predictions.iter().filter_map(|p| p.correct).collect();
    if !report.predictions.is_empty() {
        let right = known.iter().filter(|right| **right).count();
        body += &lead(&format!("{right} of {} answers were right; the measurements decided.", known.len()));
        body += &grid::html(&tables::predictions(&report.predictions), "What you said, and what came out");
        body += "<details><summary>What there is to understand</summary><dl class=\"explain\">";
        for one in &report.predictions {
            let _ = write!(body, "<dt>{}</dt><dd>{}</dd>", Safe(&one.ask), Safe(&one.explain));
        }
        body += "</dl></details>";
    }
    Section { id: "predictions", short: "Predictions", title: "What you predicted", body }
}

fn compare(report: &Report) -> Section {
    let mut body = String::new();
    if let Some(comparison) = &report.comparison {
        body += &lead(
            "The same queries, answered by the database and by the cache, over warm and pooled connections on both sides.",
        );
        body += &advice(comparison.noise.noisy, &comparison.noise.advice);
        body += &tables::ended(report, "compare").map_or_else(String::new, |ended| lead(&ended));
        body += r#"<div class="charts">"#;
        body += &plots::comparison(comparison);
        body += "</div>";
        if let Some(table) = tables::measured(report, "compare") {
            body += &grid::html(
                &table,
                "Milliseconds, and the ratio of the medians with its lowest and highest round",
            );
        }
        body += r#"<h3>The whole distribution</h3><div class="charts">"#;
        for query in &comparison.queries {
            body += &plots::distribution(query);
        }
        body += "</div>";
    }
    Section { id: "compare", short: "Comparison", title: "With and without the cache", body }
}

fn load(report: &Report) -> Section {
    let mut body = String::new();
    if let Some(load) = &report.load {
        body += &lead(
            "The same question asked by more and more users at once, with the cache and from the database alone.",
        );
        body += &advice(load.noise.noisy, &load.noise.advice);
        body += &tables::ended(report, "load").map_or_else(String::new, |ended| lead(&ended));
        let charts = plots::load(load);
        if !charts.is_empty() {
            let _ = write!(body, r#"<div class="charts">{charts}</div>"#);
        }
        if let Some(table) = tables::measured(report, "load") {
            body +=
                &grid::html(&table, "Stages of the load test, from the database alone and with the cache");
        }
        if let Some(table) = tables::opening(report) {
            body += &grid::html(
                &table,
                "p95 in milliseconds against users; saved: database queries that the cache made unnecessary",
            );
        }
    }
    Section { id: "load", short: "Load", title: "When many ask at once", body }
}

fn lessons(report: &Report) -> Section {
    let mut body = String::new();
    if let Some(result) = report.measured.get("failover") {
        body += "<h3>Failover under load</h3>";
        let chart = plots::failover(result);
        if !chart.is_empty() {
            let _ = write!(body, r#"<div class="charts">{chart}</div>"#);
        }
        if let Some(table) = tables::measured(report, "failover") {
            body += &grid::html(&table, "What users noticed while the replica was promoted");
        }
    }
    for Part { title, table, words } in tables::others(report) {
        let _ = write!(body, "<h3>{}</h3>", Safe(&title));
        let mut words = words.iter();
        if let Some(question) = words.next() {
            body += &lead(question);
        }
        body += &grid::under_heading(&table, &title);
        for conclusion in words {
            let _ = write!(body, "<p>{}</p>", Safe(conclusion));
        }
    }
    Section { id: "patterns", short: "Patterns", title: "Patterns and experiments", body }
}

fn built(report: &Report) -> Section {
    let mut body = lead(if report.receipt.is_some() {
        "As it stood at its fullest. All of it has been deleted since."
    } else {
        "Solid: made. Dashed: not made."
    });
    body += &diagram::html(report);
    if let Some(table) = tables::measured(report, "check") {
        body += &grid::html(&table, "The engines, as the instance reached them");
    }
    body += &grid::html(&tables::resources(report), "Everything that was made");
    let settings = tables::settings(report);
    if !settings.is_empty() {
        let _ = write!(
            body,
            "<details><summary>Settings and what was found</summary>{}</details>",
            grid::html(&settings, "Settings")
        );
    }
    Section { id: "built", short: "What was built", title: "What was built", body }
}

fn course(report: &Report) -> Section {
    let mut body = lead(
        "To scale. A step that makes nothing begins where the one before ended, so it includes the reading.",
    );
    body += &timeline::html(report);
    body += &timeline::moments(report);
    let _ = write!(
        body,
        "<details><summary>All steps in a table</summary>{}</details>",
        grid::html(&tables::steps(report), "Steps (times in UTC)")
    );
    Section { id: "timeline", short: "Timeline", title: "Timeline", body }
}

fn cost(report: &Report) -> Section {
    let body = lead(&tables::cost_words(report))
        + &costs::html(report)
        + &grid::html(&tables::cost(report), "What is billed");
    Section { id: "cost", short: "Cost", title: "Cost", body }
}

fn receipt(report: &Report) -> Section {
    let open = if report.receipt.is_some() { "" } else { " open" };
    let mut body = format!(
        r#"<div class="card receipt{open}"><p style="padding:14px 18px;margin:0;max-width:none"><strong>{}</strong></p></div>"#,
        Safe(&tables::receipt_words(report))
    );
    if let Some(table) = tables::receipt(report) {
        body += &grid::html(&table, &format!("Receipt of {}", report.session));
    }
    Section { id: "receipt", short: "Receipt", title: "Clean-up receipt", body }
}

fn commands(report: &Report) -> Section {
    let mut body = String::new();
    if !report.transcript.is_empty() {
        body += &lead(
            "The AWS CLI line of everything that was done, in order. Secrets and the account's number are variables or \
             commands, so the whole can be copied.",
        );
        let text = script(&report.transcript, &report.session, report.account_region());
        let _ = write!(
            body,
            r#"<details><summary>{} commands</summary><pre tabindex="0">{}</pre></details>"#,
            report.transcript.len(),
            Safe(&text)
        );
    }
    Section { id: "transcript", short: "Transcript", title: "CLI transcript", body }
}

fn footer(report: &Report) -> String {
    format!(
        "<footer><p>Written by recipe-walk {} on {} from the session’s journal. Redacted: no secrets, the account’s number \
         masked. Percentiles come from histograms of every request; a ratio is that of medians. Costs are estimates ({}), \
         never a bill.</p></footer>",
        env!("CARGO_PKG_VERSION"),
        report.written_at.strftime("%-d %B %Y, %H:%M UTC"),
        Safe(&report.cost.prices)
    )
}
