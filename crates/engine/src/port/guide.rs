//! The engine's port to the person: a terminal, a plain log, or a test.

use crate::action::Planned;
use crate::cloud::Undone;
use crate::difference::Difference;
use crate::failure::Failure;
use crate::finding::Finding;
use crate::recipe::Step;
use crate::state::{Resource, State};
use crate::stop::Stop;
use std::time::Duration;

/// What is on the table before a step runs.
#[derive(Debug)]
pub struct StepView<'a> {
    /// The step.
    pub step: &'a Step,
    /// Its place among all, from one.
    pub number: usize,
    /// Number of steps.
    pub total: usize,
    /// Everything known.
    pub state: &'a State,
    /// What it will make.
    pub planned: &'a [Planned],
    /// Whether it is a lab's, which has no menu to go back to.
    pub lab: bool,
}

/// What the person wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// Run the step.
    Run,
    /// The person made it in another terminal: look, check and adopt.
    Adopt,
    /// Begin with the step's menu again.
    Menu,
    /// Leave it out.
    Skip,
    /// Stop here; resume later.
    Quit,
}

/// What was found of one thing that the person was to make.
#[derive(Debug, Clone)]
pub struct Inspection {
    /// As it was planned.
    pub planned: Planned,
    /// What was found.
    pub result: Inspected,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inspected {
    /// It is there and is the session's from now on; with differences that may stay.
    Adopted(Vec<Difference>),
    /// It is not there; with what there is in its place.
    Missing(Vec<Difference>),
    /// It is there and cannot be adopted as it is.
    Differs(Vec<Difference>),
}

/// What the person wants after something went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remedy {
    /// Try again.
    Retry,
    /// Leave the step out.
    Skip,
    /// Stop here; resume later.
    Quit,
}

/// What a person said to one of the recipe's questions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// The question's id.
    pub question: String,
    /// The option's id.
    pub option: String,
}

/// Something that takes its time, for a bar.
#[derive(Debug, Clone)]
pub struct Bar {
    /// Action or part name.
    pub name: String,
    /// What a person calls it.
    pub label: String,
    /// Time so far.
    pub elapsed: Duration,
    /// Time it usually takes, if known.
    pub expected: Option<Duration>,
    /// Part done, where it can be counted.
    pub share: Option<f64>,
    /// The service's own word.
    pub status: String,
    /// Newest service event.
    pub event: Option<String>,
    /// Whether it is over.
    pub done: bool,
    /// Whether its last state stays on the screen; a measurement is followed by its result instead.
    pub lasting: bool,
}

/// What happens, for showing.
#[derive(Debug)]
pub enum Happening<'a> {
    /// A step begins.
    StepBegins(&'a Step),
    /// A call is about to be made.
    Doing(&'a Planned),
    /// It was made.
    Made(&'a Planned, &'a str),
    /// It was there already and is ours.
    Adopted(&'a Planned, &'a str),
    /// A call failed in a way that passes by itself; it is tried again.
    Retrying(&'a Failure),
    /// Bars of a wait.
    Waiting(&'a [Bar]),
    /// The wait is over.
    WaitEnds,
    /// The demo told a result.
    Measured(&'a str, &'a serde_json::Value),
    /// The demo told a result in a lab: it is shown, and no measurement of the learner's.
    Looked(&'a str, &'a serde_json::Value),
    /// A step is left out, and why.
    LeftOut(&'a Step, &'a str),
    /// The preflight's findings.
    Preflight(&'a [Finding]),
    /// A line for the person.
    Note(&'a str),
    /// A step is done.
    StepEnds(&'a Step),
    /// Clean-up moved on.
    Cleaning(&'a Progress<'a>),
}

/// What clean-up is at, for showing.
#[derive(Debug)]
pub enum Progress<'a> {
    /// A deletion was asked for.
    Started(&'a Resource),
    /// It goes on.
    Waiting(&'a Resource, &'a str, Duration),
    /// It is over.
    Finished(&'a Resource, Undone),
    /// It failed; the rest goes on.
    Failed(&'a Resource, &'a str),
    /// The sweep begins.
    Sweeping,
}

/// A person, or what stands for one.
pub trait Guide: Send + Sync {
    /// Before a step.
    fn choose(&self, view: &StepView<'_>) -> Choice;
    /// After a look at what the person made: all of it.
    fn inspected(&self, _: &[Inspection]) {}
    /// After such a look found something missing or different: `Adopt` looks again, `Run` lets the walk make what is
    /// missing, `Menu` goes back.
    fn mend(&self, _: &StepView<'_>, _: &[Inspection]) -> Choice {
        Choice::Quit
    }
    /// After a failure.
    fn trouble(&self, step: &Step, problem: &Stop) -> Remedy;
    /// Which of the recipe's questions the person has answered since it was last asked. Nobody is asked here: it is
    /// asked for before a step runs, and again and again while one waits.
    fn answers(&self) -> Vec<Answered> {
        Vec::new()
    }
    /// While things happen.
    fn show(&self, happening: &Happening<'_>);
}
