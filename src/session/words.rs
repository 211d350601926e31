//! What a runner says of its session: where it is, how to come back, and its results.

use crate::guide::events;
use crate::guide::idle::in_cloudshell;
use crate::report;
use crate::session::parameters::Rates;
use crate::session::runner::Runner;
use crate::ui::style::Paint;
use crate::ui::text::{about, dollars, since};
use recipe_walk_engine::cost;
use recipe_walk_engine::report::predictions;
use recipe_walk_engine::typed;

impl Runner {
    /// Says which session it is and how to come back.
    pub(crate) fn header(&self) {
        let place = &self.reached.identity.place;
        let t = &self.terminal;
        if self.output.json
            && let Some(opening) = self.session.with(|s| s.opening.as_ref().map(|(_, o)| o.clone()))
        {
            events::session(&opening, self.session.with(|s| !s.verified.is_empty()));
        }
        t.gap();
        t.say(&format!("  Session   {}", self.id()));
        t.say(&if self.reached.sandbox.is_some() {
            format!("  Where     the sandbox at {}", place.endpoint.as_deref().unwrap_or("-"))
        } else {
            format!("  Where     account {}, region {}", place.account, place.region)
        });
        t.say(&if self.reached.sandbox.is_some() {
            "  Cost      nothing".to_owned()
        } else {
            let answers = self.session.with(|s| s.answers.clone());
            let rate = Rates::new(self.prices.as_ref().clone(), &self.recipe, answers).hourly();
            let budget = self.session.with(cost::budget);
            let budget = budget.map(|b| format!("; budget {}", dollars(b))).unwrap_or_default();
            format!("  Cost      {} an hour once everything runs{budget}", about(&rate))
        });
        if in_cloudshell() {
            t.prose("  CloudShell ends after 20 to 30 minutes without a key; your home directory and this session stay.");
        }
        t.say("  Ctrl-C stops safely at any time. To go on:");
        t.command(&self.resume());
    }

    pub(super) fn saved(&self) {
        let t = &self.terminal;
        t.gap();
        t.say(&format!("Session {} is saved. Go on with:", self.id()));
        t.command(&self.resume());
        t.say("Delete everything it made with:");
        t.command(&typed!("recipe-walk cleanup {}", self.id()));
        let rate = self.going_rate();
        if !rate.is_nothing() {
            t.tell(Paint::Warning, &format!("Until then it costs {} an hour.", about(&rate)));
        } else if let Some(sandbox) = &self.reached.sandbox {
            t.say(if sandbox.bare {
                "Until then it costs nothing: this sandbox runs no engines."
            } else {
                "Until then its engines run on this machine and cost nothing."
            });
        }
    }

    /// The results once more, all together.
    pub(super) fn results(&self) {
        let state = self.session.state();
        let t = &self.terminal;
        t.heading("Results");
        let measured = |(kind, title)| Some((kind, title, state.measured.get(kind)?));
        let demo = [("compare", "With and without the cache"), ("load", "Under load")];
        let mut results: Vec<_> = demo.into_iter().filter_map(measured).collect();
        if results.is_empty() {
            let steps = self.recipe.steps.iter();
            results.extend(steps.filter_map(|step| measured((step.result()?, step.title.as_str()))));
        }
        for (kind, title, result) in &results {
            t.say(title);
            t.figures(kind, result);
        }
        if results.is_empty() {
            t.say("Nothing was measured.");
        } else {
            t.caution(self.reached.sandbox.is_some());
        }
        let said = report::predictions(&predictions(&state, Some(&self.recipe)));
        if !said.is_empty() {
            t.say("What you said before, and what came out");
            t.lines(&said.render(t.style()));
        }
        if let Some((opened, _)) = &state.opening {
            t.say(&format!("{} since the start.", since(*opened, self.clock.now())));
        }
    }
}
