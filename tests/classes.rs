//! Clean-up of whole classes, and what a dry run says of it.

use crate::durable::{directory, elsewhere, groups, kept};
use crate::support::Home;

#[test]
fn a_class_is_listed_and_cleaned_up_and_nobody_else_is() {
    let home = Home::new().without_engines();
    let june = [
        kept(&home, &["--cohort", "june", "--owner", "ana"]),
        kept(&home, &["--cohort", "june", "--owner", "ben"]),
        kept(&home, &["--cohort", "june", "--owner", "cleo"]),
    ];
    let july = kept(&home, &["--cohort", "july"]);
    // One is known from its journal, one from a damaged one, one from the account alone.
    std::fs::write(directory(&home, &june[1]).join("journal.jsonl"), "rubbish\n").expect("damaged");
    std::fs::remove_dir_all(directory(&home, &june[2])).expect("lost");
    // Look-alikes: a name that has the session in it, and a name of ours without the tag.
    let subnets = home.aws(&["ec2", "describe-subnets"]).expect(0).json();
    let subnet = subnets["Subnets"][0]["SubnetId"].as_str().expect("a subnet").to_owned();
    let alike = format!("my-{}-cache", june[0]);
    home.aws(&["elasticache", "create-cache-subnet-group", "--cache-subnet-group-name", &alike])
        .code
        .filter(|code| *code != 0)
        .expect("incomplete arguments are refused");
    let mut create = vec!["elasticache", "create-cache-subnet-group", "--cache-subnet-group-name", &alike];
    create.extend(["--cache-subnet-group-description", "x", "--subnet-ids", &subnet]);
    home.aws(&create).expect(0);
    let other = Home::new();
    let remote = elsewhere(&other, &home, &["sessions", "--remote", "--aws", "--json"]).expect(0).json();
    let list = remote.as_array().expect("a list");
    assert_eq!(list.len(), 4, "{remote}");
    let ana = list.iter().find(|s| s["owner"] == "ana").expect("ana's session");
    assert_eq!((&ana["session"], &ana["cohort"]), (&june[0].clone().into(), &"june".into()));
    assert!(ana["cost_estimate"].as_f64().is_some_and(|c| c > 0.0), "{ana}");
    let said = home.run(&["cleanup", "--cohort", "june", "--sandbox", "--dry-run"]).expect(0);
    assert!(june.iter().all(|s| said.out.contains(&format!("{s}-cache"))), "{}", said.out);
    assert!(!said.out.contains(&july) && groups(&home) == 4, "{}", said.out);
    home.run(&["cleanup", "--cohort", "june", "--yes"]).expect(2);
    home.run(&["cleanup", "--cohort", "june", "--sandbox"]).expect(13);
    let none = home.run(&["cleanup", "--expired", "--sandbox", "--yes", "--json"]).expect(0);
    assert_eq!(none.json(), serde_json::json!([]));
    // A live walk elsewhere holds one of them: it is left, the others go.
    let lease = format!("/recipe-walk/{}/lease", june[0]);
    let now = home.command("date").args(["-u", "+%Y-%m-%dT%H:%M:%SZ"]).output().expect("date").stdout;
    let now = String::from_utf8(now).expect("a time");
    let text = serde_json::json!({"holder": "dora", "token": "t", "at": now.trim()}).to_string();
    home.aws(&["ssm", "put-parameter", "--name", &lease, "--type", "String", "--value", &text]).expect(0);
    let said = home.run(&["cleanup", "--cohort", "june", "--sandbox", "--yes", "--json"]).expect(11);
    let receipts = said.json();
    let receipts = receipts.as_array().expect("receipts");
    assert_eq!(receipts.len(), 3);
    assert!(receipts.iter().any(|r| r["problem"].as_str().is_some_and(|p| p.contains("dora"))), "{said:?}");
    assert_eq!(groups(&home), 2);
    home.aws(&["ssm", "delete-parameter", "--name", &lease]).expect(0);
    home.run(&["cleanup", "--cohort", "june", "--sandbox", "--yes"]).expect(0);
    let left = home.aws(&["elasticache", "describe-cache-subnet-groups"]).expect(0).out;
    assert!(left.contains(&alike) && left.contains(&format!("{july}-cache")), "{left}");
    assert_eq!(groups(&home), 1);
    home.aws(&["elasticache", "delete-cache-subnet-group", "--cache-subnet-group-name", &alike]).expect(0);
    home.run(&["cleanup", &july, "--yes"]).expect(0);
}

#[test]
fn a_dry_run_lists_exactly_what_the_clean_up_deletes() {
    let home = Home::new().without_engines();
    let session = kept(&home, &[]);
    // One thing is gone that the journal has, and the journal has forgotten others that are there.
    let results = format!("/recipe-walk/{session}/results");
    home.aws(&["ssm", "delete-parameter", "--name", &results]).expect(0);
    let journal = directory(&home, &session).join("journal.jsonl");
    let text = std::fs::read_to_string(&journal).expect("the journal");
    let records: Vec<&str> = text.split_inclusive('\n').collect();
    let half = records.iter().take_while(|r| !r.contains("\"name\":\"role\"")).count();
    std::fs::write(&journal, records[..half].concat()).expect("shortened");
    let before = std::fs::read(&journal).expect("the journal");
    let planned = home.run(&["cleanup", &session, "--dry-run", "--json"]).expect(0).json();
    assert_eq!(std::fs::read(&journal).expect("the journal"), before, "a dry run writes nothing down");
    // A class of one by its tags says the same.
    let class = home.run(&["cleanup", "--expired", "--sandbox", "--dry-run", "--json"]).expect(0).json();
    assert_eq!(class, serde_json::json!([]), "it has not expired");
    let receipt = home.run(&["cleanup", &session, "--yes", "--json"]).expect(0).json();
    let sorted = |mut names: Vec<String>| {
        names.sort();
        names
    };
    let name = |item: &serde_json::Value| item["name"].as_str().expect("a name").to_owned();
    let would = sorted(planned.as_array().expect("a list").iter().map(name).collect());
    let went = receipt["items"].as_array().expect("items").iter().filter(|i| i["how"] == "deleted");
    assert_eq!(would, sorted(went.map(name).collect()));
    assert!(would.len() > 15 && !would.contains(&"results".to_owned()), "{would:?}");
    assert_eq!(std::fs::read_dir(home.state()).expect("the state").count(), 2, "sessions and sandbox alone");
}
