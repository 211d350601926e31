//! Where the person is: the step's heading, the time and cost so far, and the picture of what is there and what comes next.

use crate::guide::person::Person;
use crate::ui::style::{Paint, Style};
use crate::ui::text::{about, so_far, span};
use recipe_walk_engine::diagram::{Diagram, Ink, ink};
use recipe_walk_engine::guide::StepView;
use recipe_walk_engine::state::State;

impl Person {
    /// The heading of a step.
    pub(super) fn header(&self, view: &StepView<'_>) {
        let phase = self.recipe.phase_title(&view.step.phase);
        self.terminal
            .heading(&format!("Step {} of {} · {phase} · {}", view.number, view.total, view.step.title));
        let Some((opened, _)) = &view.state.opening else { return };
        let now = jiff::Timestamp::now();
        let cost = self.prices.so_far(view.state, now);
        let cost = match (self.sandbox, cost.is_nothing()) {
            (true, true) => "costs nothing".to_owned(),
            (true, false) => format!("costs nothing (on AWS {} so far)", about(&cost)),
            (false, _) => format!("{} so far (prices of {})", about(&cost), self.prices.date),
        };
        let usual = self.usual.get(Self::kind(view.step)).copied();
        let usual = usual.unwrap_or_else(|| view.step.estimate.at(self.sandbox)).as_secs_f64().max(1.0);
        let line = format!(
            "{}, {cost}. This step takes about {}.",
            so_far(now.duration_since(*opened).as_secs_f64()),
            span(usual)
        );
        for line in crate::ui::text::wrap(&line, self.terminal.style().width, "") {
            self.terminal.tell(Paint::Faint, &line);
        }
        if !self.sandbox {
            self.terminal.alarms(&self.prices.alarms(view.state, now), self.session.id().as_str());
        }
    }

    /// The picture, where it is another one than the last that was shown.
    pub(super) fn picture(&self, state: &State, step: &str) {
        let lines = picture(&self.recipe.diagram, state, step, &self.terminal.style());
        let text = lines.join("\n");
        let mut shown = self.shown_picture.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if text.is_empty() || *shown == text {
            return;
        }
        self.terminal.lines(&text);
        self.terminal.gap();
        *shown = text;
    }
}

/// The picture as painted lines, or its words where nothing is to be drawn.
pub(super) fn picture(diagram: &Diagram, state: &State, step: &str, style: &Style) -> Vec<String> {
    // Before anything is there, the whole of it is what comes.
    let begun = diagram.parts.iter().any(|p| state.verified.contains_key(&p.step));
    let ink = |made_by: &str, ready: Option<&str>| {
        if begun { ink(made_by, ready, state, step) } else { Some(Ink::Dashed) }
    };
    let lines = if style.plain {
        Vec::new()
    } else {
        diagram.draw(style.width, |l| ink(&l.step, l.ready.as_deref()))
    };
    if lines.is_empty() {
        let (there, next) = diagram.words(|p| ink(&p.step, p.ready.as_deref()));
        return words(there, next, begun, style);
    }
    let mut dashes = false;
    let mut out: Vec<String> = lines
        .into_iter()
        .map(|line| {
            let paint = |(text, ink): (String, Ink)| {
                dashes |= ink == Ink::Dashed;
                if ink == Ink::Dashed { style.paint(Paint::Next, &text) } else { text }
            };
            line.into_iter().map(paint).collect()
        })
        .collect();
    if dashes {
        let legend = if style.unicode { "╌╌" } else { ".." };
        let what = if begun {
            "comes with this step, or is on its way"
        } else {
            "what this walk makes, step by step"
        };
        out.push(style.paint(Paint::Next, &format!("{legend} {what}")));
    }
    out
}

fn words(there: Vec<&str>, next: Vec<&str>, begun: bool, style: &Style) -> Vec<String> {
    let sentence = |label: &str, list: Vec<&str>| {
        let text = format!("{label}: {}.", list.join("; "));
        (!list.is_empty()).then(|| crate::ui::text::wrap(&text, style.width, "  "))
    };
    let coming =
        if begun { "Comes with this step, or is on its way" } else { "This walk makes, step by step" };
    let both = [sentence("There now", there), sentence(coming, next)];
    both.into_iter().flatten().flatten().collect()
}

#[cfg(test)]
#[path = "../../tests/support/snapshot.rs"]
mod snapshot;

#[cfg(test)]
mod tests {
    use super::*;
    use unicode_width::UnicodeWidthStr as _;

    /// The picture as it is before each step that adds to it, and at the end.
    fn series(style: &Style) -> String {
        let recipe = crate::embedded::recipe(None).expect("parses");
        let mut state = State::default();
        let mut out = Vec::new();
        for step in &recipe.steps {
            let lines = picture(&recipe.diagram, &state, &step.id, style);
            assert!(lines.iter().all(|l| l.width() <= style.width || style.color), "{lines:#?}");
            if out.last() != Some(&lines) {
                out.push(lines);
            }
            state.verified.insert(step.id.to_string(), jiff::Timestamp::UNIX_EPOCH);
        }
        out.concat().join("\n")
    }

    #[test]
    fn the_picture_grows_as_it_should_at_every_width() {
        for width in [60, 80, 120] {
            let drawn = Style { unicode: true, width, ..Style::default() };
            super::snapshot::matches(&format!("picture-{width}.txt"), &series(&drawn));
        }
        let ascii = Style { width: 80, ..Style::default() };
        let text = ascii.fit(&series(&ascii)).into_owned();
        assert!(text.is_ascii(), "{text}");
        super::snapshot::matches("picture-80-ascii.txt", &text);
        super::snapshot::matches("picture-60-plain.txt", &series(&Style { plain: true, width: 60, ..ascii }));
        let painted = Style { color: true, unicode: true, width: 80, ..ascii };
        super::snapshot::matches("picture-80-colour.txt", &crate::ui::door::through(&series(&painted)));
    }
}
