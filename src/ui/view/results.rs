//! What the demo measured: its tables and its words. What is not understood is said, and none of its figures is shown.

use crate::ui::Terminal;
use crate::ui::style::Paint;
use crate::ui::table::Table;
use crate::ui::text::wrap;
use recipe_walk_measurements::chart::histogram;
use recipe_walk_measurements::format::sentence;
use recipe_walk_measurements::result::{Compare, Experiment, Load};
use recipe_walk_measurements::table::{Cell, Table as Data};
use recipe_walk_measurements::{Measurement, Noise, plain_table, read_any};
use serde_json::Value;

/// The longest bar of a histogram.
const LONGEST: usize = 40;

impl Terminal {
    /// Shows one result, with what it means.
    pub(crate) fn result(&self, kind: &str, result: &Value, sandbox: bool) {
        let Some(measurement) = self.figures_of(kind, result) else { return };
        match &measurement {
            Measurement::Compare(_) => self.prose(Compare::ABOUT),
            Measurement::Load(load) => {
                self.prose(Load::ABOUT);
                self.load_details(load);
            }
            _ => {}
        }
        let noise = measurement.noise().map(Noise::words).unwrap_or_default();
        for line in noise.into_iter().chain(measurement.ended()) {
            self.warn_of(&line);
        }
        if matches!(measurement, Measurement::Compare(_) | Measurement::Load(_)) {
            self.caution(sandbox);
        }
    }

    /// Shows the figures of one result alone.
    pub(crate) fn figures(&self, kind: &str, result: &Value) {
        self.figures_of(kind, result);
    }

    /// Says how far figures carry.
    pub(crate) fn caution(&self, sandbox: bool) {
        if sandbox {
            self.prose(
                "Measured on the sandbox, where no network lies between the parts: these ratios do not carry over to \
                 AWS.",
            );
        }
    }

    /// Shows the figures of a result; answers with it where it is of a kind that is known.
    fn figures_of(&self, kind: &str, result: &Value) -> Option<Measurement> {
        match read_any(kind, result) {
            Ok(Some(measurement)) => {
                self.measurement(&measurement);
                return Some(measurement);
            }
            Ok(None) => self.table(&plain_table(result)),
            Err(why) => self.warn_of(&sentence(&format!("{why}."))),
        }
        None
    }

    fn measurement(&self, measurement: &Measurement) {
        match measurement {
            Measurement::LoadData(data) => {
                let sentence = format!("  {}", data.sentence());
                self.lines(&wrap(&sentence, self.style().width, "  ").join("\n"));
            }
            Measurement::Compare(compare) if self.style().plain => self.compared(compare),
            Measurement::Load(load) => self.load(load),
            other => match other.experiment() {
                Some(experiment) => self.experiment(experiment),
                None => other.table().iter().for_each(|table| self.table(table)),
            },
        }
    }

    fn table(&self, table: &Data) {
        self.lines(&Table::drawn(table, self.style()).render(self.style()));
    }

    /// A comparison as sentences.
    fn compared(&self, compare: &Compare) {
        for query in &compare.queries {
            self.say(&format!("{}:", query.name()));
            for line in query.lines() {
                self.say(&format!("  {line}"));
            }
        }
    }

    fn load(&self, load: &Load) {
        self.table(&load.sides());
        self.prose(
            "The opening problem: what 95 of 100 answers take at most (p95, milliseconds), against users.",
        );
        let opening = load.opening().fitted(self.style().width, !self.style().plain);
        self.table(&opening);
        if opening.rows.iter().flatten().any(|cell| matches!(cell, Cell::Marks(_))) {
            self.prose("Over time: requests in each tenth of a stage, one mark each.");
        }
    }

    /// Its histograms, and its errors by what they said.
    fn load_details(&self, load: &Load) {
        let style = self.style();
        let mark = if style.unicode { '■' } else { '#' };
        for (title, bars) in load.histograms() {
            self.say(&title);
            let room = style.width.saturating_sub(34).min(LONGEST);
            self.lines(&histogram(bars, room, (!style.plain).then_some(mark)));
        }
        for line in load.errors() {
            self.warn_of(&line);
        }
    }

    /// An experiment: its question, its cases side by side, and what can be read from them.
    fn experiment(&self, experiment: &Experiment) {
        self.prose(&experiment.question);
        let table = experiment.table();
        if !table.rows.is_empty() {
            self.table(&table);
        }
        for conclusion in &experiment.conclusions {
            self.prose(conclusion);
        }
    }

    fn warn_of(&self, line: &str) {
        let text = wrap(line, self.style().width - 2, "").join("\n  ");
        self.lines(&self.style.paint(Paint::Warning, &text));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::style::Style;
    use recipe_walk_measurements::{Kind, sample};
    use unicode_width::UnicodeWidthStr as _;

    #[test]
    fn every_table_fits_every_width() {
        for kind in Kind::ALL {
            let measurement = Measurement::read(kind.name(), &sample(kind)).expect("a sample");
            let opening = match &measurement {
                Measurement::Load(load) => Some(load.opening()),
                _ => None,
            };
            for data in measurement.table().into_iter().chain(opening) {
                for (width, unicode) in [(60, true), (80, true), (80, false), (120, true)] {
                    let style = Style { unicode, width, ..Style::default() };
                    let text = Table::drawn(&data, style).render(style);
                    assert!(text.lines().all(|l| l.width() <= width), "{kind} {width}: {text}");
                    assert!(unicode || text.is_ascii(), "{kind}: {text}");
                }
            }
        }
    }

    #[test]
    fn marks_are_drawn_for_those_who_look() {
        let Ok(Measurement::Load(load)) = Measurement::read("load", &sample(Kind::Load)) else {
            panic!("a sample");
        };
        let drawn = |style: Style| Table::drawn(&load.opening(), style).render(style);
        let wide = Style { unicode: true, width: 80, ..Style::default() };
        assert!(drawn(wide).contains('█'), "{}", drawn(wide));
        assert!(!drawn(Style { width: 60, ..wide }).contains('█'));
        assert!(!drawn(Style { plain: true, ..wide }).contains('█'));
    }
}
