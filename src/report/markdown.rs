//! The report as Markdown: the same tables, for a wiki or a pull request.

use super::diagram;
use super::grid::{self, code, literal};
use super::tables::{self, Part, comparison};
use crate::ui::text::span;
use recipe_walk_engine::diagram::Diagram;
use recipe_walk_engine::report::Report;
use recipe_walk_engine::shown::visible;
use recipe_walk_engine::transcript::script;
use std::fmt::Write as _;

/// The text; with the recipe's picture, where the recipe is still there.
pub(crate) fn text(report: &Report, picture: Option<&Diagram>) -> String {
    let mut out = format!("# {}\n\n", literal(&report.title));
    let place = if report.sandbox {
        "on the sandbox".to_owned()
    } else {
        format!("AWS account {}, {}", literal(&report.account), literal(&report.region))
    };
    let _ = writeln!(
        out,
        "Session `{}`, {place}, {}, {}. State: {}.\n",
        report.session,
        report.opened_at.strftime("%-d %B %Y, %H:%M UTC"),
        span(report.seconds),
        report.state.word()
    );
    for headline in &report.headlines {
        let _ = writeln!(out, "- **{}** {}", literal(&headline.figure), literal(&headline.label));
    }
    let _ = writeln!(out, "- {}\n", literal(&tables::cost_words(report)));
    if report.sandbox && comparison(report).is_some() {
        out += "Measured on one machine, where no network lies between the parts: these ratios do not carry over to AWS.\n\n";
    }
    let mut section = |title: &str, body: String| {
        if !body.is_empty() {
            let _ = write!(out, "## {title}\n\n{}\n\n", body.trim_end());
        }
    };
    let table = |kind: &str| tables::measured(report, kind).map(|t| grid::markdown(&t)).unwrap_or_default();
    section("Predictions against results", grid::markdown(&tables::predictions(&report.predictions)));
    let ended = |kind: &str| {
        tables::ended(report, kind).map_or_else(String::new, |what| format!("\n\n{}", literal(&what)))
    };
    section("With and without the cache", table("compare") + &ended("compare"));
    let opening = tables::opening(report).map_or_else(String::new, |t| {
        format!("\n\np95 in milliseconds against users:\n\n{}", grid::markdown(&t))
    });
    section("When many ask at once", table("load") + &opening + &ended("load"));
    section("Failover under load", table("failover"));
    for Part { title, table, words } in tables::others(report) {
        section(&literal(&title), format!("{}\n{}", grid::markdown(&table), paragraphs(&words)));
    }
    section("Not understood", paragraphs(&report.not_understood));
    section(
        "What was built",
        format!(
            "{}{}",
            picture.map(|p| diagram::text(report, p)).unwrap_or_default(),
            grid::markdown(&tables::resources(report))
        ),
    );
    section("Timeline", grid::markdown(&tables::steps(report)));
    section("Cost", grid::markdown(&tables::cost(report)));
    let receipt = tables::receipt(report).map(|t| grid::markdown(&t)).unwrap_or_default();
    section("Clean-up receipt", format!("{}\n\n{receipt}", tables::receipt_words(report)));
    if !report.transcript.is_empty() {
        let commands = script(&report.transcript, &report.session, report.account_region());
        section("CLI transcript", code("sh", &commands));
    }
    visible(out.trim_end()).into_owned() + "\n"
}

fn paragraphs(texts: &[String]) -> String {
    texts.iter().map(|text| literal(text)).collect::<Vec<_>>().join("\n\n")
}
