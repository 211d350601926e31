//! What the recipe makes for one session, held against a snapshot.

use super::{Run, id, recipe};
use recipe_walk_engine::action::{Output, Planned};
use recipe_walk_engine::interrupt::Interrupt;
use recipe_walk_engine::plan::plan;
use recipe_walk_engine::record::Record;
use std::collections::BTreeMap;
use std::path::Path;

/// Every request of the recipe, as it is first shown and as it is made.
fn requests(run: &Run) -> Vec<(&'static str, Planned)> {
    let tools = run.tools(&Interrupt::default());
    let facts = [
        ("vpc", "vpc-1"),
        ("subnets", "subnet-1,subnet-2"),
        ("first_subnet", "subnet-1"),
        ("image", "ami-1"),
        ("cache_version", "7.1"),
        ("cache_family", "redis7"),
        ("boundary", ""),
    ];
    let facts: BTreeMap<_, _> = facts.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    tools.session.record(Record::Verified { step: "survey".into(), facts }).expect("recorded");
    let mut all = Vec::new();
    for step in &recipe().steps {
        let shown = plan(step, &tools.session.state()).expect("a plan");
        all.extend(shown.iter().cloned().map(|planned| ("shown", planned)));
        for index in 0..shown.len() {
            let planned = plan(step, &tools.session.state()).expect("a plan").remove(index);
            let output = Output::id(format!("id-of-{}", planned.name));
            tools.session.record(Record::Intended(Box::new(planned.clone()))).expect("recorded");
            tools.session.record(Record::Created { name: planned.name.clone(), output }).expect("recorded");
            all.push(("made", planned));
        }
    }
    all
}

#[test]
fn the_recipe_makes_what_it_always_made() {
    let run = Run::new(None);
    let lines = requests(&run)
        .into_iter()
        .map(|(when, planned)| format!("{when} {}\n", serde_json::to_string(&planned).expect("JSON")));
    let text: String = lines.collect();
    let dir = serde_json::to_string(&run.dir.path()).expect("JSON");
    let text = text.replace(dir.trim_matches('"'), "/sessions");
    assert!(text.contains(id().as_str()));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/walks/plan.jsonl");
    if std::env::var_os("RECIPE_WALK_NEW_SNAPSHOT").is_some() {
        std::fs::write(&path, &text).expect("written");
    }
    assert_eq!(text, std::fs::read_to_string(path).expect("the snapshot"));
}
