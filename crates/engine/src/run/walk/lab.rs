//! A lab on a session that is there: break, look, mend, look again. Everything is on record before it is done, so that
//! `resume` mends and clean-up removes whatever a lab leaves behind.

use super::Walk;
use crate::action::Planned;
use crate::guide::{Choice, Happening};
use crate::lab::{Fault, Lab, SPARE, changed};
use crate::plan::{self, plan};
use crate::record::Record;
use crate::state::{Resource, State};
use crate::step::Step;
use crate::stop::Stop;
use crate::take_away::{Insist, take_away};
use crate::transition::{Status, may_exist};
use crate::word::Word;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// How a lab ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// What was broken is mended.
    Mended,
    /// The person left before; resuming the session mends it.
    Left,
    /// The session has not got so far that this could be broken.
    TooEarly,
    /// What it breaks is not there: an earlier lab was left like that.
    Broken,
}

impl Walk<'_> {
    /// Runs a lab.
    pub async fn lab(&self, lab: &Lab) -> Result<Ended, Stop> {
        let there = self.tools.session.with(|s| {
            let ready = s.measured.contains_key(lab.after.as_str());
            s.resource(lab.fault.make()).filter(|_| ready).cloned()
        });
        let Some(resource) = there else { return Ok(Ended::TooEarly) };
        if resource.status != Status::Present {
            return Ok(Ended::Broken);
        }
        let Some(step) = self.recipe.steps.iter().find(|s| s.id == resource.planned.tags.step) else {
            return Ok(Ended::TooEarly);
        };
        self.admit_answers()?;
        self.note(&lab.story);
        let look = lab.look.as_ref();
        let ended = match &lab.fault {
            Fault::TakeAway { .. } => self.break_it(step, &resource, None, look).await?,
            Fault::Change { with, .. } => self.break_it(step, &resource, Some(with), look).await?,
            Fault::AskFor { with, .. } => self.ask_for_too_much(step, &resource, with).await?,
        };
        if ended == Ended::Mended {
            self.note(&lab.lesson);
        }
        Ok(ended)
    }

    fn note(&self, text: &str) {
        self.tools.guide.show(&Happening::Note(text));
    }

    /// Tells what the demo sees from the instance.
    async fn look(&self, step: &Step, command: Option<&Word>) -> Result<(), Stop> {
        let Some(command) = command else { return Ok(()) };
        // As the recipe runs it elsewhere, with that step's arguments and configuration.
        let measuring = self.recipe.measuring(command).and_then(|step| Some((step, step.run.as_ref()?)));
        let (step, arguments) = match measuring {
            Some((step, run)) => (step, self.filled(step, |known| plan::arguments(run, known))?),
            None => (step, Vec::new()),
        };
        // Not recorded: what is measured while something is broken is not the learner's result.
        let asked = self.ask_demo(step, command, &arguments, async |_| Ok(())).await;
        match asked.and_then(|asked| asked.ended.map_or(Ok(asked.result), Err)) {
            Ok(result) => {
                self.tools.guide.show(&Happening::Looked(command, &result));
                self.note("The demo on the instance: it works.");
                Ok(())
            }
            Err(problem @ (Stop::Demo { .. } | Stop::TooLong { .. })) => {
                self.note(&format!("The demo on the instance: {problem}"));
                Ok(())
            }
            Err(stop) => Err(stop),
        }
    }

    /// Takes it away, or sets it to something else.
    async fn break_it(
        &self,
        step: &Step,
        resource: &Resource,
        with: Option<&Map<String, Value>>,
        look: Option<&Word>,
    ) -> Result<Ended, Stop> {
        let planned = &resource.planned;
        let other = with.map(|with| changed(&planned.action, with)).transpose()?;
        self.open_again(step)?;
        self.take_away(resource).await?;
        if let Some(action) = other {
            let other = Planned { action, ..planned.clone() };
            self.tools.perform(&other).await?;
            self.take_away(&Resource { planned: other, ..resource.clone() }).await?;
        }
        self.look(step, look).await?;
        if !self.mended(step, &|state| plan(step, state)).await? {
            return Ok(Ended::Left);
        }
        self.look(step, look).await?;
        Ok(Ended::Mended)
    }

    /// A call that the service refuses.
    async fn ask_for_too_much(
        &self,
        step: &Step,
        like: &Resource,
        with: &Map<String, Value>,
    ) -> Result<Ended, Stop> {
        let mut right = Planned { name: SPARE.into(), ..like.planned.clone() };
        if let Some(name) = right.action.own_name() {
            *name = format!("{}-{SPARE}", self.tools.session.id());
        }
        let wrong = Planned { action: changed(&right.action, with)?, ..right.clone() };
        match self.tools.perform(&wrong).await {
            Ok(_) => self.note("The service took it, which it should not have: it is removed again."),
            Err(Stop::Failed(failure)) => self.note(&format!("The service says: {failure}")),
            Err(stop) => return Err(stop),
        }
        let ended = self.mended(step, &|_| Ok(vec![right.clone()])).await?;
        let left = self.tools.session.with(|s| s.resource(SPARE).cloned());
        if let Some(left) = left.filter(|r| may_exist(r.status)) {
            // The service deletes nothing that is still being made: that is waited for on the way.
            self.take_away(&left).await?;
        }
        Ok(if ended { Ended::Mended } else { Ended::Left })
    }

    /// From here until it is mended, resuming the session looks at the step again.
    fn open_again(&self, step: &Step) -> Result<(), Stop> {
        Ok(self.tools.session.record(Record::Reopened { step: step.id.to_string() })?)
    }

    /// As clean-up does it, but without a word at its end: what was taken away is for the person to find out.
    async fn take_away(&self, resource: &Resource) -> Result<(), Stop> {
        let how = take_away(&self.tools, resource, Insist::Always).await;
        self.tools.guide.show(&Happening::WaitEnds);
        how.map(|_| ())
    }

    /// Lets the person mend it, or does so; answers whether it is mended.
    async fn mended(
        &self,
        step: &Step,
        planned: &dyn Fn(&State) -> Result<Vec<Planned>, crate::plan::PlanError>,
    ) -> Result<bool, Stop> {
        match self.adopt(step, planned, true).await? {
            None => {}
            Some(Choice::Run) => {
                let mut index = 0;
                while let Some(next) = planned(&self.tools.session.state())?.into_iter().nth(index) {
                    self.tools.perform(&next).await?;
                    index += 1;
                }
            }
            Some(_) => return Ok(false),
        }
        let facts = BTreeMap::new();
        self.tools.session.record(Record::Verified { step: step.id.to_string(), facts })?;
        Ok(true)
    }
}
