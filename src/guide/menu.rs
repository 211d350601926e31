//! The menu before a step.

use crate::guide::person::{Person, fill};
use crate::ui::prompt::{Item, Unanswered};
use crate::ui::style::Paint;
use crate::ui::text::{about, span, unpriced};
use recipe_walk_engine::action::Action;
use recipe_walk_engine::amount::Amount;
use recipe_walk_engine::guide::{Choice, StepView};
use recipe_walk_engine::prose;
use recipe_walk_engine::recipe::Step;
use recipe_walk_engine::state::State;
use recipe_walk_engine::step_line::step_lines;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Entry {
    Run,
    More,
    Commands,
    Myself,
    Back,
    Skip,
    Quit,
}

impl Person {
    /// Asks what to do with a step until there is an answer that the walk can use.
    pub(super) fn menu(&self, view: &StepView<'_>) -> Choice {
        self.introduce(view);
        // Enter alone never begins to cost.
        let billable = self.is_billable(view);
        let mut next = if billable { Entry::More } else { Entry::Run };
        loop {
            let entries = entries(view, billable, !self.lines(view).is_empty());
            let start = entries.iter().position(|item| item.value == next);
            let picked = self.terminal.choose("What now?", entries, start);
            let choice = match picked {
                Ok(Entry::Run) if self.predict(view).is_ok() => Choice::Run,
                // Nobody answered, here or at a question before the step.
                Err(Unanswered) | Ok(Entry::Run) => self.interrupted(),
                Ok(Entry::Skip) => Choice::Skip,
                Ok(Entry::Quit) => Choice::Quit,
                Ok(Entry::More) => {
                    let text = self.recipe.prose.get(&view.step.prose).map_or("", String::as_str);
                    self.terminal.gap();
                    self.terminal.markdown(&fill(prose::split(text).1, view.state));
                    self.terminal.gap();
                    if !billable {
                        next = Entry::Run;
                    }
                    continue;
                }
                Ok(Entry::Commands) => {
                    self.commands(view);
                    continue;
                }
                Ok(Entry::Back) => {
                    self.look_back(&self.recipe.steps[..view.number - 1], view.state);
                    continue;
                }
                Ok(Entry::Myself) => match self.predict(view).map(|()| self.myself(view)) {
                    Ok(Choice::Menu) => continue,
                    Ok(choice) => choice,
                    Err(Unanswered) => self.interrupted(),
                },
            };
            return choice;
        }
    }

    /// The explanation, and what the step will make.
    fn introduce(&self, view: &StepView<'_>) {
        let text = self.recipe.prose.get(&view.step.prose).map_or("", String::as_str);
        self.terminal.markdown(&fill(prose::split(text).0, view.state));
        self.terminal.gap();
        self.picture(view.state, &view.step.id);
        if !view.planned.is_empty() {
            self.terminal.say("This step makes:");
            for planned in view.planned {
                let line = format!("- {}", described(&planned.action));
                let lines = crate::ui::text::wrap(&line, self.terminal.style().width - 2, "  ");
                self.terminal.lines(&format!("  {}", lines.join("\n  ")));
            }
            let cost = self.costs(view);
            if !cost.is_nothing() {
                let line = format!("From then on it costs {} an hour, until clean-up.", about(&cost));
                self.terminal.tell(Paint::Warning, &line);
            }
            if let Some(told) = unpriced(&cost) {
                self.terminal.remark(Paint::Warning, &told);
            }
            self.terminal.gap();
        }
    }

    /// What the step adds to the bill each hour; nothing on the sandbox.
    fn costs(&self, view: &StepView<'_>) -> Amount {
        if self.sandbox {
            return Amount::default();
        }
        view.planned.iter().map(|p| self.prices.per_hour(&p.action)).sum()
    }

    /// The AWS CLI lines of a step that makes nothing.
    pub(super) fn lines(&self, view: &StepView<'_>) -> Vec<String> {
        let lines = step_lines(view.step, view.state);
        lines.iter().map(|line| line.end(self.endpoint.as_deref())).collect()
    }

    /// Whether the step begins to cost, also where the price table does not know how much.
    fn is_billable(&self, view: &StepView<'_>) -> bool {
        !self.sandbox && (!self.costs(view).is_nothing() || view.planned.iter().any(|p| p.action.is_slow()))
    }

    /// Shows an earlier step again, with what it measured.
    pub(crate) fn look_back(&self, earlier: &[Step], state: &State) {
        let mut items: Vec<Item<Option<&Step>>> = earlier
            .iter()
            .zip('a'..='z')
            .map(|(step, key)| Item::new(key, step.title.clone(), Some(step)))
            .collect();
        items.push(Item::new('0', "None, go on", None));
        let last = items.len() - 1;
        // Leaving this question is no wish to leave the walk.
        let Ok(Some(step)) = self.terminal.choose("Which step?", items, Some(last)) else { return };
        self.terminal.heading(&step.title);
        let text = self.recipe.prose.get(&step.prose).map_or("", String::as_str);
        self.terminal.markdown(&fill(text, state));
        self.past(step, state);
    }

    /// The kind of a step's result.
    pub(super) fn kind(step: &Step) -> &str {
        step.result().unwrap_or(&step.id)
    }

    /// What a step made and measured.
    fn past(&self, step: &Step, state: &State) {
        self.terminal.gap();
        if step.first {
            self.found();
        }
        for resource in state.resources.iter().filter(|r| step.id == r.planned.tags.step) {
            let what = resource.planned.action.describe();
            let id = resource.output.as_ref().map_or("", |o| o.id.as_str());
            let id = if what.contains(id) { "" } else { id };
            let lines =
                crate::ui::text::wrap(&format!("made: {what} {id}"), self.terminal.style().width - 2, "  ");
            self.terminal.lines(&format!("  {}", lines.join("\n  ")));
        }
        if let Some(seconds) = state.took.get(Self::kind(step)) {
            self.terminal.say(&format!("  it took {}", span(*seconds)));
        }
        if !step.wait.is_empty() {
            for (part, seconds) in step.parts.keys().filter_map(|part| Some((part, state.took.get(part)?))) {
                self.terminal.say(&format!("  {part}: it took {}", span(*seconds)));
            }
        }
        let kind = Self::kind(step);
        if let Some(result) = state.measured.get(kind) {
            self.terminal.result(kind, result, self.sandbox);
            self.compare_predictions(kind);
        }
        self.terminal.gap();
    }
}

/// What a person calls it, also before its ids are known: what stands for them is named as the recipe names it.
pub(super) fn described(action: &Action) -> String {
    let text = action.describe();
    let words =
        text.split(' ').map(|word| match word.strip_prefix('$').and_then(|w| w.strip_suffix("_ID")) {
            Some(name) => format!("the new {}", name.to_lowercase().replace('_', "-")),
            None => word.to_owned(),
        });
    words.collect::<Vec<_>>().join(" ")
}

fn entries(view: &StepView<'_>, billable: bool, has_lines: bool) -> Vec<Item<Entry>> {
    let mut items =
        vec![Item::new('r', "Run this step", Entry::Run), Item::new('m', "Read more", Entry::More)];
    if billable {
        // Typing something and deleting it again leads to the first of the list: that must be free.
        items.swap(0, 1);
    }
    if has_lines || !view.planned.is_empty() {
        items.push(Item::new('c', "Show the AWS CLI command", Entry::Commands));
    }
    if !view.step.makes.is_empty() {
        items.push(Item::new('d', "I'll do it myself in another terminal", Entry::Myself));
    }
    if view.number > 1 {
        items.push(Item::new('b', "Back: re-read an earlier step", Entry::Back));
    }
    if view.step.optional {
        items.push(Item::new('s', "Skip this step", Entry::Skip));
    }
    items.push(Item::new('q', "Quit and resume later", Entry::Quit));
    items
}
