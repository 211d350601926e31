//! The recipe's own picture, with what this session has really made drawn solid and the rest dashed.

use maud::{Markup, html};
use recipe_walk_engine::diagram::{Diagram, Ink, Run};
use recipe_walk_engine::report::{Report, StepState};

/// Columns of the picture in Markdown and on a wide page: those of a terminal.
const COLUMNS: usize = 80;

/// Columns of the picture on a phone.
const NARROW: usize = 60;

fn ink(report: &Report, step: &str, ready: Option<&str>) -> Ink {
    let done = |step: &str| report.steps.iter().any(|s| s.id == step && s.state == StepState::Done);
    if done(step) && ready.is_none_or(done) { Ink::Solid } else { Ink::Dashed }
}

fn lines(report: &Report, diagram: &Diagram, columns: usize) -> Vec<Vec<Run>> {
    diagram.draw(columns, |layer| Some(ink(report, &layer.step, layer.ready.as_deref())))
}

/// What stands below the picture where a part of it is dashed.
fn rest(lines: &[Vec<Run>]) -> Option<&'static str> {
    lines
        .iter()
        .flatten()
        .any(|(_, ink)| *ink == Ink::Dashed)
        .then_some("Dashed: what this session has not made.")
}

/// The picture as a block of Markdown; empty where the recipe has none.
pub(super) fn text(report: &Report, diagram: &Diagram) -> String {
    let lines = lines(report, diagram, COLUMNS);
    if lines.is_empty() {
        return String::new();
    }
    let mut picture = String::new();
    for line in &lines {
        picture.extend(line.iter().map(|(text, _)| text.as_str()));
        picture.push('\n');
    }
    let mut out = super::grid::code("text", &picture) + "\n\n";
    if let Some(rest) = rest(&lines) {
        out += rest;
        out += "\n\n";
    }
    out
}

/// The picture for a page, in a wide and a narrow form, and in words for those who do not see it; nothing where the recipe has
/// none.
pub(super) fn html(report: &Report, diagram: &Diagram) -> Markup {
    let wide = lines(report, diagram, COLUMNS);
    if wide.is_empty() {
        return Markup::default();
    }
    let (made, open) = diagram.words(|part| Some(ink(report, &part.step, part.ready.as_deref())));
    let said = [("Made", made), ("Not made", open)].into_iter().filter(|(_, parts)| !parts.is_empty());
    let said: Vec<String> = said.map(|(head, parts)| format!("{head}: {}.", parts.join("; "))).collect();
    html! {
        div.card.arch role="img" aria-label=(said.join(" ")) {
            (drawing("wide", &wide))
            (drawing("narrow", &lines(report, diagram, NARROW)))
            @if let Some(rest) = rest(&wide) { small { (rest) } }
        }
    }
}

fn drawing(class: &str, lines: &[Vec<Run>]) -> Markup {
    html! {
        pre class=(class) aria-hidden="true" {
            @for line in lines {
                @for (text, ink) in line {
                    @match ink {
                        Ink::Solid => (text),
                        Ink::Dashed => span { (text) },
                    }
                }
                "\n"
            }
        }
    }
}
