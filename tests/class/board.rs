//! A trainer's board on a terminal: what it shows, at which widths, and how it redraws.

use crate::support::Home;
use crate::support::pty::{CTRL_C, Terminal};
use crate::support::snapshot;

/// Makes a security group tagged as a walk of this session tags it, and returns its id.
fn attend(home: &Home, session: &str, tags: &[(&str, &str)]) -> String {
    let tags: Vec<String> = [("session", session), ("cohort", "june")]
        .iter()
        .chain(tags)
        .map(|(key, value)| format!("{{Key=recipe-walk:{key},Value={value}}}"))
        .collect();
    let tags = format!("ResourceType=security-group,Tags=[{}]", tags.join(","));
    let name = format!("{session}-app");
    let made = home.aws(&[
        "ec2",
        "create-security-group",
        "--group-name",
        &name,
        "--description",
        "d",
        "--tag-specifications",
        &tags,
    ]);
    made.expect(0).json()["GroupId"].as_str().expect("a group").to_owned()
}

#[test]
fn board_matches_its_snapshots_at_every_width() {
    let home = Home::new().without_engines();
    // The step's time is left out, because it would pass between runs.
    let past = ("expires-at", "2026-01-01T00:00:00Z");
    attend(&home, "rw-aaaaaaaa", &[("owner", "ana"), ("progress", "cache-subnet-group"), past]);
    let error = "InsufficientCacheClusterCapacity: there is not enough capacity for this node type";
    attend(
        &home,
        "rw-bbbbbbbb",
        &[("owner", "ben"), ("progress", "replication-group"), ("error", error), past],
    );
    attend(&home, "rw-cccccccc", &[("owner", "Cleopatra of Alexandria"), ("progress", "clean-up")]);
    let board = ["board", "--cohort", "june", "--sandbox", "--once"];
    for columns in [60, 80, 120] {
        for (terminal_kind, more, env) in [
            ("colour", &[][..], &[][..]),
            ("plain", &["--plain"][..], &[][..]),
            ("ascii", &[][..], &[("LANG", "C"), ("NO_COLOR", "1")][..]),
        ] {
            let (plain, painted) = Terminal::shown(&home, columns, &[&board[..], more].concat(), env);
            let fits = |l: &str| l.contains("status rw-") || l.chars().count() <= usize::from(columns);
            assert!(plain.lines().all(fits), "{plain}");
            let shown = if terminal_kind == "colour" { painted } else { plain };
            // The command below names the program by its path, whose length differs between machines.
            let lines: Vec<&str> = shown.lines().take_while(|line| !line.contains("Look at one")).collect();
            snapshot::matches(&format!("board-{columns}-{terminal_kind}.txt"), lines.join("\n").trim_end());
        }
    }
}

#[test]
fn live_board_redraws_at_every_look_and_terminal_size() {
    let home = Home::new().without_engines();
    let arguments = ["board", "--cohort", "june", "--sandbox", "--every", "2"];
    let mut terminal = Terminal::start(&home, &arguments);
    terminal.see("Nobody has begun yet");
    let group = attend(&home, "rw-aaaaaaaa", &[("owner", "ana"), ("progress", "prepare")]);
    terminal.see("1 session, 0 need help");
    home.aws(&[
        "ec2",
        "create-tags",
        "--resources",
        &group,
        "--tags",
        "Key=recipe-walk:error,Value=no capacity",
    ])
    .expect(0);
    terminal.see("1 need help");
    terminal.see("ana rw-aaaaaaaa: no capacity");
    terminal.see("Ctrl-C ends.");
    let screen = terminal.screen();
    assert_eq!(screen.matches("Class june:").count(), 1, "one above the other:\n{screen}");
    assert!(!screen.contains("Nobody has begun"), "{screen}");
    // After a resize, the next look fits the new size and replaces the old one.
    for (columns, owner, session) in [(60, "ben", "rw-bbbbbbbb"), (120, "cleo", "rw-cccccccc")] {
        terminal.resize(columns);
        attend(&home, session, &[("owner", owner), ("progress", "prepare")]);
        terminal.see(&format!("{owner} "));
        terminal.see("Ctrl-C ends.");
        let screen = terminal.screen();
        let fits = |l: &str| l.contains("status rw-") || l.chars().count() <= usize::from(columns);
        assert!(screen.lines().all(fits), "{screen}");
        assert_eq!(screen.matches("Class june:").count(), 1, "{columns}:\n{screen}");
    }
    terminal.press(CTRL_C);
    let (code, screen) = terminal.end();
    assert_eq!(code, Some(0), "{screen}");
}

#[test]
fn board_shows_an_attendee_from_tags_alone_at_step_one() {
    let home = Home::new().without_engines();
    let seen = || home.run(&["board", "--cohort", "june", "--sandbox", "--json"]).expect(0).json();
    // The walk stopped in its first step, where only its progress note exists.
    home.run(&["sandbox", "fault", "add", "DescribeVpcs", "refuse", "--times", "20"]).expect(0);
    let mut terminal = Terminal::start(&home, &["--sandbox", "--cohort", "june", "--owner", "ana"]);
    terminal.choose("Use these settings");
    terminal.see("Step 1 of 20");
    terminal.asked("What now?");
    let found = seen();
    assert_eq!(
        (&found["attendees"][0]["owner"], &found["attendees"][0]["step"]),
        (&"ana".into(), &"prepare".into()),
        "{found}"
    );
    terminal.choose("Run this step");
    terminal.see("That did not work");
    let found = seen();
    assert!(found["attendees"][0]["stuck"].as_str().is_some_and(|why| !why.is_empty()), "{found}");
    home.run(&["sandbox", "fault", "clear"]).expect(0);
    terminal.choose("Retry this step");
    // The step is done, so the attendee is at the next one, with its own time and no error.
    terminal.see("Step 2 of 20");
    terminal.asked("What now?");
    let found = seen();
    let ana = &found["attendees"][0];
    assert_eq!(
        (&ana["step"], &ana["stuck"]),
        (&"security-groups".into(), &serde_json::Value::Null),
        "{found}"
    );
    assert!(ana["in_step_seconds"].as_f64().is_some_and(|s| s < 60.0), "{found}");
    terminal.choose("Run this step");
    terminal.asked("What do you think?");
    terminal.press("\r");
    terminal.see("Step 3 of 20");
    terminal.asked("What now?");
    assert_eq!(seen()["attendees"][0]["number"], 3, "{}", seen());
    terminal.choose("Quit and resume later");
    assert_eq!(terminal.end().0, Some(0));
    home.run(&["cleanup", "--yes"]).expect(0);
    assert_eq!(seen()["attendees"], serde_json::json!([]));
}
