//! The recipe's picture: drawn in layers, each of which appears with the step that makes what it shows.

use crate::recipe::Recipe;
use crate::state::State;
use serde::Deserialize;
use std::collections::BTreeSet;

/// File of a recipe that holds it.
pub const FILE: &str = "diagram.toml";

/// Columns and rows of a picture.
const WIDEST: usize = 500;
const TALLEST: usize = 500;

/// The picture, for several widths.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Diagram {
    /// The same picture for terminals of different width.
    #[serde(rename = "picture")]
    pub pictures: Vec<Picture>,
    /// The same in words.
    #[serde(default, rename = "part")]
    pub parts: Vec<Part>,
}

/// The picture for one width.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Picture {
    /// Columns that it needs.
    pub width: usize,
    /// Its layers, from the bottom up.
    #[serde(rename = "layer")]
    pub layers: Vec<Layer>,
}

/// What one step adds.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Layer {
    /// The step that makes it.
    pub step: String,
    /// The step after which it is usable, where that is another one.
    #[serde(default)]
    pub ready: Option<String>,
    /// First row, from zero.
    pub row: usize,
    /// First column, from zero.
    pub column: usize,
    /// What is drawn there; spaces let through what is below.
    pub text: String,
}

/// What one step adds, in words.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// The step that makes it.
    pub step: String,
    /// The step after which it is usable, where that is another one.
    #[serde(default)]
    pub ready: Option<String>,
    /// What a person calls it.
    pub says: String,
}

/// How a piece is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ink {
    /// It is there.
    Solid,
    /// It comes next, or is on its way.
    Dashed,
}

/// A piece of a line, all in one ink; gaps between pieces are solid spaces.
pub type Run = (String, Ink);

/// How what a step makes is drawn: solid once it is there, dashed while it is being made or comes next, not at all before.
pub fn ink(made_by: &str, ready: Option<&str>, state: &State, current: &str) -> Option<Ink> {
    let done = |step: &str| state.verified.contains_key(step);
    if done(made_by) && ready.is_none_or(done) {
        return Some(Ink::Solid);
    }
    (done(made_by) || made_by == current).then_some(Ink::Dashed)
}

impl Diagram {
    /// The picture for a terminal of this width as lines, without blanks at their ends; empty where none fits.
    pub fn draw(&self, width: usize, ink: impl Fn(&Layer) -> Option<Ink>) -> Vec<Vec<Run>> {
        let fitting = self.pictures.iter().filter(|p| p.width <= width).max_by_key(|p| p.width);
        let mut canvas: Vec<Vec<(char, Ink)>> = Vec::new();
        for (layer, ink) in fitting.into_iter().flat_map(|p| &p.layers).filter_map(|l| Some((l, ink(l)?))) {
            for (row, line) in layer.text.lines().enumerate() {
                let row = layer.row + row;
                while canvas.len() <= row {
                    canvas.push(Vec::new());
                }
                for (column, c) in line.chars().enumerate().filter(|(_, c)| *c != ' ') {
                    let (cells, column) = (&mut canvas[row], layer.column + column);
                    while cells.len() <= column {
                        cells.push((' ', Ink::Solid));
                    }
                    cells[column] = (if ink == Ink::Dashed { dashed(c) } else { c }, ink);
                }
            }
        }
        canvas.into_iter().skip_while(Vec::is_empty).map(runs).collect()
    }

    /// What is there and what comes next, in words.
    pub fn words(&self, ink: impl Fn(&Part) -> Option<Ink>) -> (Vec<&str>, Vec<&str>) {
        let of = |wanted| {
            self.parts.iter().filter(|p| ink(p) == Some(wanted)).map(|p| p.says.as_str()).collect::<Vec<_>>()
        };
        (of(Ink::Solid), of(Ink::Dashed))
    }

    /// What is wrong with it, for the lint.
    pub(crate) fn faults(&self, recipe: &Recipe) -> Vec<String> {
        let mut faults = Vec::new();
        let steps: BTreeSet<&str> = recipe.steps.iter().map(|s| s.id.as_str()).collect();
        let known = |step: &str| steps.contains(step);
        for picture in &self.pictures {
            for layer in &picture.layers {
                for step in std::iter::once(&layer.step).chain(&layer.ready).filter(|s| !known(s)) {
                    faults.push(format!("a layer names '{step}', which is no step"));
                }
                let widest = layer.text.lines().map(|l| l.chars().count()).max().unwrap_or(0);
                let columns = layer.column.saturating_add(widest);
                if columns > picture.width.min(WIDEST) {
                    faults.push(format!(
                        "the layer of '{}' needs {columns} columns in a picture of {}, of at most {WIDEST}",
                        layer.step, picture.width
                    ));
                }
                let rows = layer.row.saturating_add(layer.text.lines().count());
                if rows > TALLEST {
                    let step = &layer.step;
                    faults.push(format!("the layer of '{step}' needs {rows} rows, of at most {TALLEST}"));
                }
                if !layer.text.chars().all(narrow) {
                    faults.push(format!(
                        "the layer of '{}' has a character that is not one column wide",
                        layer.step
                    ));
                }
            }
        }
        let named = self.parts.iter().flat_map(|p| std::iter::once(&p.step).chain(&p.ready));
        for step in named.filter(|s| !known(s)) {
            faults.push(format!("a part names '{step}', which is no step"));
        }
        faults
    }
}

/// Whether a character is one column wide on every terminal, or ends a line.
fn narrow(c: char) -> bool {
    c == '\n'
        || c == ' '
        || c.is_ascii_graphic()
        || ('\u{2500}'..='\u{257f}').contains(&c)
        || "►◄▲▼".contains(c)
}

/// The same stroke with gaps.
fn dashed(c: char) -> char {
    match c {
        '─' => '╌',
        '│' => '╎',
        other => other,
    }
}

fn runs(cells: Vec<(char, Ink)>) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for (c, ink) in cells {
        match runs.last_mut() {
            Some((text, last)) if *last == ink => text.push(c),
            _ => runs.push((c.to_string(), ink)),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "[[picture]]\nwidth = 10\n[[picture.layer]]\nstep = \"a\"\nrow = 0\ncolumn = 0\ntext = \"┌──┐\\n│  │\\n└──┘\"\n\
             [[picture.layer]]\nstep = \"b\"\nrow = 1\ncolumn = 1\ntext = \"─x\"\n[[part]]\nstep = \"a\"\nsays = \"a box\"\n";

    fn diagram() -> Diagram {
        toml::from_str(TEXT).expect("parses")
    }

    fn text(lines: &[Vec<Run>]) -> Vec<String> {
        lines.iter().map(|line| line.iter().map(|(text, _)| text.as_str()).collect()).collect()
    }

    #[test]
    fn a_picture_beyond_every_terminal_is_refused() {
        let recipe = crate::lint::tests::second();
        for (old, new, part) in [
            ("row = 1", "row = 4000000000", "needs 4000000001 rows"),
            ("column = 1", "column = 9223372036854775807", "columns in a picture of 10"),
            ("row = 0", "row = 499", "needs 502 rows"),
        ] {
            let text = TEXT.replace(old, new);
            let faults = toml::from_str::<Diagram>(&text).expect("parses").faults(&recipe);
            assert!(faults.iter().any(|fault| fault.contains(part)), "{faults:?}");
        }
    }

    #[test]
    fn present_is_solid_next_is_dashed_later_is_not_drawn() {
        let d = diagram();
        let first = d.draw(80, |l| (l.step == "a").then_some(Ink::Dashed));
        assert_eq!(text(&first), ["┌╌╌┐", "╎  ╎", "└╌╌┘"]);
        let second = d.draw(10, |l| Some(if l.step == "a" { Ink::Solid } else { Ink::Dashed }));
        assert_eq!(text(&second), ["┌──┐", "│╌x│", "└──┘"]);
        assert_eq!(
            second[1].iter().map(|(_, ink)| *ink).collect::<Vec<_>>(),
            [Ink::Solid, Ink::Dashed, Ink::Solid]
        );
        assert!(d.draw(9, |_| Some(Ink::Solid)).is_empty());
        assert_eq!(d.words(|_| Some(Ink::Solid)), (vec!["a box"], vec![]));
    }
}
