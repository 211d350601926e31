//! Reports, transcripts and events of a whole walk: complete, valid by their schema, and without secrets.

use crate::support::{Home, only_session, run};
use serde_json::Value;
use std::sync::LazyLock;

static SCHEMA: LazyLock<Value> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../docs/events.schema.json")).expect("the schema is JSON")
});

/// Lists what a schema finds wrong with a value. It knows the keywords that our schema uses and panics on others.
fn faults(schema: &Value, value: &Value, at: &str, out: &mut Vec<String>) {
    for (keyword, rule) in schema.as_object().unwrap_or_else(|| panic!("{at}: no schema")) {
        let strings = |rule: &Value| -> Vec<String> {
            rule.as_array().into_iter().flatten().filter_map(|v| v.as_str().map(str::to_owned)).collect()
        };
        let fine = match keyword.as_str() {
            "$schema" | "$defs" | "title" | "description" => true,
            "const" => value == rule,
            "enum" => rule.as_array().is_some_and(|list| list.contains(value)),
            "type" => match rule {
                Value::Array(_) => strings(rule).iter().any(|name| is(value, name)),
                name => is(value, name.as_str().expect("a name")),
            },
            "minimum" => value.as_f64() >= rule.as_f64(),
            "required" => strings(rule).iter().all(|name| value.get(name).is_some()),
            "additionalProperties" => {
                let known = schema["properties"].as_object().expect("properties");
                value.as_object().is_none_or(|fields| fields.keys().all(|name| known.contains_key(name)))
            }
            "properties" => {
                for (name, rule) in rule.as_object().expect("an object") {
                    if let Some(value) = value.get(name) {
                        faults(rule, value, &format!("{at}.{name}"), out);
                    }
                }
                true
            }
            "items" => {
                for value in value.as_array().into_iter().flatten() {
                    faults(rule, value, &format!("{at}[]"), out);
                }
                true
            }
            other => panic!("{at}: the test does not know {other}"),
        };
        if !fine {
            out.push(format!("{at}: {keyword}"));
        }
    }
}

fn is(value: &Value, name: &str) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "number" => value.is_number(),
        "integer" => value.is_u64() || value.is_i64(),
        "null" => value.is_null(),
        other => panic!("an unknown type: {other}"),
    }
}

/// Parses every line as an event and holds it against the schema.
fn events(out: &str) -> Vec<Value> {
    let lines =
        out.lines().map(|line| serde_json::from_str::<Value>(line).unwrap_or_else(|e| panic!("{e}: {line}")));
    lines
        .inspect(|event| {
            let name = event["event"].as_str().expect("a name");
            let schema = &SCHEMA["$defs"][name];
            assert!(schema.is_object(), "the schema does not know {name}");
            let mut wrong = Vec::new();
            faults(schema, event, name, &mut wrong);
            assert!(wrong.is_empty(), "{wrong:?}\n{event}");
        })
        .collect()
}

#[test]
fn the_validator_refuses_what_is_wrong() {
    for wrong in [
        r#"{"event":"end","at":"x","exit":"0"}"#,
        r#"{"event":"end","at":"x"}"#,
        r#"{"event":"note","at":"x","text":"t","more":1}"#,
    ] {
        let value: Value = serde_json::from_str(wrong).expect("JSON");
        let mut found = Vec::new();
        faults(&SCHEMA["$defs"][value["event"].as_str().expect("a name")], &value, "", &mut found);
        assert!(!found.is_empty(), "{wrong}");
    }
}

#[test]
fn whole_walk_yields_valid_events_report_and_transcript() {
    let home = Home::new();
    // The pace is slow enough for a wait that events can tell of.
    home.serve(&["--no-engines", "--pace", "0.004"]);
    let said =
        home.run(&["--sandbox", "--yes", "--json", "--owner", "<Ana & Co>", "--cohort", "june"]).expect(0);
    let events = events(&said.out);
    let names: Vec<&str> = events.iter().filter_map(|e| e["event"].as_str()).collect();
    assert_eq!((names[0], names[names.len() - 2], names[names.len() - 1]), ("session", "receipt", "end"));
    for name in ["step", "made", "wait", "cleanup"] {
        assert!(names.contains(&name), "{name} is missing: {names:?}");
    }
    let made = names.iter().filter(|n| **n == "made").count();
    let left_out: Vec<&Value> = events.iter().filter(|e| e["state"] == "left_out").collect();
    assert!(
        left_out.iter().any(|e| e["detail"].as_str().is_some_and(|why| why.contains("engines"))),
        "{left_out:?}"
    );
    let receipt = &events[events.len() - 2];
    assert_eq!((made, &receipt["clean"]), (21, &true.into()), "{receipt}");
    // The walk for people goes to standard error meanwhile.
    assert!(said.err.contains("Receipt of"), "{}", said.err);

    let session = only_session(&home);
    let report = home.run(&["report"]).expect(0);
    let page = home.path().join(format!("{session}.html"));
    assert!(report.out.contains(&page.display().to_string()), "{}", report.out);
    let page = std::fs::read_to_string(page).expect("the page");
    is_one_sound_page(&page);
    // AWS allows these characters in a tag; the page must not take them for HTML.
    assert!(
        page.contains("_Ana _ Co_") && page.contains("nothing left") && page.contains("ACCOUNT_ID"),
        "{page}"
    );

    let data = home.run(&["report", &session, "--format", "json"]).expect(0).json();
    assert_eq!((&data["version"], &data["state"]), (&1.into(), &"closed".into()));
    assert_eq!(data["resources"].as_array().map(Vec::len), Some(20), "{data}");
    assert!(data["transcript"].as_array().is_some_and(|t| t.len() > 35), "{data}");
    let text = home.run(&["report", "--format", "md"]).expect(0).out;
    assert!(text.starts_with("# Database query caching") && text.contains("## Clean-up receipt"), "{text}");
    // The picture is that of this session: it has measured nothing, and its data were never loaded.
    assert!(
        text.contains("┌─ cache ─") && text.contains("Dashed: what this session has not made."),
        "{text}"
    );
    assert!(text.contains("╌ 10,000 products") && !text.contains("─ 10,000 products"), "{text}");
    for said in [&page, &text, &data.to_string()] {
        assert!(!said.contains("123456789012"), "the account's number is masked");
    }

    let script = home.run(&["transcript"]).expect(0).out;
    assert!(script.contains("aws elasticache create-replication-group"), "{script}");
    assert!(script.contains("aws rds delete-db-instance") && !script.contains("123456789012"), "{script}");
    let file = home.path().join("walk.sh");
    std::fs::write(&file, &script).expect("written");
    assert!(run(home.command("sh").arg("-n").arg(&file)).code == Some(0), "{script}");
}

/// Asserts that the page is one file without outside references whose tags are closed in order.
fn is_one_sound_page(page: &str) {
    for outside in ["src=", "@import", "url(", "<link", "<script", "http://", "https://"] {
        assert!(!page.contains(outside), "the page refers to {outside}");
    }
    let body = page[page.find("<body>").expect("a body")..].trim_end().trim_end_matches("</html>");
    let mut open: Vec<&str> = Vec::new();
    for piece in body.split('<').skip(1) {
        let (tag, _) = piece.split_once('>').expect("a closed tag");
        let name = tag.trim_start_matches('/').split([' ', '/']).next().unwrap_or_default();
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "around {piece:.80}");
        } else if !tag.ends_with('/') && !["br", "meta"].contains(&name) {
            open.push(name);
        }
    }
    assert!(open.is_empty(), "left open: {open:?}");
}

#[test]
fn failed_walks_events_end_with_error_and_status() {
    let home = Home::new().without_engines();
    home.run(&["sandbox", "fault", "add", "CreateReplicationGroup", "refuse"]).expect(0);
    let said = home.run(&["--sandbox", "--yes", "--keep", "--json"]).expect(10);
    let events = events(&said.out);
    let [.., failed, error, end] = &events[..] else { panic!("{events:?}") };
    assert_eq!(
        (&failed["state"], &error["event"], &end["exit"]),
        (&"failed".into(), &"error".into(), &10.into())
    );
    let next: Vec<&str> = error["next"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    assert!(next[0].contains("policy") && next[1].contains("resume"), "{error}");
    // A session under way has a report too, and says what is still there.
    let text = home.run(&["report", "--format", "md"]).expect(0).out;
    assert!(text.contains("Not cleaned up yet") && text.contains("refused"), "{text}");
    home.run(&["cleanup", "--yes"]).expect(0);
}

#[test]
fn unwritable_or_empty_report_is_refused_with_the_reason() {
    let home = Home::new();
    let said = home.run(&["report"]).expect(2);
    assert!(said.err.contains("next:"), "{}", said.err);
    home.run(&["transcript", "rw-aaaaaaaa"]).expect(2);
}
