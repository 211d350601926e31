//! What the price table does not know costs nobody knows how much: it is never told as nothing, counts as over every budget,
//! and is made by choice alone.

use crate::support::Home;
use crate::support::pty::Terminal;
use crate::support::sessions::{body, directory, elsewhere, groups, note, put_signed};
use crate::support::{Said, only_session, until};

/// A recipe whose cache is of a type that is in no price table of ours.
fn dear(home: &Home) -> String {
    home.run(&["new", "dear"]).expect(0);
    let file = home.path().join("dear/recipe.toml");
    let text = std::fs::read_to_string(&file).expect("the recipe");
    let dear = text
        .replace(r#"choices = ["cache.t3.micro", "cache.t4g.micro"]"#, r#"choices = ["cache.r7g.large"]"#)
        .replace(r#"default = "cache.t3.micro""#, r#"default = "cache.r7g.large""#);
    assert_ne!(dear, text);
    std::fs::write(&file, dear).expect("written");
    home.path().join("dear").display().to_string()
}

fn flat(said: &Said) -> String {
    [said.out.as_str(), said.err.as_str()].concat().split_whitespace().collect::<Vec<_>>().join(" ")
}

const NO_PRICE: &str = "no price of cache.r7g.large.redis";
const ITEM: &str = "cache.r7g.large.redis";

#[test]
fn unpriced_type_is_made_by_choice_and_never_counts_zero() {
    let (account, home) = (Home::new().without_engines(), Home::new());
    let recipe = dear(&home);
    let walk = ["--aws", "--yes", "--keep", "--recipe", &recipe];
    let said = elsewhere(&home, &account, &walk).expect(2);
    assert!(flat(&said).contains(NO_PRICE) && said.err.contains("--accept-unknown-cost"), "{said:?}");
    assert!(flat(&said).contains("an unknown sum") || flat(&said).contains("at least $"), "{said:?}");
    assert_eq!((account.calls("PutParameter"), groups(&account)), (0, 0));
    // Its measuring fails here, for there are no engines: what is left and what that costs is told.
    let said = elsewhere(&home, &account, &[&walk[..], &["--accept-unknown-cost"]].concat()).expect(10);
    assert!(flat(&said).contains("costs at least $") && groups(&account) == 1, "{said:?}");
    let session = only_session(&home);
    let status = home.run(&["status", &session, "--json"]).expect(0).json();
    assert_eq!(status["cost"]["unpriced"], serde_json::json!([ITEM]), "{status}");
    let status = home.run(&["status", &session]).expect(0);
    assert!(flat(&status).contains(NO_PRICE) && flat(&status).contains("counts as passed"), "{status:?}");
    let report = home.run(&["report", &session, "--format", "json"]).expect(0).json();
    for sum in ["so_far", "an_hour"] {
        assert_eq!(report["cost"][sum]["unpriced"], serde_json::json!([ITEM]), "{report}");
    }
    for format in ["md", "html"] {
        let page = home.run(&["report", &session, "--format", format, "--output", "-"]).expect(0);
        assert!(flat(&page).contains(NO_PRICE) && flat(&page).contains("at least $"), "{format}");
    }
    // What is there was agreed to; elsewhere nobody has agreed to make it again.
    elsewhere(&home, &account, &["resume", &session, "--yes", "--keep"]).expect(10);
    let delete = ["elasticache", "delete-replication-group", "--replication-group-id"];
    account.aws(&[&delete[..], &[&format!("{session}-cache")]].concat()).expect(0);
    until("it is gone", || groups(&account) == 0);
    let said =
        elsewhere(&Home::new(), &account, &["resume", &session, "--aws", "--yes", "--recipe", &recipe]);
    assert!(said.code == Some(2) && flat(&said).contains(NO_PRICE), "{said:?}");
    let said = elsewhere(&home, &account, &["cleanup", &session, "--yes"]).expect(0);
    assert!(flat(&said).contains(NO_PRICE) && flat(&said).contains("at least $"), "{said:?}");
    assert!(groups(&account) == 0);
}

#[test]
fn unknown_cost_is_asked_about_and_enter_means_no() {
    let (account, home) = (Home::new().without_engines(), Home::new());
    let recipe = dear(&home);
    let environment = account.sandbox_env();
    let environment: Vec<(&str, &str)> = environment.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    let mut terminal = Terminal::with(&home, 80, &["--aws", "--recipe", &recipe], &environment);
    terminal.choose("Use these settings");
    terminal.asked("Make it all the same?");
    terminal.press("\r");
    let (code, screen) = terminal.end();
    assert!(code == Some(130) && screen.contains("Nothing was begun"), "{screen}");
    assert_eq!(account.calls("PutParameter"), 0);
}

#[test]
fn signed_note_with_an_unpriced_type_is_asked_about_too() {
    // The recipe allows both; a holder of the key writes the dear one into the note.
    let (account, home) = (Home::new().without_engines(), Home::new());
    let recipe = dear(&home);
    let file = home.path().join("dear/recipe.toml");
    let text = std::fs::read_to_string(&file).expect("the recipe");
    let both = text
        .replace(r#"choices = ["cache.r7g.large"]"#, r#"choices = ["cache.t3.micro", "cache.r7g.large"]"#)
        .replace(r#"default = "cache.r7g.large""#, r#"default = "cache.t3.micro""#);
    std::fs::write(&file, both).expect("written");
    elsewhere(&home, &account, &["--aws", "--yes", "--keep", "--recipe", &recipe]).expect(10);
    let session = only_session(&home);
    let told = note(&account, &session, "session").0;
    let mut told: serde_json::Value = serde_json::from_str(body(&told)).expect("a note");
    told["answers"]["cache_node_type"] = "cache.r7g.large".into();
    let sessions = account.state().join("sessions");
    std::fs::create_dir_all(&sessions).expect("a directory");
    std::fs::create_dir_all(directory(&account, &session)).expect("a directory");
    let key = directory(&home, &session).join("key");
    std::fs::copy(key, directory(&account, &session).join("key")).expect("the key");
    put_signed(&account, &session, &told.to_string());
    let delete = ["elasticache", "delete-replication-group", "--replication-group-id"];
    account.aws(&[&delete[..], &[&format!("{session}-cache")]].concat()).expect(0);
    until("it is gone", || groups(&account) == 0);
    let resume = ["resume", &session, "--aws", "--yes", "--keep", "--recipe", &recipe];
    let said = elsewhere(&Home::new(), &account, &resume).expect(2);
    assert!(flat(&said).contains(NO_PRICE) && groups(&account) == 0, "{said:?}");
}
