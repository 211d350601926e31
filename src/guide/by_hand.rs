//! A step that the person does in another terminal: the commands or hints, and what was found of it.

use crate::guide::menu::described;
use crate::guide::person::{Person, fill};
use crate::ui::called;
use crate::ui::prompt::{Item, Unanswered};
use crate::ui::style::Paint;
use recipe_walk_engine::difference::Difference;
use recipe_walk_engine::guide::{Choice, Inspected, Inspection, StepView};
use recipe_walk_engine::plan::variable;
use recipe_walk_engine::transcript::in_region;
use std::sync::atomic::Ordering;

/// What a person can ask for meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wish {
    Commands,
    Hint,
    Then(Choice),
}

/// The three rungs of help.
const RUNGS: [&str; 3] = ["a nudge", "a pointer", "the command"];

impl Person {
    /// Asks how: with the exact commands, or alone and with hints.
    pub(super) fn myself(&self, view: &StepView<'_>) -> Choice {
        let items = vec![
            Item::new('c', "Show me the exact commands", Wish::Commands),
            Item::new('h', "Let me find them: hints when I ask", Wish::Hint),
            Item::new('b', "Back to the menu", Wish::Then(Choice::Menu)),
            Item::new('q', "Quit and resume later", Wish::Then(Choice::Quit)),
        ];
        match self.terminal.choose("How?", items, Some(0)) {
            Ok(Wish::Commands) => self.commands(view),
            Ok(Wish::Hint) => self.task(view),
            Ok(Wish::Then(choice)) => return choice,
            Err(Unanswered) => return self.interrupted(),
        }
        self.until_done(view, "Check what I made", false)
    }

    /// What to do about what is missing or different.
    pub(super) fn mend_menu(&self, view: &StepView<'_>, found: &[Inspection]) -> Choice {
        let differs = found.iter().any(|i| matches!(i.result, Inspected::Differs(_)));
        self.until_done(view, "Check again", !differs)
    }

    fn until_done(&self, view: &StepView<'_>, check: &str, rest: bool) -> Choice {
        loop {
            let mut items = vec![Item::new('k', check, Wish::Then(Choice::Adopt))];
            let rung = self.rung(&view.step.id);
            if rung < RUNGS.len() && view.step.hints.len() == 2 {
                let label = format!("Hint {} of {}: {}", rung + 1, RUNGS.len(), RUNGS[rung]);
                items.push(Item::new('h', label, Wish::Hint));
            }
            items.push(Item::new('c', "Show the exact commands", Wish::Commands));
            if rest {
                let label = "Let recipe-walk make what is missing";
                items.push(Item::new('r', label, Wish::Then(Choice::Run)));
            }
            if view.lab {
                items.push(Item::new('q', "Leave it broken; resuming mends it", Wish::Then(Choice::Quit)));
            } else {
                items.push(Item::new('b', "Back to the menu", Wish::Then(Choice::Menu)));
                items.push(Item::new('q', "Quit and resume later", Wish::Then(Choice::Quit)));
            }
            match self.terminal.choose("In another terminal. Done?", items, Some(0)) {
                Ok(Wish::Commands) => self.commands(view),
                Ok(Wish::Hint) => self.hint(view),
                Ok(Wish::Then(choice)) => return choice,
                Err(Unanswered) => return self.interrupted(),
            }
        }
    }

    pub(super) fn interrupted(&self) -> Choice {
        self.terminal.interrupt().set();
        Choice::Quit
    }

    /// How far down the ladder of hints the person is.
    fn rung(&self, step: &str) -> usize {
        let rungs = self.rungs.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        rungs.get(step).copied().unwrap_or(0)
    }

    fn hint(&self, view: &StepView<'_>) {
        let rung = self.rung(&view.step.id);
        match view.step.hints.get(rung) {
            Some(hint) => {
                self.terminal.gap();
                self.terminal.prose(&fill(hint, view.state));
                self.terminal.gap();
            }
            None => self.commands(view),
        }
        let mut rungs = self.rungs.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        rungs.insert(view.step.id.to_string(), rung + 1);
    }

    /// What has to be there in the end, without saying how.
    fn task(&self, view: &StepView<'_>) {
        let t = &self.terminal;
        self.environment();
        t.gap();
        t.say("To be made, with exactly these names:");
        for planned in view.planned {
            t.say(&format!("  - {}", described(&planned.action)));
        }
        if let Some(planned) = view.planned.first() {
            t.say("with these tags, where tags are possible:");
            for (key, value) in planned.tags.pairs() {
                t.say(&format!("  Key={key},Value={value}"));
            }
        }
        if let Some(endpoint) = &self.endpoint {
            t.say("and on every command:");
            t.say(&format!("  --endpoint-url {endpoint}"));
        }
        t.gap();
    }

    /// What the other terminal needs once. On AWS, what is made in another region or account would be found by nobody
    /// and paid by somebody.
    fn environment(&self) {
        if self.environment_shown.swap(true, Ordering::Relaxed) {
            return;
        }
        self.terminal.gap();
        self.terminal.lines("Once, in the other terminal:\n");
        if self.sandbox {
            self.terminal.say(&format!("eval \"$({})\"", called(&"recipe-walk sandbox env".into())));
            return;
        }
        let place = self.session.with(|s| s.opening.as_ref().map(|(_, o)| o.place.clone()));
        let Some(place) = place else { return };
        self.terminal.lines(&in_region(&place.region));
        self.terminal.say("aws sts get-caller-identity --query Account --output text");
        self.terminal.gap();
        self.terminal.prose(&format!(
            "The last line has to print {}. If it does not, use the profile of this walk there too: \
             export AWS_PROFILE=NAME",
            place.account
        ));
    }

    /// Prints the commands, without decoration, so that they can be copied.
    pub(super) fn commands(&self, view: &StepView<'_>) {
        self.environment();
        self.terminal.gap();
        for line in self.lines(view) {
            self.terminal.lines(&line);
            self.terminal.gap();
        }
        for planned in view.planned {
            let line = planned.line();
            // What else the step makes may name it by this variable.
            let variable = variable(&planned.name);
            let named = view.planned.iter().any(|p| p.action.any_text(&|text| text == variable));
            let endpoint = self.endpoint.as_deref();
            self.terminal.lines(&match planned.action.properties().id_query.filter(|_| named) {
                Some(query) => {
                    let line = line.arg("query", query).arg("output", "text");
                    format!("{}=$({})", &variable[1..], line.end(endpoint))
                }
                None => line.end(endpoint),
            });
            self.terminal.gap();
        }
    }

    /// Tells what was found of each thing.
    pub(super) fn tell_found(&self, found: &[Inspection]) {
        let style = self.terminal.style();
        for Inspection { planned, result } in found {
            let what = described(&planned.action);
            let (paint, mark, word, differences) = match result {
                Inspected::Adopted(differences) => {
                    (Paint::Good, "✓ ", "there, and the session's: ", differences)
                }
                Inspected::Missing(differences) => (Paint::Bad, "✗ ", "is not there yet: ", differences),
                Inspected::Differs(differences) => (Paint::Warning, "! ", "not as planned: ", differences),
            };
            let mark = if style.plain { String::new() } else { style.paint(paint, mark) };
            let room = style.width.saturating_sub(4);
            let lines = crate::ui::text::wrap(&format!("{word}{what}"), room, "");
            self.terminal.lines(&format!("  {mark}{}", lines.join("\n    ")));
            for difference in differences {
                self.tell_difference(difference);
            }
        }
    }

    fn tell_difference(&self, difference: &Difference) {
        let Difference { what, planned, there, matters, mend } = difference;
        let t = &self.terminal;
        let width = t.style().width.saturating_sub(4);
        let mut text = format!("{what}: planned {planned}, there is {there}.");
        if difference.blocks() {
            text = format!("{text} {matters}");
        } else {
            text += " It may stay.";
        }
        t.lines(&format!("    {}", crate::ui::text::wrap(&text, width, "").join("\n    ")));
        // A command stands alone at the margin, to be copied.
        let (sentence, command) = mend.split_once('\n').unwrap_or(("To mend it:", mend));
        if difference.blocks() {
            t.lines(&format!("    {}", crate::ui::text::wrap(sentence, width, "").join("\n    ")));
            t.gap();
            t.lines(command);
            t.gap();
        }
    }
}
