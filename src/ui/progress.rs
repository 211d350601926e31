//! Waiting: moving bars on a terminal, and elsewhere a line on every change and at most every half minute.

use crate::ui::style::{Paint, Style};
use crate::ui::text::{clock, column};
use crate::ui::{Terminal, door};
use indicatif::{ProgressBar, ProgressStyle};
use recipe_walk_engine::guide::Bar;
use recipe_walk_measurements::format::sentence;
use std::fmt::Write as _;
use std::time::Duration;

impl Terminal {
    /// Shows bars as they stand now.
    pub(crate) fn bars(&self, bars: &[Bar]) {
        let style = self.style();
        for bar in bars {
            if style.bars { self.draw(bar) } else { self.report(bar) }
        }
    }

    /// Shows that a call is on its way, for however long: what it makes, and since when.
    pub(crate) fn calling(&self, what: &str) {
        let style = self.style();
        if !style.bars {
            return;
        }
        self.called();
        let ticks = if style.unicode { "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏ " } else { "|/-\\ " };
        let bar = self.bars.add(ProgressBar::new_spinner());
        if let Ok(look) = ProgressStyle::with_template("  {spinner} {msg}  {elapsed}") {
            bar.set_style(look.tick_chars(ticks));
        }
        bar.set_message(door::one_line(&crate::ui::text::clip(what, style.width.saturating_sub(12))));
        bar.enable_steady_tick(Duration::from_millis(100));
        self.shown().calling = Some(bar);
    }

    /// Takes that away.
    pub(crate) fn called(&self) {
        let bar = self.shown().calling.take();
        if let Some(bar) = bar {
            bar.finish_and_clear();
        }
    }

    /// Takes one bar away.
    pub(crate) fn end_bar(&self, name: &str) {
        let mut shown = self.shown();
        shown.said.remove(name);
        shown.latest.remove(name);
        if let Some(bar) = shown.bars.remove(name) {
            bar.finish_and_clear();
        }
    }

    /// Takes all bars away and leaves their last state in the scrollback.
    pub(crate) fn finish_bars(&self) {
        self.called();
        let (bars, latest) = {
            let mut shown = self.shown();
            shown.said.clear();
            (std::mem::take(&mut shown.bars), std::mem::take(&mut shown.latest))
        };
        for (name, bar) in bars {
            bar.finish_and_clear();
            // A measurement is followed by its result; only the things waited for leave a line.
            if let Some(last) = latest.get(&name).filter(|b| b.lasting) {
                let mut last = last.clone();
                if last.share == Some(1.0) {
                    last.done = true;
                    "verified".clone_into(&mut last.status);
                }
                self.say(&line(&last, &self.style()));
            }
        }
    }

    fn draw(&self, bar: &Bar) {
        let text = self.style.fit(&line(bar, &self.style())).into_owned();
        let mut shown = self.shown();
        shown.latest.insert(bar.name.clone(), bar.clone());
        let drawn = shown.bars.entry(bar.name.clone()).or_insert_with(|| {
            let drawn = self.bars.add(ProgressBar::new_spinner());
            if let Ok(style) = ProgressStyle::with_template("{msg}") {
                drawn.set_style(style);
            }
            drawn
        });
        drawn.set_message(door::one_line(&text));
    }

    fn report(&self, bar: &Bar) {
        if self.shown().is_due(bar) {
            let lines = crate::ui::text::wrap(&plain(bar), self.style().width - 2, "  ");
            self.lines(&format!("  {}", lines.join("\n  ")));
        }
    }
}

/// A bar as a plain line.
fn plain(bar: &Bar) -> String {
    let mut out = format!("{}: {}", bar.label, bar.status);
    if let Some(share) = bar.share.filter(|_| !bar.done) {
        let _ = write!(out, " {:.0}%", share * 100.0);
    }
    let _ = write!(out, ", {}", clock(bar.elapsed));
    if let Some(expected) = expected(bar) {
        let _ = write!(out, " of about {}", clock(expected));
    }
    if let Some(event) = &bar.event {
        let _ = write!(out, " ({event})");
    }
    out
}

/// The time it should take, as long as that still says something.
fn expected(bar: &Bar) -> Option<Duration> {
    bar.expected.filter(|e| !bar.done && !e.is_zero() && bar.elapsed < *e * 3)
}

/// A label for a terminal where the whole one would push the status out of sight.
fn short(bar: &Bar) -> String {
    sentence(&bar.name.replace('-', " "))
}

/// Cells of a gauge.
const CELLS: usize = 12;

/// A bar as one line that never wraps.
fn line(bar: &Bar, style: &Style) -> String {
    // One column stays free: a full line makes some terminals wrap.
    let width = style.width - 1;
    let share = if bar.done {
        1.0
    } else {
        bar.share.unwrap_or_else(|| {
            // An estimate is no promise: it stops short of the end.
            bar.expected.map_or(0.0, |e| (bar.elapsed.as_secs_f64() / e.as_secs_f64().max(1.0)).min(0.95))
        })
    };
    let full = (share * CELLS as f64).round() as usize;
    let gauge = format!("{}{}", "█".repeat(full.min(CELLS)), "░".repeat(CELLS - full.min(CELLS)));
    let time = match expected(bar) {
        Some(expected) => format!("{} of ~{}", clock(bar.elapsed), clock(expected)),
        None => clock(bar.elapsed),
    };
    let mark = if bar.done { style.paint(Paint::Good, "✓") } else { " ".to_owned() };
    let roomy = width >= 120;
    let label_width = if roomy { 48 } else { 16 };
    let label = if roomy { bar.label.clone() } else { short(bar) };
    let head = format!("{} {gauge} {} ", column(&label, label_width), column(&time, 14));
    let used = 2 + label_width + 1 + CELLS + 1 + 15;
    let mut rest = bar.status.clone();
    if let Some(event) = bar.event.as_ref().filter(|_| !bar.done) {
        let _ = write!(rest, ": {event}");
    }
    format!("{mark} {head}{}", crate::ui::text::clip(&rest, width.saturating_sub(used)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::bars::tests::bar;
    use unicode_width::UnicodeWidthStr as _;

    #[test]
    fn a_bar_keeps_to_one_line_at_every_width() {
        for width in [60, 80, 120, 200] {
            let style = Style { width, unicode: true, ..Style::default() };
            let text = line(&bar(), &style);
            assert!(text.width() < width, "{width}: {text}");
            assert!(text.contains("1:15 of ~7:30"), "{text}");
        }
    }

    #[test]
    fn a_plain_line_says_everything() {
        let text = plain(&Bar { event: None, ..bar() });
        assert_eq!(text, "redis replication group rw-abcdefgh-cache (2 nodes): creating, 1:15 of about 7:30");
    }
}
