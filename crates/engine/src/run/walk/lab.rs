//! A lab on a session that is there: break, look, mend, look again. Everything is on record before it is done, so that
//! `resume` mends and clean-up removes whatever a lab leaves behind.

use super::Walk;
use crate::action::{Action, Planned};
use crate::guide::{Choice, Happening};
use crate::kind;
use crate::lab::{Fault, Lab, SPARE};
use crate::plan::plan;
use crate::recipe::Step;
use crate::record::Record;
use crate::state::{Resource, State};
use crate::stop::Stop;
use crate::take_away::{Patience, take_away};
use crate::transition::Status;
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
            let ready = s.measured.contains_key("load-data");
            s.resource(lab.fault.concerns()).filter(|_| ready).cloned()
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
        let ended = match lab.fault {
            Fault::ClosedPort => self.close_port(step, &resource).await?,
            Fault::LittleMemory => self.take_memory(step, &resource).await?,
            Fault::WrongFamily | Fault::NoReplica => self.ask_for_too_much(step, &resource).await?,
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
    async fn look(&self, step: &Step, subcommand: &str) -> Result<(), Stop> {
        // Not recorded: what a broken cache measures is not the learner's result.
        let asked = self.ask_demo(step, subcommand, "", async |_| Ok(())).await;
        match asked.and_then(|asked| asked.ended.map_or(Ok(asked.result), Err)) {
            Ok(result) => {
                self.tools.guide.show(&Happening::Looked(subcommand, &result));
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

    async fn close_port(&self, step: &Step, rule: &Resource) -> Result<Ended, Stop> {
        self.open_again(step)?;
        self.take_away(rule).await?;
        self.look(step, "check").await?;
        if !self.mended(step, &|state| plan(step, state)).await? {
            return Ok(Ended::Left);
        }
        self.look(step, "check").await?;
        Ok(Ended::Mended)
    }

    async fn take_memory(&self, step: &Step, policy: &Resource) -> Result<Ended, Stop> {
        let Action::CacheParameters(kind::CacheParameters { group, values }) = &policy.planned.action else {
            return Ok(Ended::TooEarly);
        };
        self.open_again(step)?;
        self.take_away(policy).await?;
        let mut values = values.clone();
        values.insert("reserved-memory-percent".into(), "99".into());
        let little = Planned {
            action: Action::CacheParameters(kind::CacheParameters { group: group.clone(), values }),
            ..policy.planned.clone()
        };
        self.tools.perform(&little).await?;
        self.take_away(&Resource { planned: little, ..policy.clone() }).await?;
        self.look(step, "patterns").await?;
        if !self.mended(step, &|state| plan(step, state)).await? {
            return Ok(Ended::Left);
        }
        self.look(step, "patterns").await?;
        Ok(Ended::Mended)
    }

    /// A call that the service refuses. What it would make has a name of its own, and nothing that is there is touched.
    async fn ask_for_too_much(&self, step: &Step, like: &Resource) -> Result<Ended, Stop> {
        let spare = format!("{}-lab", self.tools.session.id());
        let mut right = Planned { name: SPARE.into(), ..like.planned.clone() };
        let mut wrong = right.clone();
        match (&mut right.action, &mut wrong.action) {
            (
                Action::CacheParameterGroup(kind::CacheParameterGroup { name, .. }),
                Action::CacheParameterGroup(kind::CacheParameterGroup { name: other, family, .. }),
            ) => {
                name.clone_from(&spare);
                other.clone_from(&spare);
                "redis7.x".clone_into(family);
            }
            (
                Action::ReplicationGroup(kind::ReplicationGroup { id: right, .. }),
                Action::ReplicationGroup(kind::ReplicationGroup { id, nodes, .. }),
            ) => {
                right.clone_from(&spare);
                id.clone_from(&spare);
                *nodes = 1;
            }
            _ => return Ok(Ended::TooEarly),
        }
        match self.tools.perform(&wrong).await {
            Ok(_) => self.note("The service took it, which it should not have: it is removed again."),
            Err(Stop::Failed(failure)) => self.note(&format!("The service says: {failure}")),
            Err(stop) => return Err(stop),
        }
        let ended = self.mended(step, &|_| Ok(vec![right.clone()])).await?;
        let left = self.tools.session.with(|s| s.resource(SPARE).cloned());
        if let Some(left) = left.filter(|r| crate::transition::may_exist(r.status)) {
            // The service deletes nothing that is still being made: that is waited for on the way.
            self.take_away(&left).await?;
        }
        Ok(if ended { Ended::Mended } else { Ended::Left })
    }

    /// From here until it is mended, resuming the session looks at the step again.
    fn open_again(&self, step: &Step) -> Result<(), Stop> {
        Ok(self.tools.session.record(Record::Reopened { step: step.id.clone() })?)
    }

    /// As clean-up does it, but without a word at its end: what was taken away is for the person to find out.
    async fn take_away(&self, resource: &Resource) -> Result<(), Stop> {
        let how = take_away(&self.tools, resource, Patience::Full).await;
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
        self.tools.session.record(Record::Verified { step: step.id.clone(), facts })?;
        Ok(true)
    }
}
