//! The walk: step by step through the recipe, from wherever the journal says we are.

mod adopt;
mod command;
mod delivery;
mod lab;
mod measure;
mod waiting;

pub use lab::Ended;

use crate::answers::{Answers, Origin};
use crate::cloud::{Identity, Preflight};
use crate::configuration::Trust;
use crate::deliver::Payload;
use crate::drift::{drift, repair};
use crate::facts::CALLER;
use crate::finding::{Subject, Weight};
use crate::foreseen::{looks, walk_actions};
use crate::guide::{Choice, Happening, Remedy, StepView};
use crate::milestone::milestone;
use crate::plan::plan;
use crate::recipe::Recipe;
use crate::record::Record;
use crate::resource::Resource;
use crate::step::Step;
use crate::stop::Stop;
use crate::tags;
use crate::tools::Tools;
use crate::trust::{Doubt, read_passport};
use std::collections::BTreeMap;
use std::time::Duration;

/// How a walk ended.
#[derive(Debug)]
pub enum Outcome {
    /// All steps are done or left out.
    Finished,
    /// The person stopped; everything is on record.
    Quit,
}

/// How a step, or a pass over all of them, ended.
enum Flow {
    Done,
    Quit,
    /// Steps that were done are open again: another pass.
    Again,
}

/// A walk over one session.
pub struct Walk<'a> {
    /// Session, cloud, clock, person.
    pub tools: Tools,
    /// The recipe.
    pub recipe: &'a Recipe,
    /// The demo, for each kind of instance that this program has it for.
    pub payloads: &'static [Payload],
    /// Whom the demo trusts.
    pub trust: Trust,
    /// Whether optional steps run without being asked for.
    pub all: bool,
    /// How long things usually take on this machine, by action name or kind of result.
    pub usual: BTreeMap<String, Duration>,
    /// Why measuring steps are left out, where there are no engines to measure.
    pub no_engines: Option<String>,
}

impl Walk<'_> {
    /// Walks until the end, a stop, or a failure that nobody mended.
    pub async fn run(&self) -> Result<Outcome, Stop> {
        self.fill_answers().await?;
        loop {
            match self.pass().await? {
                Flow::Done => return Ok(Outcome::Finished),
                Flow::Quit => return Ok(Outcome::Quit),
                Flow::Again => {}
            }
        }
    }

    /// Checks the answers on record: nothing is made with one that the recipe's rules refuse. One that the recipe does not
    /// ask for, as an earlier version of it may have, is passed over.
    fn admit_answers(&self) -> Result<(), Stop> {
        let (unasked, refused): (Vec<_>, Vec<_>) =
            self.tools.session.admit(&self.recipe.parameters).into_iter().partition(|bad| bad.unasked);
        for bad in unasked {
            self.tools.guide.show(&Happening::Note(&format!("Not used: {bad}.")));
        }
        match refused.into_iter().next() {
            Some(bad) => Err(Stop::Answer(Box::new(bad))),
            None => Ok(()),
        }
    }

    /// Answers that a shortened journal has lost come back from the passport; what was never answered takes its default.
    async fn fill_answers(&self) -> Result<(), Stop> {
        self.admit_answers()?;
        let open = self.tools.session.with(|s| s.answers.open());
        if open.is_empty() {
            return Ok(());
        }
        let passport = match read_passport(&self.tools).await? {
            Ok(passport) => Some(passport),
            Err(Doubt::NoNote | Doubt::NoKey) => None,
            Err(doubt) => {
                let said =
                    format!("No answer is taken from the account: {doubt}. The recipe's defaults are taken.");
                self.tools.guide.show(&Happening::Note(&said));
                None
            }
        };
        let mut answers = Answers::defaults(&open);
        for (key, value) in passport.map(|p| p.answers).unwrap_or_default() {
            // What is on record already is not the note's to say.
            if open.iter().any(|parameter| parameter.id == key)
                && let Err(bad) = answers.put(&key, &value, Origin::Note)
            {
                let said = format!("Not used: {bad}. The recipe's default is taken.");
                self.tools.guide.show(&Happening::Note(&said));
            }
        }
        Ok(self.tools.session.answer(&answers)?)
    }

    /// Goes through the steps once, leaving out what is done.
    async fn pass(&self) -> Result<Flow, Stop> {
        let total = self.recipe.steps.len();
        for (index, step) in self.recipe.steps.iter().enumerate() {
            if self.tools.session.with(|s| s.is_done(&step.id)) {
                continue;
            }
            if let Some(reason) = self.reason_to_skip(step) {
                self.skip(step, reason)?;
                continue;
            }
            match self.step(step, index + 1, total).await? {
                Flow::Done => {}
                other => return Ok(other),
            }
        }
        Ok(Flow::Done)
    }

    fn reason_to_skip(&self, step: &Step) -> Option<String> {
        if self.no_engines.is_some() && (step.run.is_some() || step.configure.is_some()) {
            return self.no_engines.clone();
        }
        self.tools.session.with(|s| {
            let left_out = |n: &&String| s.skipped.contains_key(*n);
            step.needs.iter().find(left_out).map(|n| format!("it needs '{n}', which was left out"))
        })
    }

    /// How long something usually takes: as it did here, or else as the recipe says.
    fn expected(&self, what: &str, step: &Step) -> Duration {
        let sandbox = self.tools.session.with(|s| s.opening.as_ref().is_some_and(|(_, o)| o.sandbox));
        let estimate = step.parts.get(what).unwrap_or(&step.estimate);
        self.usual.get(what).copied().unwrap_or_else(|| estimate.at(sandbox))
    }

    fn skip(&self, step: &Step, reason: String) -> Result<(), Stop> {
        self.tools.guide.show(&Happening::LeftOut(step, &reason));
        Ok(self.tools.session.record(Record::Skipped { step: step.id.to_string(), reason })?)
    }

    async fn step(&self, step: &Step, number: usize, total: usize) -> Result<Flow, Stop> {
        let mut again = false;
        loop {
            self.tools.check()?;
            let state = self.tools.session.state();
            // A plan that is not ready yet is shown by its effects once it is: prepare makes nothing itself.
            let planned = plan(step, &state)?;
            let view = StepView { step, number, total, state: &state, planned: &planned, lab: false };
            // Who asked to retry has chosen already.
            let choice =
                if std::mem::take(&mut again) { Choice::Run } else { self.tools.guide.choose(&view) };
            let choice = match choice {
                Choice::Skip if !step.optional => continue,
                Choice::Skip => {
                    self.skip(step, if self.all { "by choice" } else { "optional" }.into())?;
                    return Ok(Flow::Done);
                }
                Choice::Quit => return Ok(Flow::Quit),
                Choice::Menu => continue,
                choice => choice,
            };
            self.tools.record_answers()?;
            let mut result = Ok(());
            if choice == Choice::Adopt {
                match self.adopt(step, &|state| plan(step, state), false).await {
                    // What was adopted is not made again.
                    Ok(None | Some(Choice::Run)) => {}
                    Ok(Some(Choice::Quit)) => return Ok(Flow::Quit),
                    Ok(Some(_)) => continue,
                    Err(problem) => result = Err(problem),
                }
            }
            if result.is_ok() {
                self.tools.guide.show(&Happening::StepBegins(step));
                result = self.work(step).await;
                self.tools.record_answers()?;
            }
            let problem = match result {
                Ok(()) => {
                    self.tools.guide.show(&Happening::StepEnds(step));
                    return Ok(Flow::Done);
                }
                Err(fatal @ (Stop::Interrupted | Stop::Journal(_))) => return Err(fatal),
                Err(problem) => problem,
            };
            self.mark_progress(step, Some(&problem)).await;
            match self.tools.guide.trouble(step, &problem) {
                // What broke is an earlier step's: it is deleted, and the walk goes back to where it is made.
                Remedy::Retry if matches!(problem, Stop::Broken { .. }) => {
                    let drifts = drift(&self.tools).await?;
                    repair(&self.tools, self.recipe, &drifts).await?;
                    return Ok(Flow::Again);
                }
                Remedy::Retry => again = true,
                Remedy::Skip if step.optional => {
                    self.skip(step, problem.to_string())?;
                    return Ok(Flow::Done);
                }
                Remedy::Skip | Remedy::Quit => return Err(problem),
            }
        }
    }

    async fn work(&self, step: &Step) -> Result<(), Stop> {
        let mut facts = BTreeMap::new();
        if step.first {
            facts.insert(CALLER.to_owned(), self.prepare().await?.arn);
        }
        for look in self.tools.session.with(|state| looks(std::slice::from_ref(step), state))? {
            let found = self.tools.read(|| self.tools.cloud.look(&look.1)).await?;
            facts.extend(found.iter().map(|(key, value)| (look.0.called(key).to_owned(), value.to_owned())));
        }
        self.make(step).await?;
        if !step.wait.is_empty() {
            facts.extend(self.wait(step).await?);
        }
        if let Some(configure) = &step.configure {
            self.configure(step, configure).await?;
        }
        if let Some(run) = &step.run {
            self.measure(step, run).await?;
        }
        self.tools.session.record(Record::Verified { step: step.id.to_string(), facts })?;
        self.mark_progress(step, None).await;
        Ok(())
    }

    /// Mirrors the progress as tags, for a trainer's board. It is a courtesy: a failure to write it never stops a walk.
    async fn mark_progress(&self, step: &Step, problem: Option<&Stop>) {
        let known = self.tools.session.with(|s| Some((s.opening.as_ref()?.0, milestone(s)?)));
        let Some((opened, place)) = known else { return };
        let error = problem.map_or_else(|| "none".to_owned(), |p| tags::clean(&p.to_string()));
        let pairs = [
            (tags::PROGRESS, step.id.to_string()),
            (tags::SINCE, format!("{:.3}", self.tools.clock.now())),
            (tags::ERROR, error),
            (tags::OPENED_AT, format!("{opened:.0}")),
        ];
        let _ = self.tools.cloud.mark(&place, &pairs).await;
    }

    /// Makes what the step plans. The plan is asked for again after each action, because ids become known on the way.
    async fn make(&self, step: &Step) -> Result<(), Stop> {
        let mut index = 0;
        loop {
            let planned = plan(step, &self.tools.session.state())?;
            let Some(next) = planned.get(index) else { return Ok(()) };
            self.tools.perform(next).await?;
            index += 1;
        }
    }

    /// The first step of all: who and where we are is checked against the session, and whether it can be walked to its end.
    async fn prepare(&self) -> Result<Identity, Stop> {
        let identity: Identity = self.tools.read(|| self.tools.cloud.identity()).await?;
        let looks = self
            .tools
            .session
            .with(|state| looks(&self.recipe.steps, state))?
            .into_iter()
            .map(|(_, look)| look)
            .collect();
        let actions = walk_actions(self.recipe, self.tools.session.state())?;
        let owner = self.tools.session.with(|s| s.opening.as_ref().map(|(_, o)| o.owner.clone()));
        let preflight = Preflight::new(identity.clone(), looks, &actions, 1, owner.unwrap_or_default());
        let mut findings = self.tools.cloud.preflight(&preflight).await;
        // On its way already: part of what is used is its own, and what it would have to make is told by the services.
        let holds = |r: &Resource| r.output.is_some() && !r.planned.action.is_note();
        if self.tools.session.with(|s| s.remaining().any(holds)) {
            findings
                .iter_mut()
                .filter(|f| f.subject == Subject::Quota)
                .for_each(|f| f.weight = f.weight.min(Weight::Note));
        }
        self.tools.guide.show(&Happening::Preflight(&findings));
        match findings.into_iter().find(|f| f.weight == Weight::Blocking) {
            Some(finding) => Err(Stop::NotReady(Box::new(finding))),
            None => Ok(identity),
        }
    }
}
