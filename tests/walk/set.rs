//! Settings of a walk: from the command line, the environment and the configuration file, checked before anything is begun.

use crate::support::{Home, Said, only_session, resealed, run};
use std::path::Path;

/// Writes the configuration file of a home.
fn configure(home: &Home, text: &str) {
    let dir = home.path().join(".config/recipe-walk");
    std::fs::create_dir_all(&dir).expect("a directory");
    std::fs::write(dir.join("config.toml"), text).expect("written");
}

fn walk(home: &Home, variables: &[(&str, &str)], more: &[&str]) -> Said {
    let arguments = [&["--sandbox", "--yes"], more].concat();
    run(home.recipe_walk(&arguments).envs(variables.iter().copied()))
}

fn refused(home: &Home, said: &Said, parts: &[&str]) {
    assert_eq!(said.code, Some(2), "{said:?}");
    assert!(parts.iter().all(|part| said.err.contains(part)), "{parts:?} in {}", said.err);
    assert!(said.err.len() < 600 && !said.err.contains('\u{1b}'), "{}", said.err);
    assert!(said.out.is_empty() && !home.state().exists(), "something was begun: {}", said.out);
}

#[test]
fn a_wrong_key_is_refused_on_each_source() {
    let home = Home::new();
    let meant = "Did you mean 'load_users'?";
    refused(
        &home,
        &walk(&home, &[], &["--set", "load_user=1"]),
        &["--set: the recipe has no parameter 'load_user'", meant],
    );
    let said = walk(&home, &[("RECIPE_WALK_SET_LOAD_USRS", "1")], &[]);
    refused(&home, &said, &["RECIPE_WALK_SET_LOAD_USRS: the recipe has no parameter 'load_usrs'", meant]);
    configure(&home, "owner = 'ana'\n[parameters]\nload_user = 1\n");
    refused(
        &home,
        &walk(&home, &[], &[]),
        &["config.toml:3: the recipe has no parameter 'load_user'", meant],
    );
    configure(&home, "[parametrs]\nload_users = 1\n");
    refused(
        &home,
        &walk(&home, &[], &[]),
        &["config.toml:1: there is no setting 'parametrs'", "'parameters'"],
    );
}

#[test]
fn a_wrong_value_is_refused_on_each_source() {
    let home = Home::new();
    let long = format!("load_users={}", "1,".repeat(50_000));
    for (pair, said) in [
        ("load_users=1;touch x", "load_users: '1;touch x' is not a list of up to 20 whole numbers"),
        ("load_users=$(id)", "'$(id)' is not"),
        ("load_users=1\n5", "'1\\n5' has characters that cannot be seen"),
        ("load_users=\u{1b}[31m1", "'\\u{1b}[31m1' has"),
        ("cache_engine=valky", "Did you mean 'valkey'?"),
        ("hours_to_live=4000000000", "'4000000000' is not a whole number from 1 to 24"),
        ("load_users", "KEY=VALUE"),
        (&long, "(100000 bytes) is longer than 256 characters"),
    ] {
        refused(&home, &walk(&home, &[], &["--set", pair]), &["--set", said]);
    }
    let said = walk(&home, &[("RECIPE_WALK_SET_LOAD_USERS", "0")], &["--set", "load_users=1"]);
    refused(&home, &said, &["RECIPE_WALK_SET_LOAD_USERS: load_users: '0' is not"]);
    let said = walk(&home, &[("RECIPE_WALK_ENGINE", "memcached")], &[]);
    refused(&home, &said, &["RECIPE_WALK_ENGINE: engine cannot be 'memcached'"]);
    let said = walk(&home, &[], &["--engine", "valkey", "--set", "cache_engine=redis"]);
    refused(&home, &said, &["--engine: cache_engine was set by --set already"]);
    let said = home.run(&["doctor", "--set", "db_class=db.t3.mirco"]);
    refused(&home, &said, &["--set: db_class:", "Did you mean 'db.t3.micro'?"]);
    configure(&home, "[parameters]\nhours_to_live = 25\n");
    refused(
        &home,
        &walk(&home, &[], &[]),
        &["config.toml:2: hours_to_live: '25' is not a whole number from 1 to 24"],
    );
}

#[test]
fn demo_and_recipe_allow_the_same_lists_of_users() {
    let home = Home::new();
    let twenty_one = vec!["1"; 21].join(",");
    for (users, allowed) in [
        ("1,5", true),
        ("10000", true),
        ("5,1,1", true),
        ("0", false),
        ("10001", false),
        ("+5", false),
        (" 5", false),
        ("5,", false),
        (",5", false),
        ("1, 5", false),
        ("05", false),
        ("١", false),
        ("99999999999999999999", false),
        ("", false),
        (&twenty_one, false),
    ] {
        let demo = home.run(&["demo", "load", "--config", "/nowhere/at/all", "--users", users]);
        assert_ne!(demo.code, Some(0));
        assert_eq!(!demo.err.contains("--users needs"), allowed, "the demo, '{users}': {}", demo.err);
        // A second mistake shows whether the first one was taken.
        let pair = format!("load_users={users}");
        let said = walk(&home, &[], &["--set", &pair, "--set", "pony=1"]);
        assert_eq!(said.err.contains("no parameter 'pony'"), allowed, "the recipe, '{users}': {}", said.err);
    }
}

#[test]
fn set_values_reach_journal_plan_and_note() {
    let home = Home::new().without_engines();
    configure(
        &home,
        "[parameters]\ncache_node_type = 'cache.t4g.micro'\nhours_to_live = 7\nload_users = '9'\n",
    );
    let variables = [("RECIPE_WALK_SET_LOAD_USERS", "7"), ("RECIPE_WALK_SET_DB_CLASS", "db.t4g.micro")];
    let said = walk(&home, &variables, &["--keep", "--set", "load_users=1,5"]).expect(0);
    for line in
        ["users of the load test: 1,5 (--set)", "db.t4g.micro (RECIPE_WALK_SET_DB_CLASS)", "config.toml:3)"]
    {
        assert!(said.out.contains(line), "{line} in {}", said.out);
    }
    let session = only_session(&home);
    let status = home.run(&["status", &session, "--json"]).expect(0).json();
    let answers = &status["answers"];
    assert!(answers["load_users"] == "1,5" && answers["hours_to_live"] == "7", "{answers}");
    let lines = home.run(&["transcript", &session]).expect(0).out;
    assert!(
        lines.contains("--cache-node-type cache.t4g.micro")
            && lines.contains("--db-instance-class db.t4g.micro"),
        "{lines}"
    );
    assert!(
        lines.contains("\\\"load_users\\\":\\\"1,5\\\"") || lines.contains("\"load_users\":\"1,5\""),
        "the note: {lines}"
    );
    home.run(&["cleanup", &session, "--yes"]).expect(0);
}

#[test]
fn users_set_are_the_stages_of_the_load_test() {
    let home = Home::new();
    walk(&home, &[], &["--set", "load_users=1,5"]).expect(0);
    let status = home.run(&["status", &only_session(&home), "--json"]).expect(0).json();
    let stages = status["measured"]["load"]["stages"].as_array().expect("stages");
    let users: Vec<_> = stages.iter().map(|stage| stage["users"].as_i64()).collect();
    assert_eq!(users, [Some(1), Some(5)]);
}

/// Changes an answer in a session's journal, and seals it again as the program would have.
fn plant(journal: &Path, from: &str, to: &str) {
    let text = std::fs::read_to_string(journal).expect("a journal");
    let planted = text.replacen(&format!("\"value\":\"{from}\""), &format!("\"value\":\"{to}\""), 1);
    assert_ne!(text, planted);
    std::fs::write(journal, resealed(&planted)).expect("written");
}

#[test]
fn planted_answer_is_told_with_the_next_command_never_used() {
    let home = Home::new().without_engines();
    walk(&home, &[], &["--keep", "--set", "load_users=1,5"]).expect(0);
    let session = only_session(&home);
    let journal = home.state().join("sessions").join(&session).join("journal.jsonl");
    plant(&journal, "1,5", "1;touch x");
    let said = home.run(&["resume", &session, "--yes", "--keep"]).expect(8);
    for part in [
        "the session's journal: load_users: '1;touch x' is not",
        "not used",
        &format!("resume {session} --rebuild"),
    ] {
        assert!(said.err.contains(part), "{part} in {}", said.err);
    }
    // The account still knows the right one.
    home.run(&["resume", &session, "--yes", "--keep", "--rebuild"]).expect(0);
    let status = home.run(&["status", &session, "--json"]).expect(0).json();
    assert_eq!(status["answers"]["load_users"], "1,5");
    // One that steers a terminal is damage at its line, and no hindrance for the clean-up.
    plant(&journal, "1,5", "\\u001b[2J");
    let said = home.run(&["resume", &session, "--yes", "--keep"]).expect(8);
    assert!(said.err.contains("load_users: '\\u{1b}[2J' has characters that cannot be seen"), "{}", said.err);
    assert!(!said.err.contains('\u{1b}'), "{}", said.err);
    home.run(&["cleanup", &session, "--yes", "--rebuild"]).expect(0);
}

#[test]
fn bad_answer_does_not_keep_a_session_from_clean_up() {
    let home = Home::new().without_engines();
    walk(&home, &[], &["--keep", "--set", "load_users=1,5"]).expect(0);
    let session = only_session(&home);
    plant(&home.state().join("sessions").join(&session).join("journal.jsonl"), "1,5", "abc");
    let said = home.run(&["cleanup", &session, "--yes"]).expect(0);
    assert!(said.err.contains("Not used: the session's journal: load_users: 'abc'"), "{}", said.err);
}
