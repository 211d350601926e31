//! The steps that run the demo on the instance: connect, load the data, compare, load, patterns.

use super::Walk;
use crate::action::Action;
use crate::demo;
use crate::guide::{Bar, Happening};
use crate::kind::{TemporaryCacheParameters, listed};
use crate::names::Names;
use crate::note;
use crate::recipe::Step;
use crate::record::Record;
use crate::stop::Stop;
use crate::take_away::{Patience, take_away};
use crate::transition::{Status, may_exist};
use crate::trial;
use recipe_walk_measurements::Measurement;
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::Duration;

/// What the demo answered.
pub(super) struct Asked {
    /// Its result.
    pub(super) result: Value,
    /// How long it took.
    elapsed: Duration,
    /// What ended it before all of it was done.
    pub(super) ended: Option<Stop>,
}

/// Longest run of one subcommand.
const LIMIT: Duration = Duration::from_mins(20);

impl Walk<'_> {
    /// Writes the demo's configuration on the instance and reaches both engines from there.
    pub(super) async fn connect(&self, step: &Step) -> Result<BTreeMap<String, String>, Stop> {
        let instance = self.instance()?;
        let state = self.tools.session.state();
        let region = &state.opened().map_err(|e| Stop::Plan(e.into()))?.place.region;
        let script =
            demo::configure_script(&Names(self.tools.session.id()), region, &state.facts, &self.trust)
                .map_err(|e| Stop::Plan(e.into()))?;
        self.run_short(&instance, &script, "configuration").await?;
        self.demo(step, "check", "", async |_| Ok(())).await
    }

    /// Runs a measuring subcommand and keeps its result.
    pub(super) async fn measure(
        &self,
        step: &Step,
        subcommand: &str,
        arguments: &str,
    ) -> Result<BTreeMap<String, String>, Stop> {
        self.demo(step, subcommand, arguments, async |_| Ok(())).await
    }

    /// Promotes the replica while the demo keeps load on the cache. The demo says when it is ready, and watches what
    /// follows; the call is made once, whatever becomes of it.
    pub(super) async fn fail_over(&self, step: &Step) -> Result<BTreeMap<String, String>, Stop> {
        let group = self.tools.session.with(|s| s.facts.get("cache.id").map(str::to_owned));
        let group = group.map_err(|e| Stop::Plan(e.into()))?;
        let mut asked = false;
        self.demo(step, "failover", "", async |progress: &demo::Progress| {
            if !asked && progress.message.starts_with("ready") {
                asked = true;
                self.tools.still_ours().await?;
                self.tools.guide.show(&Happening::Note("Promoting the replica now."));
                self.tools.cloud.fail_over(&group).await.map_err(Stop::Failed)?;
            }
            Ok(())
        })
        .await
    }

    /// Compares two eviction policies: a managed cache takes its policy from the parameter group, so the demo says when it
    /// waits for the other one, which the walk sets and afterwards puts back. A walk that dies meanwhile leaves that on
    /// record, and `resume` puts it back.
    pub(super) async fn compare_policies(&self, step: &Step) -> Result<BTreeMap<String, String>, Stop> {
        let Some(trial) = trial::policy(step, &self.tools.session.state()) else {
            return self.demo(step, "eviction", "", async |_| Ok(())).await;
        };
        // An earlier try may have ended before it was put back.
        self.put_back().await?;
        let measured = self
            .demo(step, "eviction", &trial::arguments(&trial), async |progress: &demo::Progress| {
                if progress.message.starts_with("waiting for") {
                    self.tools.perform(&trial).await?;
                }
                Ok(())
            })
            .await;
        match (measured, self.put_back().await) {
            (Err(stop), _) | (_, Err(stop)) => Err(stop),
            (measured, Ok(())) => measured,
        }
    }

    /// Puts back what a lesson has set, where that may still be so.
    async fn put_back(&self) -> Result<(), Stop> {
        let left = self.tools.session.with(|s| s.resource(trial::NAME).cloned());
        let Some(left) = left.filter(|r| may_exist(r.status)) else { return Ok(()) };
        take_away(&self.tools, &left, Patience::Full).await?;
        if let Action::TemporaryCacheParameters(TemporaryCacheParameters { before, .. }) =
            &left.planned.action
        {
            self.tools.guide.show(&Happening::Note(&format!("Put back: {}.", listed(before))));
        }
        Ok(())
    }

    /// Runs a subcommand of the demo and keeps its result. `on_progress` is told whatever it says meanwhile; its failure
    /// ends the run.
    async fn demo(
        &self,
        step: &Step,
        subcommand: &str,
        arguments: &str,
        on_progress: impl AsyncFnMut(&demo::Progress) -> Result<(), Stop>,
    ) -> Result<BTreeMap<String, String>, Stop> {
        let Asked { result, elapsed, ended } =
            self.ask_demo(step, subcommand, arguments, on_progress).await?;
        // Data that was there already was measured when it was loaded.
        let known =
            result["reused"] == true && self.tools.session.with(|s| s.measured.contains_key(subcommand));
        if !known {
            self.keep(subcommand, &result, elapsed).await?;
        }
        self.tools.guide.show(&Happening::Measured(subcommand, &result));
        // What was measured before is kept all the same.
        ended.map_or(Ok(BTreeMap::new()), Err)
    }

    /// Records a result, with a copy in the account, so that a lost machine keeps the table; without it only the copy is
    /// lost.
    async fn keep(&self, subcommand: &str, result: &Value, elapsed: Duration) -> Result<(), Stop> {
        let session = &self.tools.session;
        session.record(Record::Measured { kind: subcommand.to_owned(), result: result.clone() })?;
        session.record(Record::Took { what: subcommand.to_owned(), seconds: elapsed.as_secs_f64() })?;
        if session.with(|s| s.status("results") != Status::Present) {
            return Ok(());
        }
        let (path, text) = (note::results_path(session.id()), session.with(note::results));
        let written = async {
            // A machine that slept meanwhile would write into what somebody else has cleaned up.
            self.tools.still_ours().await?;
            self.tools.read(|| self.tools.cloud.write_note(&path, &text, None)).await
        };
        match written.await {
            Ok(_) | Err(Stop::Failed(_)) => Ok(()),
            Err(stop) => Err(stop),
        }
    }

    /// Runs a subcommand of the demo, whose result is nobody's measurement yet.
    pub(super) async fn ask_demo(
        &self,
        step: &Step,
        subcommand: &str,
        arguments: &str,
        mut on_progress: impl AsyncFnMut(&demo::Progress) -> Result<(), Stop>,
    ) -> Result<Asked, Stop> {
        let instance = self.instance()?;
        self.run_short(&instance, &demo::forget_script(subcommand), subcommand).await?;
        let mut bar = Bar {
            name: subcommand.to_owned(),
            label: step.title.clone(),
            elapsed: Duration::ZERO,
            expected: Some(self.expected(subcommand, step)),
            share: Some(0.0),
            status: "running".into(),
            event: None,
            done: false,
        };
        let script = demo::run_script(subcommand, arguments);
        let mut looked = Duration::ZERO;
        let said = self
            .run_script(&instance, &script, LIMIT, async |waited| {
                let mut said = Ok(());
                bar.elapsed = waited;
                // Run Command shows nothing before the end: a second, short command reads the progress file.
                if waited.saturating_sub(looked) >= Duration::from_secs(1) {
                    looked = waited;
                    let read = demo::progress_script(subcommand);
                    if let Ok(text) = self.run_look(&instance, &read, subcommand).await
                        && let Some(progress) = demo::progress(&text)
                    {
                        said = on_progress(&progress).await;
                        bar.share = Some(progress.share);
                        bar.status = progress.message;
                    }
                }
                self.tools.guide.show(&Happening::Waiting(std::slice::from_ref(&bar)));
                said
            })
            .await;
        self.tools.guide.show(&Happening::WaitEnds);
        let said = said?;
        let failed = |why: String| Stop::Demo { subcommand: subcommand.to_owned(), code: said.code, why };
        // Whoever wrote it, an older or newer demo or a stranger: only what has the shape of a result is one.
        let result = match demo::result(&said.stdout) {
            Some(result) => match Measurement::read(subcommand, &result) {
                Ok(_) => Some(result),
                Err(why) => return Err(failed(why.to_string())),
            },
            None => None,
        };
        let ended =
            (said.code != 0).then(|| failed(demo::failure(&said.stdout).unwrap_or_else(|| said.why())));
        match (result, ended) {
            (Some(result), None) => Ok(Asked { result, elapsed: bar.elapsed, ended: None }),
            // It measured something before it came to an end, and says what ended it.
            (Some(result), ended) if result["error"].is_object() => {
                Ok(Asked { result, elapsed: bar.elapsed, ended })
            }
            (_, Some(ended)) => Err(ended),
            (None, None) => Err(failed("it printed no result that fits".to_owned())),
        }
    }
}
