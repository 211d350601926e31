//! A whole walk as JSON lines for another program: docs/events.md describes them, docs/events.schema.json checks them.
//! People see the same as always, on standard error.

use crate::error::CommandError;
use crate::ui::json_line;
use recipe_walk_engine::action::Planned;
use recipe_walk_engine::cloud::Undone;
use recipe_walk_engine::finding::Weight;
use recipe_walk_engine::guide::{Answered, Bar, Choice, Guide, Happening, Progress, Remedy, StepView};
use recipe_walk_engine::receipt::Receipt;
use recipe_walk_engine::recipe::Step;
use recipe_walk_engine::record::Opening;
use recipe_walk_engine::redact;
use recipe_walk_engine::state::Resource;
use recipe_walk_engine::stop::Stop;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A wait without any change is told again after this time, so that a reader knows that it goes on.
const STILL: Duration = Duration::from_secs(30);

/// Prints one event, with its time, and without secrets.
pub(crate) fn emit(event: &str, mut fields: Value) {
    redact::value_for_others(&mut fields, "");
    let mut whole = json!({"event": event, "at": jiff::Timestamp::now()});
    if let (Some(all), Value::Object(fields)) = (whole.as_object_mut(), fields) {
        all.extend(fields);
    }
    json_line(&whole);
}

/// The session begins, or goes on.
pub(crate) fn session(opening: &Opening, resumed: bool) {
    emit(
        "session",
        json!({"version": 1, "session": opening.session, "resumed": resumed, "sandbox": opening.sandbox,
            "account": opening.place.account, "region": opening.place.region, "recipe": opening.recipe,
            "owner": opening.owner, "cohort": opening.cohort, "expires_at": opening.expires_at}),
    );
}

/// The clean-up's receipt.
pub(crate) fn receipt(receipt: &Receipt) {
    let mut fields = serde_json::to_value(receipt).unwrap_or_default();
    fields["clean"] = receipt.is_clean().into();
    emit("receipt", fields);
}

/// The command failed.
pub(crate) fn error(error: &CommandError) {
    emit("error", json!({"message": error.message, "meaning": error.meaning, "next": error.next}));
}

/// The very last event.
pub(crate) fn end(status: u8) {
    emit("end", json!({"exit": status}));
}

/// A guide that tells everything as events, and lets another guide decide and show.
pub(crate) struct Events {
    inner: Arc<dyn Guide>,
    /// What was last told of each wait.
    waits: Mutex<BTreeMap<String, (Value, Instant)>>,
}

impl Events {
    /// Events beside another guide.
    pub(crate) fn new(inner: Arc<dyn Guide>) -> Self {
        Self { inner, waits: Mutex::default() }
    }

    /// Tells a wait where something of it has changed, or it was not told for long.
    fn wait(&self, bar: &Bar) {
        let state = json!({"status": bar.status, "news": bar.event, "done": bar.done});
        let mut waits = self.waits.lock().unwrap_or_else(PoisonError::into_inner);
        if waits.get(&bar.name).is_some_and(|(told, at)| *told == state && (bar.done || at.elapsed() < STILL))
        {
            return;
        }
        waits.insert(bar.name.clone(), (state, Instant::now()));
        drop(waits);
        emit(
            "wait",
            json!({"name": bar.name, "what": bar.label, "status": bar.status, "news": bar.event, "done": bar.done,
                "seconds": bar.elapsed.as_secs_f64(), "expected_seconds": bar.expected.map(|e| e.as_secs_f64()),
                "share": bar.share}),
        );
    }

    fn cleaning(&self, progress: &Progress<'_>) {
        let tell = |resource: &Resource, state: &str, more: Option<&str>| {
            emit(
                "cleanup",
                json!({"name": resource.planned.name, "what": resource.planned.action.describe(), "state": state,
                    "detail": more}),
            );
        };
        match progress {
            Progress::Started(resource) => tell(resource, "started", None),
            Progress::Waiting(resource, status, elapsed) => self.wait(&Bar {
                name: resource.planned.name.clone(),
                label: resource.planned.action.describe(),
                elapsed: *elapsed,
                expected: None,
                share: None,
                status: (*status).to_owned(),
                event: None,
                done: false,
                lasting: true,
            }),
            Progress::Finished(resource, how) => {
                let how = match how {
                    Undone::Deleted => "deleted",
                    Undone::AlreadyGone => "already_gone",
                    Undone::NotOurs => "not_ours",
                };
                tell(resource, how, None);
            }
            Progress::Failed(resource, why) => tell(resource, "failed", Some(why)),
            Progress::Sweeping => {
                emit("cleanup", json!({"name": null, "what": "sweep", "state": "started", "detail": null}));
            }
        }
    }
}

fn step(step: &Step, state: &str, more: Option<&str>) {
    emit(
        "step",
        json!({"step": step.id, "title": step.title, "phase": step.phase, "state": state, "detail": more}),
    );
}

fn made(planned: &Planned, id: &str, adopted: bool) {
    emit(
        "made",
        json!({"name": planned.name, "step": planned.tags.step, "what": planned.action.describe(), "id": id,
            "adopted": adopted}),
    );
}

impl Guide for Events {
    fn choose(&self, view: &StepView<'_>) -> Choice {
        self.inner.choose(view)
    }

    fn trouble(&self, at: &Step, problem: &Stop) -> Remedy {
        step(at, "failed", Some(&problem.to_string()));
        self.inner.trouble(at, problem)
    }

    fn answers(&self) -> Vec<Answered> {
        self.inner.answers()
    }

    fn show(&self, happening: &Happening<'_>) {
        match happening {
            Happening::StepBegins(at) => step(at, "begun", None),
            Happening::StepEnds(at) => step(at, "done", None),
            Happening::Made(planned, id) => made(planned, id, false),
            Happening::Adopted(planned, id) => made(planned, id, true),
            Happening::Retrying(failure) => emit("retry", json!({"problem": failure.to_string()})),
            Happening::Waiting(bars) => bars.iter().for_each(|bar| self.wait(bar)),
            Happening::Measured(kind, result) => emit("measured", json!({"kind": kind, "result": result})),
            Happening::LeftOut(at, reason) => step(at, "left_out", Some(reason)),
            Happening::Preflight(findings) => {
                for finding in findings.iter().filter(|f| f.weight != Weight::Good) {
                    let text = format!("{}: {} {}", finding.what, finding.found, finding.why);
                    emit("note", json!({"text": text.trim()}));
                }
            }
            Happening::Note(text) => emit("note", json!({"text": text})),
            Happening::Cleaning(progress) => self.cleaning(progress),
            // What a lab shows is no result of the walk.
            Happening::Doing(_) | Happening::WaitEnds | Happening::Looked(..) => {}
        }
        self.inner.show(happening);
    }
}
