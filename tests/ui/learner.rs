//! What a learner sees and does: predictions, reading during a wait, steps done by hand, other widths, odd input.

use crate::support::pty::{CTRL_C, CTRL_D, Terminal};
use crate::support::sessions::walked;
use crate::support::snapshot;
use crate::support::{Home, PROGRAM, only_session, until};

#[test]
fn answers_are_judged_and_recorded_and_enter_passes() {
    let home = Home::new().without_engines();
    let mut terminal = Terminal::start(&home, &["--sandbox"]);
    terminal.choose("Use these settings");
    terminal.see("Step 1 of 20");
    terminal.choose("Run this step");
    terminal.see("Step 2 of 20");
    terminal.choose("Run this step");
    terminal.see("port 3306?");
    terminal.choose("Every machine in the VPC");
    terminal.see("Not quite.");
    terminal.see("Step 3 of 20");
    terminal.choose("Quit and resume later");
    assert_eq!(terminal.end().0, Some(0));
    let journal = home.state().join("sessions").join(only_session(&home)).join("journal.jsonl");
    let journal = std::fs::read_to_string(journal).expect("the journal");
    assert!(
        journal.contains("\"record\":{\"predicted\"") && journal.contains("\"answer\":\"vpc\""),
        "{journal}"
    );
    home.run(&["cleanup", "--yes"]).expect(0);
}

#[test]
fn pages_turn_during_a_wait_and_a_bell_ends_it() {
    let home = Home::new();
    home.serve(&["--no-engines", "--pace", "0.02"]);
    let session = walked(&home, 7);
    let mut terminal = Terminal::with(&home, 80, &["resume"], &[("AWS_EXECUTION_ENV", "CloudShell")]);
    terminal.see("CloudShell ends after");
    terminal.see("Step 8 of 20");
    terminal.choose("Run this step");
    terminal.see("Space turns a page");
    terminal.press(" ");
    terminal.see("Why all three at once");
    terminal.press(" ");
    terminal.see("Cache-aside in four lines");
    terminal.press(" ");
    terminal.see("What is the second one for?");
    terminal.press("1");
    terminal.see("Not quite.");
    // An arrow key is no answer, and keys typed too early choose nothing later.
    terminal.press("\x1b[A\r\r\r");
    terminal.see("Clean up now");
    assert!(terminal.bells() >= 1, "no bell");
    terminal.press(CTRL_C);
    assert_eq!(terminal.end().0, Some(130));
    // The next wait expects what this one took.
    let journal = home.state().join("sessions").join(&session).join("journal.jsonl");
    let journal = std::fs::read_to_string(journal).expect("the journal");
    assert!(journal.contains("\"record\":{\"took\":{\"what\":\"cache\""), "{journal}");
    home.run(&["cleanup", &session, "--yes"]).expect(0);
}

#[test]
fn a_step_done_by_hand_is_compared_explained_and_adopted() {
    let home = Home::new().without_engines();
    let session = walked(&home, 3);
    let mut terminal = Terminal::start(&home, &["resume"]);
    terminal.see("Step 4 of 20");
    terminal.choose("I'll do it myself");
    terminal.choose("Let me find them");
    terminal.see(&format!("cache parameter group {session}-lru"));
    terminal.see(&format!("Key=recipe-walk:session,Value={session}"));
    terminal.choose("Hint 1 of 3");
    terminal.see("a group of your own");
    terminal.choose("Hint 2 of 3");
    terminal.see("modify-cache-parameter-group");
    let name = format!("{session}-lru");
    let tag = format!("Key=recipe-walk:session,Value={session}");
    let group = |family: &str, more: &[&str]| {
        let mut all =
            vec!["elasticache", "create-cache-parameter-group", "--cache-parameter-group-name", &name];
        all.extend(["--cache-parameter-group-family", family, "--description", "mine"]);
        all.extend(more);
        home.aws(&all).expect(0);
    };
    // The parameter group has another family than planned.
    group("valkey8", &["--tags", &tag]);
    terminal.choose("Check what I made");
    terminal.see("family: planned redis7, there is valkey8");
    terminal.see("delete-cache-parameter-group");
    home.aws(&["elasticache", "delete-cache-parameter-group", "--cache-parameter-group-name", &name])
        .expect(0);
    // The right family, but the session's tag and the parameter's value are missing.
    group("redis7", &[]);
    terminal.choose("Check again");
    terminal.see("tag recipe-walk:session");
    terminal.see("add-tags-to-resource");
    let arn = format!("arn:aws:elasticache:us-east-1:000000000000:parametergroup:{name}");
    let account = home.aws(&["sts", "get-caller-identity"]).expect(0).json();
    let arn = arn.replace("000000000000", account["Account"].as_str().expect("an account"));
    home.aws(&["elasticache", "add-tags-to-resource", "--resource-name", &arn, "--tags", &tag]).expect(0);
    terminal.choose("Check again");
    terminal.see("maxmemory-policy: planned allkeys-lru");
    terminal.choose("Let recipe-walk make");
    terminal.see("Step 5 of 20");
    terminal.choose("Quit and resume later");
    assert_eq!(terminal.end().0, Some(0));
    // It is adopted, so clean-up deletes it.
    home.run(&["cleanup", &session, "--yes"]).expect(0);
    let groups = home.aws(&["elasticache", "describe-cache-parameter-groups"]).expect(0).out;
    assert!(!groups.contains(&name), "{groups}");
}

#[test]
fn a_pasted_text_and_a_new_size_do_no_harm() {
    let home = Home::new().without_engines();
    let mut terminal = Terminal::start(&home, &["--sandbox"]);
    terminal.choose("Use these settings");
    terminal.see("Step 1 of 20");
    terminal.see("Esc quits]");
    home.run(&["sandbox", "fault", "add", "PutParameter", "stall-before"]).expect(0);
    // After a pasted page, everything behind the first answer is dropped: nobody had read the question it would answer.
    terminal.press("r\rr\rr\rr\r");
    // Resized while the step runs: the library that reads keys may leave those that come together with a new size
    // where they are until the next one.
    until("the step is held", || {
        home.run(&["sandbox", "fault", "list", "--json"]).expect(0).json()[0]["hits"].as_u64() > Some(0)
    });
    terminal.resize(60);
    home.run(&["sandbox", "fault", "clear"]).expect(0);
    terminal.see("Step 2 of 20");
    terminal.choose("Read more");
    terminal.see("In production");
    terminal.see("Run this step");
    let screen = terminal.screen();
    // A terminal that marks pasted text gets the same: the text answers nothing.
    terminal.press("\x1b[200~r\rr\r\x1b[201~");
    terminal.press(CTRL_C);
    let (code, _) = terminal.end();
    assert_eq!(code, Some(130), "{screen}");
    assert!(screen.lines().all(|line| line.chars().count() <= 60), "{screen}");
    let session = only_session(&home);
    let status = home.run(&["status", &session, "--json"]).expect(0).json();
    assert_eq!(status["steps_done"], 1, "{status}");
    home.run(&["cleanup", &session, "--yes"]).expect(0);
}

#[test]
fn step_screen_matches_its_snapshots_at_every_width() {
    let home = Home::new().without_engines();
    let session = walked(&home, 4);
    for columns in [60, 80, 120] {
        for (terminal_kind, arguments, more) in [
            ("colour", &["resume"][..], &[][..]),
            ("plain", &["resume", "--plain"][..], &[][..]),
            ("ascii", &["resume"][..], &[("LANG", "C"), ("NO_COLOR", "1")][..]),
        ] {
            let mut terminal = Terminal::with(&home, columns, arguments, more);
            terminal.see("Step 5 of 20");
            terminal.see(if terminal_kind == "plain" { "(Enter alone: r):" } else { "Esc quits]" });
            let plain = terminal.screen();
            let shown = if terminal_kind == "colour" { terminal.painted() } else { plain.clone() };
            terminal.press(CTRL_C);
            assert_eq!(terminal.end().0, Some(130), "{plain}");
            // A command to copy stays whole, however long the path to the program is.
            let narrow =
                |l: &str| l.trim_start().starts_with(PROGRAM) || l.chars().count() <= usize::from(columns);
            assert!(plain.lines().all(narrow), "{plain}");
            let from =
                shown.find("Step 5 of 20").map_or(0, |at| shown[..at].rfind('\n').map_or(0, |n| n + 1));
            let shown = shown[from..].replace(&session, "rw-aaaaaaaa");
            let mut text = Vec::new();
            let mut passing = false;
            for line in shown.lines() {
                // Elapsed time may take one line or two, so it is taken out.
                let time = line.contains("since the start") || line.contains("Just begun");
                passing = (passing || time) && !line.contains("Why");
                if !passing {
                    text.push(line);
                }
            }
            snapshot::matches(&format!("step-{columns}-{terminal_kind}.txt"), text.join("\n").trim_end());
        }
    }
    home.run(&["cleanup", &session, "--yes"]).expect(0);
}

#[test]
fn what_a_lab_breaks_is_refused_or_noticed_and_mended() {
    let home = Home::new();
    // A lab needs the walk to have loaded its data, and not more.
    let mut terminal = Terminal::start(&home, &["--sandbox", "--yes", "--keep"]);
    terminal.see("Step 11 of 20");
    terminal.press(CTRL_C);
    assert_eq!(terminal.end().0, Some(130));
    let session = only_session(&home);
    let lab = |name: &str| Terminal::start(&home, &["lab", name]);

    // Leaving a lab's question mends nothing, and the lab's own extra resource is deleted.
    for name in ["wrong-family", "no-replica"] {
        for key in [CTRL_C, CTRL_D, "\x1b"] {
            let mut terminal = lab(name);
            terminal.asked("In another terminal. Done?");
            terminal.press(key);
            let (code, screen) = terminal.end();
            let told = screen.contains(&format!("resume {session}"));
            assert!(matches!(code, Some(0 | 130)) && told, "{name} {code:?} {screen}");
        }
    }
    let mut terminal = lab("wrong-family");
    terminal.see("The service says: elasticache:CreateCacheParameterGroup");
    terminal.choose("Let recipe-walk make");
    terminal.see("Mended.");
    let (code, screen) = terminal.end();
    assert_eq!(code, Some(0), "{screen}");
    let groups = home.aws(&["elasticache", "describe-cache-parameter-groups"]).expect(0).out;
    assert!(!groups.contains(&format!("{session}-lab")), "{groups}");

    let mut terminal = lab("no-replica");
    terminal.see("The service says: elasticache:CreateReplicationGroup");
    terminal.choose("Let recipe-walk make");
    terminal.see("Mended.");
    assert_eq!(terminal.end().0, Some(0));
    // The lab's own group is gone, and the session's was never touched.
    let groups = home.aws(&["elasticache", "describe-replication-groups"]).expect(0).json();
    let groups = groups["ReplicationGroups"].as_array().cloned().unwrap_or_default();
    assert_eq!(groups.len(), 1, "{groups:?}");
    assert_eq!(groups[0]["ReplicationGroupId"], format!("{session}-cache"));
    assert_eq!(groups[0]["Status"], "available");

    // The journal knows that the rule is missing, so resuming the session would make it again.
    let mut terminal = lab("closed-port");
    terminal.see("is not there yet: rule: TCP 3306");
    terminal.choose("Leave it broken");
    terminal.see("Left as it is.");
    assert_eq!(terminal.end().0, Some(0));
    // A lab refuses to break what is broken already.
    let mut terminal = lab("closed-port");
    terminal.see("is broken in session");
    assert_eq!(terminal.end().0, Some(2));
    let rules = || {
        let all = home.aws(&["ec2", "describe-security-group-rules"]).expect(0).json();
        let all = all["SecurityGroupRules"].as_array().cloned().unwrap_or_default();
        all.iter().filter(|r| r["FromPort"] == 3306 && r["IsEgress"] == false).count()
    };
    assert_eq!(rules(), 0);
    let mut terminal = Terminal::start(&home, &["resume"]);
    terminal.see("Step 2 of 20");
    terminal.choose("Run this step");
    terminal.see("What do you think?");
    terminal.press("\r");
    terminal.see("Step 11 of 20");
    terminal.choose("Quit and resume later");
    assert_eq!(terminal.end().0, Some(0));
    assert_eq!(rules(), 1);
    // Now it is mended, and the demo's view from the instance is shown before and after.
    let mut terminal = lab("closed-port");
    terminal.see("does not answer");
    terminal.choose("Let recipe-walk make");
    terminal.see("it works");
    terminal.see("Mended.");
    assert_eq!(terminal.end().0, Some(0));
    assert_eq!(rules(), 1);
    let measured =
        |kind: &str| home.run(&["status", &session, "--json"]).expect(0).json()["measured"][kind].clone();
    let before = measured("patterns");
    let mut terminal = lab("little-memory");
    terminal.choose("Let recipe-walk make");
    terminal.see("Mended.");
    let (code, screen) = terminal.end();
    assert_eq!(code, Some(0), "{screen}");
    assert_eq!(measured("patterns"), before, "what a broken cache does is no result of the walk");
    assert_eq!(home.run(&["lab", "nonsense"]).code, Some(13));
    home.run(&["cleanup", &session, "--yes"]).expect(0);
}
