//! Reading one line of the journal. A flat shape of all fields, because serde's own way (`flatten` with a tag) copies
//! every line several times before it looks at it, and journals grow long.

use crate::action::{Action, Output, Planned};
use crate::cloud::{Place, Undone};
use crate::failure::Failure;
use crate::id::SessionId;
use crate::record::{Line, Opening, Record};
use crate::tags::Tags;
use jiff::Timestamp;
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Every field that a record can have. What a later version adds to a record is passed over.
#[derive(Deserialize)]
struct Fields<'a> {
    at: Timestamp,
    #[serde(borrow)]
    record: Cow<'a, str>,
    version: Option<u32>,
    session: Option<SessionId>,
    place: Option<Place>,
    sandbox: Option<bool>,
    recipe: Option<String>,
    recipe_hash: Option<String>,
    recipe_dir: Option<String>,
    owner: Option<String>,
    cohort: Option<String>,
    expires_at: Option<Timestamp>,
    #[serde(default)]
    rebuilt: bool,
    key: Option<String>,
    value: Option<String>,
    step: Option<String>,
    reason: Option<String>,
    name: Option<String>,
    #[serde(default, deserialize_with = "request")]
    action: Option<Action>,
    tags: Option<Tags>,
    output: Option<Output>,
    failure: Option<Failure>,
    facts: Option<BTreeMap<String, String>>,
    kind: Option<String>,
    #[serde(default, deserialize_with = "some")]
    result: Option<Value>,
    question: Option<String>,
    answer: Option<String>,
    what: Option<String>,
    seconds: Option<f64>,
    how: Option<Undone>,
}

/// A value that is there, also where it is `null`.
fn some<'de, D: Deserializer<'de>>(value: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(value).map(Some)
}

/// A request, without what a later version adds to it.
fn request<'de, D: Deserializer<'de>>(value: D) -> Result<Option<Action>, D::Error> {
    Action::recorded(Value::deserialize(value)?).map(Some).map_err(serde::de::Error::custom)
}

/// What every record of every version has.
#[derive(Deserialize)]
struct Kind<'a> {
    at: Timestamp,
    #[serde(borrow)]
    record: Cow<'a, str>,
}

/// The records that this version knows.
pub const KNOWN: [&str; 18] = [
    "opened",
    "answered",
    "skipped",
    "intended",
    "created",
    "adopted",
    "refused",
    "unclear",
    "verified",
    "reopened",
    "measured",
    "predicted",
    "took",
    "unwinding",
    "undo_started",
    "undo_failed",
    "undo_finished",
    "closed",
];

/// Reads one line, without its line feed. A kind of record that a later version wrote is kept as unknown; anything else
/// that does not fit is an error, in words.
pub fn read_line(text: &[u8]) -> Result<Line, String> {
    match serde_json::from_slice::<Fields<'_>>(text) {
        Ok(fields) => fields.line().map_err(|field| format!("missing field `{field}`")),
        // Its fields may have our names and mean something else.
        Err(error) => match serde_json::from_slice::<Kind<'_>>(text) {
            Ok(kind) if !KNOWN.contains(&&*kind.record) => Ok(Line { at: kind.at, record: Record::Unknown }),
            _ => Err(error.to_string()),
        },
    }
}

fn need<T>(field: Option<T>, name: &'static str) -> Result<T, &'static str> {
    field.ok_or(name)
}

impl Fields<'_> {
    /// The record of its kind, or the field that it lacks.
    fn line(self) -> Result<Line, &'static str> {
        let at = self.at;
        let record = match &*self.record {
            "opened" => Record::Opened(Box::new(Opening {
                version: need(self.version, "version")?,
                session: need(self.session, "session")?,
                place: need(self.place, "place")?,
                sandbox: need(self.sandbox, "sandbox")?,
                recipe: need(self.recipe, "recipe")?,
                recipe_hash: self.recipe_hash,
                recipe_dir: self.recipe_dir,
                owner: need(self.owner, "owner")?,
                cohort: need(self.cohort, "cohort")?,
                expires_at: need(self.expires_at, "expires_at")?,
                rebuilt: self.rebuilt,
            })),
            "answered" => Record::Answered { key: need(self.key, "key")?, value: need(self.value, "value")? },
            "skipped" => {
                Record::Skipped { step: need(self.step, "step")?, reason: need(self.reason, "reason")? }
            }
            "intended" => Record::Intended(Box::new(Planned {
                name: need(self.name, "name")?,
                action: need(self.action, "action")?,
                tags: need(self.tags, "tags")?,
            })),
            "created" => {
                Record::Created { name: need(self.name, "name")?, output: need(self.output, "output")? }
            }
            "adopted" => {
                Record::Adopted { name: need(self.name, "name")?, output: need(self.output, "output")? }
            }
            "refused" => {
                Record::Refused { name: need(self.name, "name")?, failure: need(self.failure, "failure")? }
            }
            "unclear" => {
                Record::Unclear { name: need(self.name, "name")?, failure: need(self.failure, "failure")? }
            }
            "verified" => {
                Record::Verified { step: need(self.step, "step")?, facts: self.facts.unwrap_or_default() }
            }
            "reopened" => Record::Reopened { step: need(self.step, "step")? },
            "measured" => {
                Record::Measured { kind: need(self.kind, "kind")?, result: need(self.result, "result")? }
            }
            "predicted" => Record::Predicted {
                question: need(self.question, "question")?,
                answer: need(self.answer, "answer")?,
            },
            "took" => {
                Record::Took { what: need(self.what, "what")?, seconds: need(self.seconds, "seconds")? }
            }
            "unwinding" => Record::Unwinding,
            "undo_started" => Record::UndoStarted { name: need(self.name, "name")? },
            "undo_failed" => {
                Record::UndoFailed { name: need(self.name, "name")?, failure: need(self.failure, "failure")? }
            }
            "undo_finished" => {
                Record::UndoFinished { name: need(self.name, "name")?, how: need(self.how, "how")? }
            }
            "closed" => Record::Closed,
            _ => Record::Unknown,
        };
        Ok(Line { at, record })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloud::Undone;

    fn at() -> Timestamp {
        "2026-11-22T12:00:00.123456789Z".parse().expect("a time")
    }

    /// One record of every kind that is written.
    fn all() -> Vec<Record> {
        let (name, step) = (|| "thing".to_owned(), || "prepare".to_owned());
        let failure = Failure::local("op", "Code", "no \u{e9}\n\"");
        let output = Output::id("id-1").with("arn", "a");
        let session = SessionId::from_bytes([3; 8]);
        let tags = Tags {
            session: session.clone(),
            step: step(),
            owner: "Ana".into(),
            cohort: String::new(),
            expires_at: at(),
        };
        let opening = Opening {
            version: 1,
            session,
            place: Place { account: "1".into(), region: "r".into(), endpoint: None },
            sandbox: true,
            recipe: "x".into(),
            recipe_hash: Some("h".into()),
            recipe_dir: Some("/d".into()),
            owner: "Ana".into(),
            cohort: String::new(),
            expires_at: at(),
            rebuilt: true,
        };
        let action = Action::Note(crate::kind::Note {
            path: "/p".into(),
            description: "d".into(),
            text: "{\"a\":1}".into(),
        });
        vec![
            Record::Opened(Box::new(opening)),
            Record::Answered { key: "k".into(), value: "v".into() },
            Record::Skipped { step: step(), reason: "r".into() },
            Record::Intended(Box::new(Planned { name: name(), action, tags })),
            Record::Created { name: name(), output: output.clone() },
            Record::Adopted { name: name(), output },
            Record::Refused { name: name(), failure: failure.clone() },
            Record::Unclear {
                name: name(),
                failure: Failure::Unclear { operation: "op".into(), cause: "lost".into() },
            },
            Record::Verified { step: step(), facts: BTreeMap::from([("k".into(), "v".into())]) },
            Record::Reopened { step: step() },
            Record::Measured { kind: "load".into(), result: serde_json::json!({"p": [1, 2.5, null]}) },
            Record::Predicted { question: "q".into(), answer: "a".into() },
            Record::Took { what: name(), seconds: 12.5 },
            Record::Unwinding,
            Record::UndoStarted { name: name() },
            Record::UndoFailed { name: name(), failure },
            Record::UndoFinished { name: name(), how: Undone::AlreadyGone },
            Record::Closed,
        ]
    }

    #[test]
    fn every_record_comes_back_as_it_was_written() {
        let all = all();
        assert_eq!(all.len(), KNOWN.len());
        for (record, kind) in all.into_iter().zip(KNOWN) {
            let line = Line { at: at(), record };
            let text = serde_json::to_string(&line).expect("JSON");
            assert!(text.contains(&format!("\"record\":\"{kind}\"")), "{text}");
            assert_eq!(read_line(text.as_bytes()).expect(&text), line);
        }
    }

    #[test]
    fn a_record_without_one_of_its_fields_is_an_error_and_one_with_more_is_not() {
        for record in all() {
            let line = Line { at: at(), record };
            let value = serde_json::to_value(&line).expect("JSON");
            let fields = value.as_object().expect("an object").clone();
            let optional = ["facts", "recipe_dir", "recipe_hash", "rebuilt"];
            for field in fields.keys().filter(|f| !optional.contains(&f.as_str())) {
                let mut fewer = fields.clone();
                fewer.remove(field);
                let text = serde_json::Value::Object(fewer).to_string();
                assert!(read_line(text.as_bytes()).is_err(), "{text}");
            }
            let mut more = fields;
            more.insert("later".into(), serde_json::json!([1]));
            let text = serde_json::Value::Object(more).to_string();
            assert_eq!(read_line(text.as_bytes()).expect(&text), line);
        }
    }

    #[test]
    fn a_kind_of_record_that_nobody_knows_may_use_our_words_otherwise() {
        for later in [r#""record":"danced""#, r#""record":"danced","name":5,"failure":"x""#] {
            let text = format!("{{\"at\":\"2026-11-22T12:00:00Z\",{later}}}");
            assert_eq!(read_line(text.as_bytes()).expect(&text).record, Record::Unknown);
        }
        let text = r#"{"at":"2026-11-22T12:00:00Z","record":"closed","name":5}"#;
        assert!(read_line(text.as_bytes()).is_err(), "a known kind with a damaged field");
    }
}
