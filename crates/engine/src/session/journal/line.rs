//! Reading one line of the journal.

use crate::kind::catalog::names;
use crate::record::{Line, Record};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

/// A line of any version.
#[derive(Deserialize)]
struct AnyLine {
    at: Timestamp,
    record: Value,
}

impl AnyLine {
    /// The kind of its record, where that is sure.
    fn kind(&self) -> Option<&str> {
        match &self.record {
            Value::String(kind) => Some(kind),
            Value::Object(kinds) if kinds.len() == 1 => kinds.keys().next().map(String::as_str),
            _ => None,
        }
    }
}

/// The kinds of records that this version knows.
pub fn known() -> &'static [&'static str] {
    names::of::<Record>()
}

/// Reads one line, without its line feed. Fields that a later version added are passed over, and a kind of record that it
/// added is kept as unknown; anything else that does not fit is an error, in words.
pub fn read_line(text: &[u8]) -> Result<Line, String> {
    serde_json::from_slice(text).or_else(|error| match serde_json::from_slice::<AnyLine>(text) {
        Ok(line) if line.kind().is_some_and(|kind| !known().contains(&kind)) => {
            Ok(Line { at: line.at, record: Record::Unknown })
        }
        _ => Err(error.to_string()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::action::{Action, Output, Planned};
    use crate::cloud::{Place, Undone};
    use crate::failure::Failure;
    use crate::id::SessionId;
    use crate::record::Opening;

    fn at() -> Timestamp {
        "2026-11-22T12:00:00.123456789Z".parse().expect("a time")
    }

    /// One record of every kind that is written.
    fn all() -> Vec<Record> {
        let (name, step) = (|| "thing".to_owned(), || "prepare".to_owned());
        let failure = Failure::local("op", "Code", "no \u{e9}\n\"");
        let output = Output::id("id-1").with("arn", "a");
        let session = SessionId::from_bytes([3; 8]);
        let place = Place { account: "1".into(), region: "r".into(), endpoint: None };
        let opening = Opening {
            sandbox: true,
            recipe_hash: Some("h".into()),
            recipe_dir: Some("/d".into()),
            owner: "Ana".into(),
            rebuilt: true,
            ..Opening::new(session, place, "x", at())
        };
        let tags = opening.tags(&step());
        let action = Action::Note(crate::kind::Note {
            path: "/p".into(),
            description: "d".into(),
            text: "{\"a\":1}".into(),
        });
        vec![
            Record::Opened(Box::new(opening)),
            Record::Answered { key: "k".into(), value: "v".into() },
            Record::Skipped { step: step(), reason: "r".into() },
            Record::Intended(Box::new(Planned::new(name(), action, tags))),
            Record::Created { name: name(), output: output.clone() },
            Record::Adopted { name: name(), output },
            Record::Refused { name: name(), failure: failure.clone() },
            Record::Unclear {
                name: name(),
                failure: Failure::Unclear { operation: "op".into(), cause: "lost".into() },
            },
            Record::Verified {
                step: step(),
                facts: std::collections::BTreeMap::from([("k".into(), "v".into())]),
            },
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

    /// The line as JSON, and the object of its record where that has fields.
    fn json(line: &Line) -> (Value, Option<serde_json::Map<String, Value>>) {
        let value = serde_json::to_value(line).expect("JSON");
        let record =
            value["record"].as_object().and_then(|record| record.values().next()?.as_object().cloned());
        (value, record)
    }

    #[test]
    fn every_record_comes_back_as_it_was_written() {
        let all = all();
        assert_eq!(all.len(), known().len());
        for (record, kind) in all.into_iter().zip(known()) {
            let line = Line { at: at(), record };
            let text = serde_json::to_string(&line).expect("JSON");
            assert!(text.contains(&format!("\"{kind}\"")), "{text}");
            assert_eq!(read_line(text.as_bytes()).expect(&text), line);
        }
    }

    #[test]
    fn records_may_have_more_fields_and_never_fewer() {
        for record in all() {
            let line = Line { at: at(), record };
            let (mut value, Some(fields)) = json(&line) else { continue };
            let kind = value["record"].as_object().expect("a record").keys().next().expect("a kind").clone();
            let optional = ["recipe_dir", "recipe_hash", "rebuilt", "generation"];
            for field in fields.keys().filter(|f| !optional.contains(&f.as_str())) {
                value["record"][&kind] = fields.clone().into();
                value["record"][&kind].as_object_mut().expect("fields").remove(field);
                let text = value.to_string();
                assert!(read_line(text.as_bytes()).is_err(), "{text}");
            }
            value["record"][&kind] = fields.into();
            value["record"][&kind]["later"] = serde_json::json!([1]);
            value["later"] = serde_json::json!({"more": 1});
            let text = value.to_string();
            assert_eq!(read_line(text.as_bytes()).expect(&text), line);
        }
    }

    #[test]
    fn a_line_needs_its_time_and_one_record() {
        let at = r#""at":"2026-11-22T12:00:00Z""#;
        for line in [
            r#"{"record":"closed"}"#.to_owned(),
            r#"{"record":"danced"}"#.to_owned(),
            format!("{{{at}}}"),
            format!(r#"{{{at},"record":{{}}}}"#),
            format!(r#"{{{at},"record":7}}"#),
            format!(r#"{{{at},"record":{{"danced":1,"closed":null}}}}"#),
            format!(r#"{{{at},"record":{{"reopened":{{"step":"a"}},"danced":1}}}}"#),
            format!(r#"{{{at},"record":"opened"}}"#),
        ] {
            assert!(read_line(line.as_bytes()).is_err(), "{line}");
        }
    }

    #[test]
    fn unknown_records_may_use_our_words_otherwise() {
        for later in [r#""danced""#, r#"{"danced":{"name":5,"failure":"x"}}"#, r#""unknown""#] {
            let text = format!("{{\"at\":\"2026-11-22T12:00:00Z\",\"record\":{later}}}");
            assert_eq!(read_line(text.as_bytes()).expect(&text).record, Record::Unknown);
        }
        let text = r#"{"at":"2026-11-22T12:00:00Z","record":{"reopened":{"step":5}}}"#;
        assert!(read_line(text.as_bytes()).is_err(), "a known kind with a damaged field");
    }
}
