//! What happens to a session while nobody walks it here: it is cleaned up elsewhere, loses a password, a database, or its
//! cache to a hand that set no tag.

use crate::support::checkout::recipe_without;
use crate::support::pty::Terminal;
use crate::support::sessions::{databases, directory, elsewhere, groups, kept, parameters, walk_held_at};
use crate::support::{Home, kill, resealed, run, until};
use serde_json::Value;

#[test]
fn what_was_cleaned_up_elsewhere_is_not_built_anew() {
    let home = Home::new().without_engines();
    let session = kept(&home, &[]);
    elsewhere(&Home::new(), &home, &["cleanup", &session, "--aws", "--yes"]).expect(0);
    let said = home.run(&["resume", &session, "--yes"]).expect(10);
    assert!(said.err.contains("was cleaned up on another machine"), "{}", said.err);
    assert!(said.err.contains(&format!("cleanup {session}")), "{}", said.err);
    assert_eq!((groups(&home), databases(&home), home.calls("CreateReplicationGroup")), (0, 0, 1));
    home.run(&["cleanup", &session, "--yes"]).expect(0);
    assert!(parameters(&home, &session).is_empty());
}

#[test]
fn cleanup_begun_elsewhere_is_followed_only_where_somebody_agrees() {
    let home = Home::new().without_engines();
    let session = kept(&home, &[]);
    home.run(&["sandbox", "fault", "add", "DeleteDBInstance", "refuse", "--times", "9"]).expect(0);
    elsewhere(&Home::new(), &home, &["cleanup", &session, "--aws", "--yes"]).expect(11);
    home.run(&["sandbox", "fault", "clear"]).expect(0);
    let left = (groups(&home), databases(&home), parameters(&home, &session).len());
    let told = "Another machine has begun to clean this session up";
    // Neither here nor where there is no journal; and it is not built anew.
    for said in [
        home.run(&["resume", &session, "--yes"]).expect(10),
        elsewhere(&Home::new(), &home, &["resume", &session, "--aws", "--yes"]).expect(10),
    ] {
        assert!(said.err.contains(told) && said.err.contains(&format!("cleanup {session}")), "{said:?}");
        assert_eq!((groups(&home), databases(&home), parameters(&home, &session).len()), left);
    }
    for (key, code, databases_left) in [("n\r", 130, 1), ("y\r", 0, 0)] {
        let mut terminal = Terminal::start(&home, &["resume", &session]);
        terminal.asked("Go on with the clean-up here?");
        terminal.press(key);
        let (ended, screen) = terminal.end();
        assert_eq!((ended, databases(&home)), (Some(code), databases_left), "{screen}");
    }
    assert_eq!((groups(&home), databases(&home), parameters(&home, &session).len()), (0, 0, 0));
    assert_eq!(home.calls("CreateReplicationGroup"), 1);
}

/// Goes on with a session, agrees to its repair, and quits at the next step.
fn repaired(home: &Home, arguments: &[&str]) {
    let mut terminal = Terminal::start(home, arguments);
    terminal.choose("Repair");
    terminal.choose("Quit and resume later");
    assert_eq!(terminal.end().0, Some(0));
}

#[test]
fn cache_with_a_lost_password_is_made_anew_by_choice() {
    let home = Home::new().without_engines();
    let session = kept(&home, &[]);
    let token = format!("/recipe-walk/{session}/auth-token");
    home.aws(&["ssm", "delete-parameter", "--name", &token]).expect(0);
    // Unasked, nothing is deleted because somebody has deleted a parameter.
    let said = home.run(&["resume", &session, "--yes", "--keep"]).expect(10);
    assert!(said.out.replace('\n', " ").contains("its password is lost"), "{}", said.out);
    assert_eq!(
        (groups(&home), home.calls("CreateReplicationGroup"), home.calls("DeleteReplicationGroup")),
        (1, 1, 0)
    );
    repaired(&home, &["resume", &session]);
    home.run(&["resume", &session, "--yes", "--keep"]).expect(0);
    assert_eq!((groups(&home), home.calls("CreateReplicationGroup")), (1, 2));
    // The same happens where the journal, which tells of the password, is lost too.
    home.aws(&["ssm", "delete-parameter", "--name", &token]).expect(0);
    std::fs::remove_dir_all(directory(&home, &session)).expect("lost");
    home.run(&["resume", &session, "--sandbox", "--yes", "--keep"]).expect(10);
    repaired(&home, &["resume", &session]);
    home.run(&["resume", &session, "--yes", "--keep"]).expect(0);
    assert_eq!((groups(&home), home.calls("CreateReplicationGroup"), databases(&home)), (1, 3, 1));
    home.run(&["cleanup", &session, "--yes"]).expect(0);
}

#[test]
fn database_made_anew_is_loaded_again_after_a_lost_journal() {
    let home = Home::new();
    home.serve(&[]);
    let recipe = recipe_without(home.path(), &["load-test", "patterns"]);
    let session = kept(&home, &["--recipe", &recipe]);
    let database = format!("{session}-db");
    let delete =
        ["rds", "delete-db-instance", "--skip-final-snapshot", "--db-instance-identifier", &database];
    home.aws(&delete).expect(0);
    until("it is gone", || databases(&home) == 0);
    std::fs::remove_dir_all(directory(&home, &session)).expect("lost");
    home.run(&["resume", &session, "--sandbox", "--yes", "--keep", "--recipe", &recipe]).expect(0);
    let journal = std::fs::read_to_string(directory(&home, &session).join("journal.jsonl")).expect("read");
    // The journal holds the result that came back from the account, and that of the new loading.
    let loaded: Vec<&str> = journal.lines().filter(|l| l.contains("\"kind\":\"load-data\"")).collect();
    assert_eq!(loaded.len(), 2, "{loaded:?}");
    assert!(loaded[1].contains("\"reused\":false"), "{loaded:?}");
    // Where the data is there still, its first measurement stays.
    std::fs::remove_dir_all(directory(&home, &session)).expect("lost");
    home.run(&["resume", &session, "--sandbox", "--yes", "--keep", "--recipe", &recipe]).expect(0);
    let journal = std::fs::read_to_string(directory(&home, &session).join("journal.jsonl")).expect("read");
    let again: Vec<&str> = journal.lines().filter(|l| l.contains("\"kind\":\"load-data\"")).collect();
    assert!(again.len() == 1 && again[0].contains("\"reused\":false"), "{again:?}");
    home.run(&["cleanup", &session, "--yes"]).expect(0);
}

#[test]
fn untagged_cache_of_our_name_stops_the_walk() {
    let home = Home::new();
    home.serve(&["--no-engines", "--pace", "0.01"]);
    let (walk, session) = walk_held_at(&home, "CreateReplicationGroup", "stall-before");
    kill(walk);
    home.run(&["sandbox", "fault", "clear"]).expect(0);
    // Somebody makes it by hand with the walk's own values but without tags, which cannot be read before it is available.
    let journal = std::fs::read_to_string(directory(&home, &session).join("journal.jsonl")).expect("read");
    let records = journal.lines().map(|line| serde_json::from_str::<Value>(line).expect("a record"));
    let mut intended = records.filter_map(|record| record.pointer("/record/intended").cloned());
    let action = &intended.rfind(|one| one["name"] == "cache").expect("it was meant")["action"];
    let text = |key: &str| action[key].as_str().unwrap_or_else(|| panic!("{key}: {action}")).to_owned();
    let token = home.aws(&["ssm", "get-parameter", "--with-decryption", "--name", &text("auth_token")]);
    let token = token.expect(0).json()["Parameter"]["Value"].as_str().expect("a token").to_owned();
    let pairs = [
        ("--replication-group-id", text("id")),
        ("--replication-group-description", text("description")),
        ("--engine", text("engine")),
        ("--engine-version", text("engine_version")),
        ("--cache-node-type", text("node_type")),
        ("--num-cache-clusters", action["nodes"].to_string()),
        ("--cache-parameter-group-name", text("parameter_group")),
        ("--cache-subnet-group-name", text("subnet_group")),
        ("--security-group-ids", text("security_group")),
        ("--port", action["port"].to_string()),
        ("--auth-token", token),
    ];
    let mut create = vec!["elasticache", "create-replication-group"];
    create.extend(pairs.iter().flat_map(|(option, value)| [*option, value.as_str()]));
    create.extend(["--automatic-failover-enabled", "--multi-az-enabled", "--transit-encryption-enabled"]);
    create.push("--at-rest-encryption-enabled");
    home.aws(&create).expect(0);
    let said = home.run(&["resume", &session, "--yes", "--keep"]).expect(10);
    assert!(said.err.contains("it is not this session's"), "{said:?}");
    // The clean-up does not wait for what that cache still uses, and it names what it leaves.
    let said = home.run(&["cleanup", &session, "--yes"]).expect(11);
    assert!(said.out.contains("not ours, left alone"), "{}", said.out);
    assert_eq!((groups(&home), databases(&home)), (1, 0));
    let id = text("id");
    let delete = ["elasticache", "delete-replication-group", "--replication-group-id", &id];
    home.aws(&delete).expect(0);
    until("it is gone", || groups(&home) == 0);
    home.run(&["cleanup", &session, "--yes"]).expect(0);
}

#[test]
fn a_journal_of_a_later_version_is_no_damaged_one() {
    let home = Home::new().without_engines();
    let session = kept(&home, &[]);
    let journal = directory(&home, &session).join("journal.jsonl");
    let text = std::fs::read_to_string(&journal).expect("the journal");
    let later = resealed(&text.replacen("\"version\":1", "\"version\":99", 1));
    assert_ne!(later, text);
    std::fs::write(&journal, &later).expect("written");
    for rebuild in [&[][..], &["--rebuild"]] {
        for command in ["resume", "cleanup"] {
            let said = home.run(&[&[command, &session, "--yes"], rebuild].concat()).expect(8);
            assert!(said.err.contains("use a newer recipe-walk"), "{}", said.err);
            assert!(!said.err.contains("damaged") && !said.err.contains("--rebuild"), "{}", said.err);
        }
    }
    let said = home.run(&["cleanup", "--expired", "--sandbox", "--dry-run"]).expect(0);
    assert!(said.out.contains("No session there is meant"), "{}", said.out);
    assert_eq!(std::fs::read_to_string(&journal).expect("the journal"), later);
    std::fs::write(&journal, text).expect("written");
    home.run(&["cleanup", &session, "--yes"]).expect(0);
}

#[test]
fn a_service_with_an_endpoint_of_its_own_is_refused() {
    let home = Home::new().without_engines();
    home.run(&["sandbox", "env"]).expect(0);
    let mut command = home.recipe_walk(&["--aws", "--yes"]);
    let said =
        run(command.envs(home.sandbox_env()).env("AWS_ENDPOINT_URL_RDS", "http://127.0.0.1:1")).expect(12);
    assert!(said.err.contains("RDS has an endpoint of its own"), "{}", said.err);
    assert!(said.err.contains("unset AWS_ENDPOINT_URL_RDS"), "{}", said.err);
    // An endpoint that the other services use too is no second place.
    let endpoint = home.sandbox_env().into_iter().find(|(k, _)| k == "AWS_ENDPOINT_URL").expect("one").1;
    let mut command = home.recipe_walk(&["sessions", "--remote", "--aws"]);
    run(command.envs(home.sandbox_env()).env("AWS_ENDPOINT_URL_RDS", endpoint)).expect(0);
}
