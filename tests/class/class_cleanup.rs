//! Clean-up of whole classes and of what has expired, and what a dry run says of it.

use crate::support::sessions::{LONG_AGO, directory, elsewhere, expire, groups, hold, kept, now, parameters};
use crate::support::{Home, until};
use std::process::Stdio;

#[test]
fn class_cleanup_deletes_its_cohort_and_nobody_elses_resources() {
    let home = Home::new().without_engines();
    let june = [
        kept(&home, &["--cohort", "june", "--owner", "ana"]),
        kept(&home, &["--cohort", "june", "--owner", "ben"]),
        kept(&home, &["--cohort", "june", "--owner", "cleo"]),
    ];
    let july = kept(&home, &["--cohort", "july"]);
    // One session is known by its journal, one has a damaged journal, one is in the account alone.
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
    // A live walk elsewhere holds one of them, so it is left and the others go.
    let lease = format!("/recipe-walk/{}/lease", june[0]);
    hold(&home, &june[0], &now(&home));
    let said = home.run(&["cleanup", "--cohort", "june", "--sandbox", "--yes", "--json"]).expect(11);
    let receipts = said.json();
    let receipts = receipts.as_array().expect("receipts");
    assert_eq!(receipts.len(), 3);
    assert!(receipts.iter().any(|r| r["problem"].as_str().is_some_and(|p| p.contains("dora"))), "{said:?}");
    let next = "recipe-walk cleanup --cohort june --sandbox --take-over   # only if nobody walks there";
    assert!(said.err.contains(next), "{said:?}");
    assert_eq!(groups(&home), 2);
    home.aws(&["ssm", "delete-parameter", "--name", &lease]).expect(0);
    home.run(&["cleanup", "--cohort", "june", "--sandbox", "--yes"]).expect(0);
    let left = home.aws(&["elasticache", "describe-cache-subnet-groups"]).expect(0).out;
    assert!(left.contains(&alike) && left.contains(&format!("{july}-cache")), "{left}");
    assert_eq!(groups(&home), 1);
    // The tagging service still shows their terminated instances, which must not count as sessions.
    let tagged = home.aws(&["resourcegroupstaggingapi", "get-resources"]).expect(0).out;
    assert!(tagged.contains(":instance/") && tagged.contains(&june[0]), "{tagged}");
    let none = home.run(&["cleanup", "--cohort", "june", "--sandbox", "--yes", "--json"]).expect(0);
    assert_eq!(none.json(), serde_json::json!([]));
    let board = home.run(&["board", "--cohort", "june", "--sandbox", "--json"]).expect(0).json();
    assert_eq!(board["attendees"], serde_json::json!([]));
    home.aws(&["elasticache", "delete-cache-subnet-group", "--cache-subnet-group-name", &alike]).expect(0);
    home.run(&["cleanup", &july, "--yes"]).expect(0);
}

#[test]
fn expired_cleanup_spares_a_live_walk_and_ignores_dead_leases() {
    let home = Home::new().without_engines();
    let session = kept(&home, &[]);
    expire(&home, &session);
    let clean_up = ["cleanup", "--expired", "--sandbox", "--yes"];
    hold(&home, &session, &now(&home));
    let said = home.run(&clean_up).expect(11);
    assert!(said.out.contains("probably alive") && groups(&home) == 1, "{said:?}");
    assert!(said.err.contains("cleanup --expired --sandbox --take-over"), "{said:?}");
    hold(&home, &session, LONG_AGO);
    let said = home.run(&clean_up).expect(0);
    assert!(said.err.contains("is taken over from dora"), "{said:?}");
    assert_eq!((groups(&home), parameters(&home, &session).len()), (0, 0));
}

#[test]
fn taken_over_session_ends_its_own_cleanup_only() {
    let home = Home::new().without_engines();
    let class = [kept(&home, &["--cohort", "june"]), kept(&home, &["--cohort", "june"])];
    home.run(&["sandbox", "fault", "add", "DeleteDBInstance", "stall-before", "--times", "2"]).expect(0);
    let clean_up = ["cleanup", "--cohort", "june", "--sandbox", "--yes", "--json"];
    let mut command = home.recipe_walk(&clean_up);
    let clean_up = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    until("both are held", || {
        let faults = home.run(&["sandbox", "fault", "list", "--json"]).expect(0).json();
        faults[0]["held"] == 2
    });
    hold(&home, &class[0], &now(&home));
    let before = home.calls("GetParameter");
    until("both have looked at their leases", || home.calls("GetParameter") >= before + 2);
    home.run(&["sandbox", "fault", "clear"]).expect(0);
    let ended = clean_up.wait_with_output().expect("it ends");
    let (out, err) = (String::from_utf8_lossy(&ended.stdout), String::from_utf8_lossy(&ended.stderr));
    assert_eq!(ended.status.code(), Some(11), "{out} {err}");
    let all: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    let of = |n: usize| {
        all.as_array().expect("a list").iter().find(|o| o["session"] == class[n]).expect("an outcome").clone()
    };
    assert!(of(0)["problem"].as_str().is_some_and(|p| p.contains("taken over by dora")), "{out}");
    assert!(of(1)["items"].is_array() && of(1)["left"] == serde_json::json!([]), "{out}");
    assert!(parameters(&home, &class[1]).is_empty() && !parameters(&home, &class[0]).is_empty());
    home.run(&["cleanup", &class[0], "--yes", "--take-over"]).expect(0);
}

#[test]
fn dry_run_lists_exactly_what_the_cleanup_deletes() {
    let home = Home::new().without_engines();
    let session = kept(&home, &[]);
    // One recorded resource is gone, and the shortened journal lacks others that exist.
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
    // A class of one, found by its tags, gets the same list.
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
