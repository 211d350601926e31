//! Random records, and those that a journal can hold.

use crate::{at, opened, planned, unclear};
use proptest::collection::vec;
use proptest::prelude::*;
use recipe_walk_engine::action::Output;
use recipe_walk_engine::cloud::Undone;
use recipe_walk_engine::record::{Line, Record};
use recipe_walk_engine::state::State;

/// Any record at all, about one of three things.
pub(crate) fn any_record() -> impl Strategy<Value = Record> {
    let name = || prop_oneof![Just("a".to_owned()), Just("b".to_owned()), Just("c".to_owned())];
    let text = || prop_oneof!["[a-z.]{0,8}", any::<String>()];
    let output = (text(), text(), text()).prop_map(|(id, k, v)| Output::id(id).with(&k, v));
    let output2 = (text(), text(), text()).prop_map(|(id, k, v)| Output::id(id).with(&k, v));
    let failure = || text().prop_map(|t| unclear(&t));
    let how = prop_oneof![Just(Undone::Deleted), Just(Undone::AlreadyGone), Just(Undone::NotOurs)];
    let life = prop_oneof![
        (name(), text()).prop_map(|(n, t)| Record::Intended(Box::new(planned(&n, &t)))),
        (name(), output).prop_map(|(name, output)| Record::Created { name, output }),
        (name(), output2).prop_map(|(name, output)| Record::Adopted { name, output }),
        (name(), failure()).prop_map(|(name, failure)| Record::Refused { name, failure }),
        (name(), failure()).prop_map(|(name, failure)| Record::Unclear { name, failure }),
        name().prop_map(|name| Record::UndoStarted { name }),
        (name(), failure()).prop_map(|(name, failure)| Record::UndoFailed { name, failure }),
        (name(), how).prop_map(|(name, how)| Record::UndoFinished { name, how }),
    ];
    let rest = prop_oneof![
        Just(opened()),
        (text(), text()).prop_map(|(key, value)| Record::Answered { key, value }),
        (name(), text()).prop_map(|(step, reason)| Record::Skipped { step, reason }),
        (name(), vec((text(), text()), 0..3))
            .prop_map(|(step, facts)| Record::Verified { step, facts: facts.into_iter().collect() }),
        name().prop_map(|step| Record::Reopened { step }),
        (name(), any::<i64>())
            .prop_map(|(kind, n)| Record::Measured { kind, result: serde_json::json!({"n": n}) }),
        (text(), text()).prop_map(|(question, answer)| Record::Predicted { question, answer }),
        (name(), 0.0..1e6_f64).prop_map(|(what, seconds)| Record::Took { what, seconds }),
        Just(Record::Unwinding),
        Just(Record::Closed),
    ];
    prop_oneof![3 => life, 1 => rest]
}

/// Records that a journal can hold: what does not fit is left out.
pub(crate) fn fitting(records: Vec<Record>) -> Vec<Record> {
    let mut state = State::default();
    let all = std::iter::once(opened()).chain(records).enumerate();
    all.filter(|(s, r)| state.fold(Line { at: at(*s), record: r.clone() }).is_ok()).map(|(_, r)| r).collect()
}
