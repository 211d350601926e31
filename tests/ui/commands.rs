//! Commands that need no account: help, what is there, what this machine can do, and a recipe of one's own.

use crate::support::Home;

#[test]
fn help_names_every_command_and_its_examples() {
    let home = Home::new();
    let help = home.run(&["--help"]).expect(0).out;
    for command in ["resume", "sessions", "status", "cleanup", "lab", "check", "doctor", "sandbox", "demo"] {
        assert!(help.contains(command), "{command} is missing in:\n{help}");
        home.run(&[command, "--help"]).expect(0);
    }
    for option in [
        "--sandbox",
        "--aws",
        "--profile",
        "--region",
        "--yes",
        "--all",
        "--keep",
        "--plain",
        "--recipe",
        "--engine",
        "--cohort",
        "--owner",
        "--pace",
    ] {
        assert!(help.contains(option), "{option} is missing in:\n{help}");
    }
}

#[test]
fn doctor_says_what_this_machine_can_do() {
    let home = Home::new();
    let said = home.run(&["doctor"]).expect(0).out.to_lowercase();
    for part in ["redis", "mariadb", "disk", "state", "credentials"] {
        assert!(said.contains(part), "'{part}' is missing in:\n{said}");
    }
}

#[test]
fn sessions_and_status_are_empty_at_first_also_as_json() {
    let home = Home::new().without_engines();
    assert_eq!(home.run(&["sessions", "--json"]).expect(0).json(), serde_json::json!([]));
    home.run(&["--sandbox", "--yes", "--keep", "--owner", "Ada", "--cohort", "monday"]).expect(0);
    let list = home.run(&["sessions", "--json"]).expect(0).json();
    assert_eq!((&list[0]["owner"], &list[0]["cohort"]), (&"Ada".into(), &"monday".into()), "{list}");
    let name = list[0]["session"].as_str().expect("a name");
    let status = home.run(&["status", name, "--json"]).expect(0).json();
    assert_eq!(status["session"], name);
    assert!(status["resources"].as_array().is_some_and(|r| r.len() == 21), "{status}");
    assert!(home.run(&["sessions"]).expect(0).out.contains(name));
    assert!(home.run(&["status"]).expect(0).out.contains(name));
    // Another tool finds the session by these tags.
    let groups = home.aws(&[
        "ec2",
        "describe-security-groups",
        "--filters",
        &format!("Name=tag:recipe-walk:session,Values={name}"),
    ]);
    let groups = groups.expect(0).json();
    let tags = &groups["SecurityGroups"][0]["Tags"].to_string();
    for tag in [
        "recipe-walk:step",
        "recipe-walk:owner",
        "Ada",
        "recipe-walk:cohort",
        "monday",
        "recipe-walk:expires-at",
    ] {
        assert!(tags.contains(tag), "{tags}");
    }
    home.run(&["cleanup", "--yes"]).expect(0);
}

#[test]
fn a_copied_recipe_is_checked_and_walked() {
    let home = Home::new().without_engines();
    let said = home.run(&["new", "mine"]).expect(0).out;
    assert!(said.contains("check mine") && said.contains("--recipe mine"), "{said}");
    let said = home.run(&["check", "mine"]).expect(0).out;
    assert!(said.contains("is sound") && said.contains("20 steps in 6 phases"), "{said}");
    home.run(&["new", "mine"]).expect(2);
    home.run(&["--sandbox", "--yes", "--recipe", "mine"]).expect(0);
    std::fs::remove_file(home.path().join("mine/wait.md")).expect("removed");
    let said = home.run(&["check", "mine"]).expect(9);
    assert!(said.out.contains("wait.md"), "{said:?}");
}
