//! The wait for everything slow at once, one bar each; the demo is delivered as soon as the instance can take it.

use super::Walk;
use super::delivery::Progress;
use crate::action::Planned;
use crate::cloud::{BoxFuture, Found, Stage};
use crate::failure::Kind;
use crate::guide::{Bar, Happening};
use crate::record::Record;
use crate::state::Resource;
use crate::step::Step;
use crate::stop::Stop;
use crate::together::all;
use crate::wait::pause_after_failures;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// docs/aws.md, "Waits": worst cases take 40 to 50 minutes.
const LIMIT: Duration = Duration::from_hours(1);
/// How often the bars are drawn again between looks.
const FRAME: Duration = Duration::from_millis(250);

/// The bar of the demo's way to the instance.
const DELIVERY: &str = "delivery";

/// Whether scripts can be run on it.
fn runs_commands(resource: &Resource) -> bool {
    resource.planned.action.properties().wait.is_some_and(|wait| wait.runs_commands)
}

fn since(then: jiff::Timestamp, now: jiff::Timestamp) -> Duration {
    now.duration_since(then).try_into().unwrap_or_default()
}

struct Board(Mutex<Vec<Bar>>);

impl Board {
    fn bars(&self) -> MutexGuard<'_, Vec<Bar>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
    fn update(&self, name: &str, change: impl FnOnce(&mut Bar)) {
        if let Some(bar) = self.bars().iter_mut().find(|b| b.name == name) {
            change(bar);
        }
    }
}

impl Walk<'_> {
    /// Waits until all that the step waits for is usable, and the demo is on what can run it.
    pub(super) async fn wait(&self, step: &Step) -> Result<BTreeMap<String, String>, Stop> {
        let resources: Vec<Resource> = self
            .tools
            .session
            .with(|s| s.remaining().filter(|r| step.wait.contains(&r.planned.name)).cloned().collect());
        let mut bars: Vec<Bar> = resources.iter().map(|r| self.bar(r, step)).collect();
        if resources.iter().any(runs_commands) {
            bars.push(Bar {
                name: DELIVERY.into(),
                label: "demo program to the instance".into(),
                elapsed: Duration::ZERO,
                expected: None,
                share: Some(0.0),
                status: "waits for the instance".into(),
                event: None,
                done: false,
                lasting: true,
            });
        }
        let begun: Vec<Duration> = bars.iter().map(|b| b.elapsed).collect();
        let board = Board(Mutex::new(bars));
        let progress = Progress::default();
        let waits = resources.iter().map(|r| -> BoxFuture<'_, _> {
            Box::pin(async {
                let facts = self.until_ready(r, &board).await?;
                if runs_commands(r) {
                    self.deliver_demo(&board, &progress).await?;
                }
                Ok(facts)
            })
        });
        let all = all(waits.collect());
        let result = self.draw_while(all, &board, &begun, &progress).await;
        self.tools.guide.show(&Happening::WaitEnds);
        Ok(result?.into_iter().flatten().collect())
    }

    async fn deliver_demo(&self, board: &Board, progress: &Progress) -> Result<(), Stop> {
        if self.no_engines.is_none() {
            board.update(DELIVERY, |b| b.status = "sending".into());
            self.deliver(&self.instance()?, progress).await?;
        }
        board.update(DELIVERY, |b| {
            b.done = true;
            b.status = "verified".into();
        });
        Ok(())
    }

    fn bar(&self, r: &Resource, step: &Step) -> Bar {
        Bar {
            name: r.planned.name.clone(),
            label: r.planned.action.describe(),
            elapsed: since(r.since, self.tools.clock.now()),
            expected: Some(self.expected(&r.planned.name, step)),
            share: None,
            status: "asked for".into(),
            event: None,
            done: false,
            lasting: true,
        }
    }

    async fn draw_while<T>(
        &self,
        work: impl Future<Output = Result<T, Stop>>,
        board: &Board,
        begun: &[Duration],
        progress: &Progress,
    ) -> Result<T, Stop> {
        tokio::pin!(work);
        let start = self.tools.clock.elapsed();
        loop {
            let done = tokio::select! {
                done = &mut work => Some(done),
                () = self.tools.clock.sleep(FRAME) => None,
            };
            board.update(DELIVERY, |b| b.share = Some(progress.share()));
            let waited = self.tools.clock.elapsed().saturating_sub(start);
            let mut bars = board.bars();
            for (bar, before) in bars.iter_mut().zip(begun).filter(|(b, _)| !b.done) {
                bar.elapsed = *before + waited;
            }
            // Also at the end: the last change is the one that everybody waits for.
            self.tools.guide.show(&Happening::Waiting(&bars));
            self.tools.record_answers()?;
            if let Some(done) = done {
                return done;
            }
        }
    }

    /// Waits for one resource; its facts come back as `<name>.<key>`.
    async fn until_ready(
        &self,
        resource: &Resource,
        board: &Board,
    ) -> Result<BTreeMap<String, String>, Stop> {
        let planned: &Planned = &resource.planned;
        let id = resource.output.as_ref().map(|o| o.id.clone()).unwrap_or_default();
        let (start, mut throttled, mut looked) = (self.tools.clock.elapsed(), 0, false);
        loop {
            let waited = self.tools.clock.elapsed().saturating_sub(start);
            match self.tools.cloud.probe(planned, &id).await {
                Ok(probe) => {
                    throttled = 0;
                    board.update(&planned.name, |b| {
                        b.status.clone_from(&probe.status);
                        b.event = probe.event.clone().or(b.event.take());
                        b.done = probe.stage == Stage::Ready;
                    });
                    match probe.stage {
                        Stage::Ready => {
                            // What was found while its tags could not be read yet tells only now whose it is.
                            if let Found::Foreign(whose) =
                                self.tools.read(|| self.tools.cloud.find(planned)).await?
                            {
                                return Err(Stop::Foreign { what: planned.action.describe(), whose });
                            }
                            let name = &planned.name;
                            // Of what was ready at the first look nobody knows since when.
                            if looked {
                                let seconds = since(resource.since, self.tools.clock.now()).as_secs_f64();
                                self.tools.session.record(Record::Took { what: name.clone(), seconds })?;
                            }
                            return Ok(probe
                                .attributes
                                .into_iter()
                                .map(|(k, v)| (format!("{name}.{k}"), v))
                                .collect());
                        }
                        Stage::Failed(why) => {
                            return Err(Stop::Broken { what: planned.action.describe(), why });
                        }
                        // It ended (the service says why), or was deleted by somebody. Right after the create it may
                        // only not be visible yet.
                        Stage::Gone if probe.event.is_some() || waited > Duration::from_mins(2) => {
                            let why = probe.event.unwrap_or_else(|| "it is not there any more".to_owned());
                            return Err(Stop::Broken { what: planned.action.describe(), why });
                        }
                        Stage::Gone | Stage::Pending => {}
                    }
                }
                Err(failure) if failure.passes() && waited < LIMIT => {
                    throttled += u32::from(failure.kind() == Some(Kind::Throttled));
                }
                Err(failure) => return Err(Stop::Failed(failure)),
            }
            if waited > LIMIT {
                return Err(Stop::TooLong { what: planned.action.describe(), limit: LIMIT });
            }
            looked = true;
            self.tools.sleep(pause_after_failures(waited, throttled)).await?;
        }
    }
}
