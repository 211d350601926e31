//! The tables of a report, for every form it has.

use crate::ui::style::Style;
use crate::ui::table::Table;
use crate::ui::text::{about, cell, span, unpriced};
use crate::ui::view::receipt;
use recipe_walk_engine::amount::Amount;
use recipe_walk_engine::receipt::REBUILT;
use recipe_walk_engine::report::{Prediction, Report, StepState};
use recipe_walk_measurements::format::{sentence, short};
use recipe_walk_measurements::result::{Compare, Failover, Load};
use recipe_walk_measurements::table::Table as Data;
use recipe_walk_measurements::{Measurement, Noise, plain_table};

/// One table with what is said about it.
pub(super) struct Part {
    /// Its heading.
    pub(super) title: String,
    /// The table.
    pub(super) table: Table,
    /// What can be read from it.
    pub(super) words: Vec<String>,
}

/// Kinds of results that have sections of their own.
const OWN: [&str; 5] = ["check", "load-data", "compare", "load", "failover"];

/// The comparison, where there is one.
pub(super) fn comparison(report: &Report) -> Option<&Compare> {
    match report.measured.get("compare")? {
        Measurement::Compare(compare) => Some(compare),
        _ => None,
    }
}

/// The load test, where there is one.
pub(super) fn load_test(report: &Report) -> Option<&Load> {
    match report.measured.get("load")? {
        Measurement::Load(load) => Some(load),
        _ => None,
    }
}

/// The failover, where there was one.
pub(super) fn failover(report: &Report) -> Option<&Failover> {
    match report.measured.get("failover")? {
        Measurement::Failover(failover) => Some(failover),
        _ => None,
    }
}

/// A table of figures as a page has it: all columns, and no marks.
fn drawn(data: &Data) -> Table {
    Table::drawn(data, Style { plain: true, width: usize::MAX, ..Style::default() })
}

/// The main table of a result.
pub(super) fn measured(report: &Report, kind: &str) -> Option<Table> {
    report.measured.get(kind)?.table().as_ref().map(drawn)
}

/// The load test's p95 against users.
pub(super) fn opening(report: &Report) -> Option<Table> {
    Some(drawn(&load_test(report)?.opening())).filter(|t| !t.is_empty())
}

/// What ended a measurement early.
pub(super) fn ended(report: &Report, kind: &str) -> Option<String> {
    report.measured.get(kind)?.ended()
}

/// Everything else that was measured: patterns and experiments, in the order of the recipe's steps.
pub(super) fn others(report: &Report) -> Vec<Part> {
    let order = |kind: &str| report.steps.iter().position(|s| s.id == kind).unwrap_or(usize::MAX);
    let mut kinds: Vec<(&String, &Measurement)> =
        report.measured.iter().filter(|(kind, _)| !OWN.contains(&kind.as_str())).collect();
    kinds.sort_by_key(|(kind, _)| order(kind));
    let title = |kind: &str| {
        let step = report.steps.iter().find(|s| s.id == kind);
        step.map_or_else(|| sentence(kind), |s| s.title.clone())
    };
    let own = report.own_results.iter().map(|(kind, result)| Part {
        title: title(kind),
        table: drawn(&plain_table(result)),
        words: Vec::new(),
    });
    kinds
        .into_iter()
        .filter_map(|(kind, measurement)| {
            let table = drawn(&measurement.table()?);
            let experiment = measurement.experiment();
            let question = experiment.map(|one| one.question.clone());
            let conclusions = experiment.into_iter().flat_map(|one| one.conclusions.clone());
            let noise = measurement.noise().map(Noise::words).unwrap_or_default();
            let words = question.into_iter().chain(conclusions).chain(noise).chain(measurement.ended());
            Some(Part { title: title(kind), table, words: words.collect() })
        })
        .chain(own)
        .collect()
}

/// What was predicted, and what came out.
pub(crate) fn predictions(said: &[Prediction]) -> Table {
    let mut table = Table::new(&["Question", "You said", "It is", "Measured>"]);
    for one in said {
        let right = match (one.correct, &one.right) {
            (Some(true), _) => "right".to_owned(),
            (_, Some(right)) => right.clone(),
            (_, None) => "not measured".to_owned(),
        };
        let figure = one.figure.map_or("-".to_owned(), |f| format!("{} {}", short(f), one.unit));
        table.row([one.ask.clone(), one.said.clone(), right, figure]);
    }
    table
}

/// What was made.
pub(super) fn resources(report: &Report) -> Table {
    let mut table = Table::new(&["Resource", "Id", "State", "Lived>"]);
    for line in &report.resources {
        let state = if line.gone_at.is_some() {
            "deleted".to_owned()
        } else if line.remains {
            "there".to_owned()
        } else {
            format!("{:?}", line.status).to_lowercase()
        };
        let id = line.id.as_deref().filter(|id| !line.what.contains(id)).unwrap_or("-");
        table.row([line.what.clone(), id.to_owned(), state, span(line.lived_seconds)]);
    }
    table
}

/// What was found out and chosen.
pub(super) fn settings(report: &Report) -> Table {
    let mut table = Table::new(&["Setting", "Value"]);
    for (key, value) in &report.settings {
        // A recipe that is not at hand gives no names.
        let name = report.setting_names.get(key).cloned().unwrap_or_else(|| key.replace('_', " "));
        table.row([sentence(&name), value.clone()]);
    }
    for (label, value) in &report.facts {
        table.row([label.clone(), value.clone()]);
    }
    table
}

/// The steps with their times.
pub(super) fn steps(report: &Report) -> Table {
    let mut table = Table::new(&["Step", "Phase", "State", "Done at", "Took>"]);
    for step in &report.steps {
        let state = match (step.state, &step.reason) {
            (StepState::Done, _) => "done".to_owned(),
            (StepState::LeftOut, Some(reason)) => format!("left out: {reason}"),
            (StepState::LeftOut, _) => "left out".to_owned(),
            (StepState::Open, _) => "open".to_owned(),
        };
        table.row([
            step.title.clone(),
            step.phase.clone(),
            state,
            step.done_at.map_or("-".to_owned(), |at| at.strftime("%H:%M:%S").to_string()),
            step.seconds.map_or("-".to_owned(), span),
        ]);
    }
    table
}

/// What it cost: only what is billed.
pub(super) fn cost(report: &Report) -> Table {
    let mut table = Table::new(&["Resource", "An hour>", "Lived>", "Cost (estimate)>"]);
    for line in report.resources.iter().filter(|l| !l.an_hour.is_nothing()) {
        table.row([line.what.clone(), cell(&line.an_hour), span(line.lived_seconds), cell(&line.cost)]);
    }
    if !table.is_empty() {
        let rate: Amount = report.resources.iter().map(|l| l.an_hour.clone()).sum();
        table.row(["Together".to_owned(), cell(&rate), String::new(), cell(&report.cost.so_far)]);
    }
    table
}

/// What the cost means.
pub(super) fn cost_words(report: &Report) -> String {
    let prices = &report.cost.prices;
    let mut words = if report.sandbox {
        format!(
            "It ran on the sandbox and cost nothing. AWS would have billed {} ({prices}; an estimate, a cache by \
             the full hour).",
            about(&report.cost.so_far)
        )
    } else if !report.cost.an_hour.is_nothing() {
        format!(
            "So far {}, and {} for every further hour until the clean-up ({prices}; an estimate).",
            about(&report.cost.so_far),
            cell(&report.cost.an_hour)
        )
    } else {
        format!("In all {} ({prices}; an estimate).", about(&report.cost.so_far))
    };
    if let Some(told) = unpriced(&report.cost.so_far) {
        words = format!("{words} {told}");
    }
    if report.cost.rebuilt {
        words = format!("{words} {REBUILT}");
    }
    words
}

/// The receipt.
pub(super) fn receipt(report: &Report) -> Option<Table> {
    report.receipt.as_ref().map(receipt::table).filter(|t| !t.is_empty())
}

/// What the clean-up came to.
pub(super) fn receipt_words(report: &Report) -> String {
    if report.receipt.is_some() {
        return "Everything that the session made is deleted, and an independent sweep by tag and by name found nothing \
                left."
            .into();
    }
    let there = report.resources.iter().filter(|r| r.remains).count();
    format!(
        "Not cleaned up yet: {there} things may still be there. Delete them with: recipe-walk cleanup {}",
        report.session
    )
}
