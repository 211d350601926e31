//! The steps that run the demo on the instance: connect, load the data, compare, load, patterns.

use super::Walk;
use crate::demo;
use crate::guide::{Bar, Happening};
use crate::names::Names;
use crate::note;
use crate::perform::Stop;
use crate::recipe::Step;
use crate::record::Record;
use crate::transition::Status;
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::Duration;

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
                self.tools.guide.show(&Happening::Note("Promoting the replica now."));
                self.tools.cloud.fail_over(&group).await.map_err(Stop::Failed)?;
            }
            Ok(())
        })
        .await
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
        let (result, elapsed) = self.ask_demo(step, subcommand, arguments, on_progress).await?;
        self.tools
            .session
            .record(Record::Measured { kind: subcommand.to_owned(), result: result.clone() })?;
        let took = Record::Took { what: subcommand.to_owned(), seconds: elapsed.as_secs_f64() };
        self.tools.session.record(took)?;
        // A copy in the account, so that a lost machine keeps the table; without it only the copy is lost.
        let (path, text) =
            (note::results_path(self.tools.session.id()), self.tools.session.with(note::results));
        if self.tools.session.with(|s| s.status("results") == Status::Present) {
            let _ = self.tools.cloud.write_note(&path, &text, None).await;
        }
        self.tools.guide.show(&Happening::Measured(subcommand, &result));
        Ok(BTreeMap::new())
    }

    /// Runs a subcommand of the demo, whose result is nobody's measurement yet; and how long it took.
    pub(super) async fn ask_demo(
        &self,
        step: &Step,
        subcommand: &str,
        arguments: &str,
        mut on_progress: impl AsyncFnMut(&demo::Progress) -> Result<(), Stop>,
    ) -> Result<(Value, Duration), Stop> {
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
                    if let Ok(text) = self.run_short(&instance, &read, subcommand).await
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
        if said.code != 0 {
            return Err(failed(demo::failure(&said.stdout).unwrap_or_else(|| said.why())));
        }
        let result =
            demo::result(&said.stdout).ok_or_else(|| failed("it printed no result that fits".to_owned()))?;
        Ok((result, bar.elapsed))
    }
}
