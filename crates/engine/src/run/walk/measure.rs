//! The steps that run the demo on the instance.

use super::Walk;
use crate::configuration;
use crate::demo;
use crate::guide::{Bar, Happening};
use crate::note;
use crate::plan::{self, Known, PlanError};
use crate::record::Record;
use crate::step::{Configure, Run, Step, When};
use crate::stop::Stop;
use crate::take_away::{Insist, take_away};
use crate::temporary;
use crate::transition::{Status, may_exist};
use crate::trust::write_signed;
use crate::word::Word;
use recipe_walk_measurements::read_any;
use serde_json::Value;
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
    /// What the recipe says for this step, filled in with what the session knows.
    pub(super) fn filled<T>(
        &self,
        step: &Step,
        fill: impl FnOnce(plan::Values<'_>) -> Result<T, PlanError>,
    ) -> Result<T, Stop> {
        Ok(self.tools.session.with(|state| fill(&|name| Known { step, state }.value(name)))?)
    }

    /// Writes the demo's configuration on the instance.
    pub(super) async fn configure(&self, step: &Step, configure: &Configure) -> Result<(), Stop> {
        let instance = self.instance()?;
        let state = self.tools.session.state();
        let region = &state.opened().map_err(PlanError::from)?.place.region;
        let known = |name: &str| Known { step, state: &state }.value(name);
        let parts = configuration::parts(configure, &state, &self.trust, &known)?;
        let script = configuration::script(&parts, configure.roots.as_deref(), region, &self.trust);
        self.run_short(&instance, &script, "configuration").await?;
        Ok(())
    }

    /// Runs the demo and keeps its result. What it asks for meanwhile is done once; what was set for it is put back at the
    /// end. A walk that dies meanwhile leaves that on record, and `resume` puts it back.
    pub(super) async fn measure(&self, step: &Step, run: &Run) -> Result<(), Stop> {
        // An earlier try may have ended before it was put back.
        self.put_back(step).await?;
        let mut done: Vec<&str> = Vec::new();
        let measured = self
            .demo(step, run, async |event| {
                let Some(when) = run.whens.iter().find(|when| when.event == event) else { return Ok(()) };
                if done.contains(&when.event.as_str()) {
                    return Ok(());
                }
                done.push(&when.event);
                self.meanwhile(step, when).await
            })
            .await;
        measured.and(self.put_back(step).await)
    }

    /// Does what the demo waits for.
    async fn meanwhile(&self, step: &Step, when: &When) -> Result<(), Stop> {
        self.tools.still_ours().await?;
        if !when.say.is_empty() {
            self.tools.guide.show(&Happening::Note(&when.say));
        }
        if let Some(fields) = &when.act {
            // Once, whatever becomes of it.
            let act = self.filled(step, |known| plan::act(fields, known))?;
            self.tools.own(|| step.title.clone(), &act.refers_to())?;
            self.tools.cloud.act(&act).await.map_err(Stop::Failed)?;
        }
        if let Some(setting) = &when.set
            && let Some(planned) = temporary::planned(setting, step, &self.tools.session.state())?
        {
            self.tools.perform(&planned).await?;
        }
        Ok(())
    }

    /// Puts back what the step's run has set, where that may still be so.
    async fn put_back(&self, step: &Step) -> Result<(), Stop> {
        for setting in temporary::settings(step) {
            let name = temporary::name(&setting.make);
            let left = self.tools.session.with(|s| s.resource(&name).cloned());
            let Some(left) = left.filter(|r| may_exist(r.status)) else { continue };
            take_away(&self.tools, &left, Insist::Always).await?;
            if let Some(before) = left.planned.action.puts_back() {
                self.tools.guide.show(&Happening::Note(&format!("Put back: {before}.")));
            }
        }
        Ok(())
    }

    /// Runs a subcommand of the demo and keeps its result. `on_event` is told what it asks for meanwhile; its failure ends
    /// the run.
    async fn demo(
        &self,
        step: &Step,
        run: &Run,
        on_event: impl AsyncFnMut(&str) -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        let arguments = self.filled(step, |known| plan::arguments(run, known))?;
        let Asked { result, elapsed, ended } =
            self.ask_demo(step, &run.command, &arguments, on_event).await?;
        let command = run.command.as_str();
        // Data that was there already was measured when it was loaded.
        let known = result["reused"] == true && self.tools.session.with(|s| s.measured.contains_key(command));
        if !known {
            self.keep(command, &result, elapsed).await?;
        }
        self.tools.guide.show(&Happening::Measured(command, &result));
        // What was measured before is kept all the same.
        ended.map_or(Ok(()), Err)
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
            write_signed(&self.tools, &path, &text).await
        };
        match written.await {
            Ok(()) | Err(Stop::Failed(_)) => Ok(()),
            Err(stop) => Err(stop),
        }
    }

    /// Runs a subcommand of the demo, whose result is nobody's measurement yet.
    pub(super) async fn ask_demo(
        &self,
        step: &Step,
        command: &Word,
        arguments: &[String],
        mut on_event: impl AsyncFnMut(&str) -> Result<(), Stop>,
    ) -> Result<Asked, Stop> {
        let subcommand = command.as_str();
        let instance = self.instance()?;
        self.run_short(&instance, &demo::forget_script(command), subcommand).await?;
        let mut bar = Bar {
            name: subcommand.to_owned(),
            label: step.title.clone(),
            elapsed: Duration::ZERO,
            expected: Some(self.expected(subcommand, step)),
            share: Some(0.0),
            status: "running".into(),
            event: None,
            done: false,
            lasting: false,
        };
        let script = demo::run_script(command, arguments, step.configured);
        let mut looked = Duration::ZERO;
        let said = self
            .run_script(&instance, &script, LIMIT, async |waited| {
                let mut said = Ok(());
                bar.elapsed = waited;
                // Run Command shows nothing before the end: a second, short command reads the progress file.
                if waited.saturating_sub(looked) >= Duration::from_secs(1) {
                    looked = waited;
                    let read = demo::progress_script(command);
                    if let Ok(text) = self.run_look(&instance, &read, subcommand).await
                        && let Some(progress) = demo::progress(&text)
                    {
                        if let Some(event) = &progress.event {
                            said = on_event(event).await;
                        }
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
            Some(result) => match read_any(subcommand, &result) {
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
