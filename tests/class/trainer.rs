//! A trainer's view of a class over several accounts, and the handover of a session.

use crate::support::{Home, only_session, run};
use std::fmt::Write as _;
use std::process::Command;

/// Runs the program in the trainer's home with AWS profiles that point at the sandboxes of other homes.
fn with_profiles(trainer: &Home, homes: &[(&str, &Home)], arguments: &[&str]) -> Command {
    let dir = trainer.path().join(".aws");
    std::fs::create_dir_all(&dir).expect("a directory");
    let mut config = String::new();
    for (name, home) in homes {
        let env = home.sandbox_env();
        let of = |key: &str| env.iter().find(|(k, _)| k == key).map(|(_, v)| v.clone()).expect("a variable");
        let _ = write!(
            config,
            "[profile {name}]\nregion = {}\nendpoint_url = {}\naws_access_key_id = {}\naws_secret_access_key = {}\n",
            of("AWS_REGION"),
            of("AWS_ENDPOINT_URL"),
            of("AWS_ACCESS_KEY_ID"),
            of("AWS_SECRET_ACCESS_KEY")
        );
    }
    std::fs::write(dir.join("config"), config).expect("written");
    trainer.recipe_walk(arguments)
}

fn tag(home: &Home, session: &str, pairs: &[(&str, &str)]) {
    let filter = format!("Name=group-name,Values={session}-app");
    let groups = home.aws(&["ec2", "describe-security-groups", "--filters", &filter]).expect(0).json();
    let group = groups["SecurityGroups"][0]["GroupId"].as_str().expect("a group").to_owned();
    let pairs: Vec<String> = pairs.iter().map(|(k, v)| format!("Key=recipe-walk:{k},Value={v}")).collect();
    let mut arguments = vec!["ec2", "create-tags", "--resources", &group, "--tags"];
    arguments.extend(pairs.iter().map(String::as_str));
    home.aws(&arguments).expect(0);
}

#[test]
fn board_over_accounts_puts_stuck_first_and_changes_nothing() {
    let (one, two, trainer) = (Home::new().without_engines(), Home::new().without_engines(), Home::new());
    one.run(&["--sandbox", "--yes", "--keep", "--cohort", "june", "--owner", "ana"]).expect(0);
    two.run(&["--sandbox", "--yes", "--keep", "--cohort", "june", "--owner", "ben"]).expect(0);
    let (ana, ben) = (only_session(&one), only_session(&two));
    two.run(&["--sandbox", "--yes", "--keep", "--cohort", "july", "--owner", "dora"]).expect(0);
    tag(
        &two,
        &ben,
        &[
            ("progress", "replication-group"),
            ("error", "no capacity"),
            ("since", &jiff::Timestamp::now().to_string()),
        ],
    );
    let homes = [("one", &one), ("two", &two)];
    let look = |arguments: &[&str]| run(&mut with_profiles(&trainer, &homes, arguments));
    let board = ["board", "--cohort", "june", "--profile", "one,two"];
    let found = look(&[&board[..], &["--json"]].concat()).expect(0).json();
    let list = found["attendees"].as_array().expect("attendees");
    assert_eq!(list.len(), 2, "{found}");
    assert_eq!((&list[0]["owner"], &list[0]["profile"]), (&"ben".into(), &"two".into()), "{found}");
    assert_eq!((&list[0]["stuck"], &list[0]["step"]), (&"no capacity".into(), &"replication-group".into()));
    assert_eq!((&list[1]["session"], &list[1]["stuck"]), (&ana.clone().into(), &serde_json::Value::Null));
    assert!(list[0]["cost_estimate"].as_f64().is_some_and(|c| c > 0.0), "{found}");
    let text = look(&board).expect(0).out;
    assert!(text.contains("1 need help") && text.contains(&format!("ben {ben}: no capacity")), "{text}");
    assert!(text.contains(&format!("status {ben} --remote --profile two")), "{text}");
    // A place that does not answer is named, and the others are shown all the same.
    let said = look(&["board", "--cohort", "june", "--profile", "one,nobody", "--json"]).expect(0).json();
    assert_eq!(
        (said["attendees"].as_array().map(Vec::len), said["troubles"].as_array().map(Vec::len)),
        (Some(1), Some(1))
    );

    let calls = |home: &Home| home.run(&["sandbox", "calls", "--json"]).expect(0).json();
    let before = calls(&two).as_array().map_or(0, Vec::len);
    let status = look(&["status", &ben, "--remote", "--profile", "two", "--json"]).expect(0).json();
    assert_eq!((&status["owner"], &status["cohort"]), (&"ben".into(), &"june".into()), "{status}");
    assert!(status["problem"].as_str().is_some_and(|p| p.contains("no capacity")), "{status}");
    assert!(!trainer.state().join("sessions").join(&ben).exists(), "nothing stays on the trainer's machine");
    for call in &calls(&two).as_array().expect("calls")[before..] {
        let name = call["operation"].as_str().unwrap_or_default();
        let reads = ["Describe", "Get", "List"];
        assert!(reads.iter().any(|verb| name.starts_with(verb)), "it only reads: {call}");
    }
    let said = look(&["status", &ben, "--remote", "--profile", "two"]).expect(0).out;
    assert!(said.contains("nothing was changed") && said.contains("--aws --region"), "{said}");
    for home in [&one, &two] {
        home.run(&["cleanup", "--cohort", "june", "--sandbox", "--yes"]).expect(0);
        home.run(&["cleanup", "--cohort", "july", "--sandbox", "--yes"]).expect(0);
    }
}

#[test]
fn board_without_a_cohort_or_place_is_refused() {
    let home = Home::new();
    assert!(home.run(&["board", "--sandbox"]).expect(2).err.contains("--cohort"));
    assert!(home.run(&["board", "--cohort", "june"]).expect(2).err.contains("--aws"));
    let home = home.without_engines();
    let said = home.run(&["board", "--cohort", "june", "--sandbox"]).expect(0).out;
    assert!(said.contains("0 sessions") && said.contains("Nobody has begun"), "{said}");
}

#[test]
fn a_handover_is_one_line_that_can_be_pasted() {
    let home = Home::new().without_engines();
    home.run(&["--sandbox", "--yes", "--keep"]).expect(0);
    let session = only_session(&home);
    let said = home.run(&["handover"]).expect(0);
    assert_eq!(said.out, format!("recipe-walk resume {session}\n"));
    assert!(said.err.contains("this machine"), "{}", said.err);
    home.run(&["cleanup", "--yes"]).expect(0);
    home.run(&["handover", &session]).expect(2);
}
