//! Sessions that lost something: the machine, the journal or a part of it, the recipe, room on the disk.

use crate::support::sessions::{
    age_lease, databases, directory, elsewhere, groups, kept, parameters, walk_held_at,
};
use crate::support::{Home, kill, only_session, run, until};

#[test]
fn a_lost_session_is_resumed_by_its_name() {
    let home = Home::new().without_engines();
    let (walk, session) = walk_held_at(&home, "RunInstances", "stall-before");
    kill(walk);
    home.run(&["sandbox", "fault", "clear"]).expect(0);
    std::fs::remove_dir_all(directory(&home, &session)).expect("lost");
    let said = home.run(&["resume", &session, "--yes", "--keep"]).expect(2);
    assert!(said.err.contains("--sandbox"), "{}", said.err);
    // The lease's token was lost with the machine, so the lease counts as somebody else's.
    home.run(&["resume", &session, "--sandbox", "--yes", "--keep"]).expect(7);
    age_lease(&home, &session);
    let said = home.run(&["resume", &session, "--sandbox", "--yes", "--keep", "--take-over"]).expect(0);
    assert!(said.out.contains("From the account came back"), "{}", said.out);
    assert_eq!((groups(&home), databases(&home)), (1, 1));
    home.run(&["resume", "rw-aaaaaaaa", "--sandbox", "--yes"]).expect(2);
    assert!(!directory(&home, "rw-aaaaaaaa").exists());
    home.run(&["cleanup", "--yes"]).expect(0);
}

#[test]
fn a_damaged_journal_is_rebuilt_and_kept() {
    let home = Home::new().without_engines();
    let session = kept(&home, &[]);
    let said = home.run(&["resume", &session, "--rebuild", "--yes"]).expect(2);
    assert!(said.err.contains("sound"), "{}", said.err);
    let journal = directory(&home, &session).join("journal.jsonl");
    let text = std::fs::read_to_string(&journal).expect("the journal");
    let mut lines: Vec<&str> = text.lines().collect();
    lines[9] = "rubbish";
    let damaged = lines.join("\n") + "\n";
    std::fs::write(&journal, &damaged).expect("damaged");
    let said = home.run(&["resume", &session, "--yes"]).expect(8);
    assert!(said.err.contains(&format!("resume {session} --rebuild")), "{}", said.err);
    // The first line is sound and says where the session lives, so nobody has to.
    home.run(&["resume", &session, "--rebuild", "--yes", "--keep"]).expect(0);
    let copy = directory(&home, &session).join("journal.jsonl.damaged-1");
    assert_eq!(std::fs::read_to_string(copy).expect("kept"), damaged);
    std::fs::write(&journal, "rubbish\n").expect("damaged");
    home.run(&["cleanup", &session, "--rebuild", "--yes"]).expect(2);
    home.run(&["cleanup", &session, "--rebuild", "--sandbox", "--yes"]).expect(0);
    assert_eq!((groups(&home), parameters(&home, &session).len()), (0, 0));
}

#[test]
fn a_session_is_cleaned_up_by_its_tags_alone() {
    let home = Home::new().without_engines();
    let session = kept(&home, &[]);
    std::fs::remove_dir_all(directory(&home, &session)).expect("lost");
    let said = home.run(&["cleanup", &session, "--sandbox", "--dry-run"]).expect(0);
    for what in ["replication group", "database", "instance", "security group", "role", "secret"] {
        assert!(said.out.contains(what), "'{what}' is missing in:\n{}", said.out);
    }
    assert!(!directory(&home, &session).exists() && groups(&home) == 1, "a dry run changes nothing");
    let receipt = home.run(&["cleanup", &session, "--sandbox", "--yes", "--json"]).expect(0).json();
    assert_eq!(receipt["items"].as_array().map(Vec::len), Some(20), "{receipt}");
    assert_eq!(receipt["left"].as_array().map(Vec::len), Some(0), "{receipt}");
    assert_eq!(home.run(&["sessions", "--remote", "--sandbox", "--json"]).expect(0).out.trim(), "[]");
}

#[test]
fn unfinished_cleanup_goes_on_elsewhere_and_makes_nothing_anew() {
    // DeleteRole is the last deletion but for the notes, DeleteDBInstance one of the first.
    for (operation, database) in [("DeleteRole", 0), ("DeleteDBInstance", 1)] {
        let home = Home::new().without_engines();
        let session = kept(&home, &[]);
        home.run(&["sandbox", "fault", "add", operation, "refuse", "--times", "9"]).expect(0);
        home.run(&["cleanup", &session, "--yes"]).expect(11);
        assert_eq!((groups(&home), databases(&home)), (0, database));
        // The session note stays as long as anything does, because it says that a clean-up has begun.
        let left = parameters(&home, &session);
        assert!(left.iter().any(|p| p.ends_with("/session")), "{left:?}");
        assert!(!left.iter().any(|p| p.ends_with("/auth-token")), "{left:?}");
        home.run(&["sandbox", "fault", "clear"]).expect(0);
        let other = Home::new();
        // A note alone is followed by whoever says so.
        elsewhere(&other, &home, &["resume", &session, "--aws", "--yes"]).expect(10);
        assert_eq!((databases(&home), parameters(&home, &session)), (database, left));
        let said = elsewhere(&other, &home, &["cleanup", &session, "--aws", "--yes"]).expect(0);
        assert_eq!((groups(&home), databases(&home), parameters(&home, &session).len()), (0, 0, 0));
        let told = said.out.replace('\n', " ");
        assert!(told.contains("what had been deleted before is not counted"), "{told}");
        assert_eq!(home.calls("CreateReplicationGroup"), 1);
    }
}

#[test]
fn resources_missing_from_a_shortened_journal_are_deleted_too() {
    let home = Home::new().without_engines();
    let session = kept(&home, &[]);
    let journal = directory(&home, &session).join("journal.jsonl");
    let text = std::fs::read_to_string(&journal).expect("the journal");
    let records: Vec<&str> = text.split_inclusive('\n').collect();
    let answers = records.iter().take_while(|r| !r.contains("\"intended\"")).count();
    std::fs::write(&journal, records[..answers].concat()).expect("shortened");
    home.run(&["cleanup", &session, "--yes"]).expect(0);
    assert_eq!((groups(&home), databases(&home), parameters(&home, &session).len()), (0, 0, 0));
}

#[test]
fn terminated_instance_with_a_lost_journal_is_made_anew() {
    let home = Home::new().without_engines();
    let session = kept(&home, &[]);
    let instances = |state: &str| {
        let filter = format!("Name=instance-state-name,Values={state}");
        let all = home.aws(&["ec2", "describe-instances", "--filters", &filter]).expect(0).json();
        let all = all["Reservations"].as_array().expect("reservations").iter();
        all.map(|r| r["Instances"][0]["InstanceId"].as_str().expect("an id").to_owned()).collect::<Vec<_>>()
    };
    let first = instances("running");
    home.aws(&["ec2", "terminate-instances", "--instance-ids", &first[0]]).expect(0);
    until("it is terminated", || instances("terminated") == first);
    std::fs::remove_dir_all(directory(&home, &session)).expect("lost");
    home.run(&["resume", &session, "--sandbox", "--yes", "--keep"]).expect(0);
    let second = instances("running");
    assert!(second.len() == 1 && second != first, "{second:?}");
    // AWS refused the first client token as used up, so the walk took the next one.
    let text =
        std::fs::read_to_string(directory(&home, &session).join("journal.jsonl")).expect("the journal");
    let tried =
        |generation: u8| text.contains(&format!("\"name\":\"instance\",\"generation\":{generation},"));
    assert!(tried(1) && tried(2));
    // The journal knows both tokens now, and the same has to work with it.
    home.aws(&["ec2", "terminate-instances", "--instance-ids", &second[0]]).expect(0);
    home.run(&["resume", &session, "--yes", "--keep"]).expect(0);
    assert_eq!(instances("running").len(), 1);
    home.run(&["cleanup", &session, "--yes"]).expect(0);
}

#[test]
fn session_of_another_recipe_is_refused_with_the_embedded_one() {
    let home = Home::new().without_engines();
    let mine = home.path().join("mine");
    std::fs::create_dir(&mine).expect("a directory");
    let source = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("recipe");
    for entry in std::fs::read_dir(&source).expect("the recipe") {
        let entry = entry.expect("a file");
        std::fs::copy(entry.path(), mine.join(entry.file_name())).expect("copied");
    }
    let toml = std::fs::read_to_string(mine.join("recipe.toml")).expect("the recipe");
    let other = toml.replacen("optional = true", "optional = false", 1);
    std::fs::write(mine.join("recipe.toml"), other).expect("changed");
    let dir = mine.display().to_string();
    let session = kept(&home, &["--recipe", &dir]);
    // The recipe's directory has moved, so resume asks for the new one.
    let moved = home.path().join("moved");
    std::fs::rename(&mine, &moved).expect("moved");
    let dir = moved.display().to_string();
    let said = home.run(&["resume", &session, "--yes", "--keep"]).expect(9);
    assert!(said.err.contains(&format!("resume {session} --recipe DIR")), "{}", said.err);
    home.run(&["resume", &session, "--recipe", &dir, "--yes", "--keep"]).expect(0);
    // Another machine has nothing but the session's name.
    std::fs::remove_dir_all(directory(&home, &session)).expect("lost");
    let said = home.run(&["resume", &session, "--sandbox", "--yes", "--keep"]).expect(9);
    assert!(said.err.contains(&format!("resume {session} --sandbox --recipe DIR")), "{}", said.err);
    assert!(said.err.contains(&mine.display().to_string()), "{}", said.err);
    assert!(!directory(&home, &session).exists(), "a refused resume leaves nothing behind");
    home.run(&["resume", &session, "--sandbox", "--recipe", &dir, "--yes", "--keep"]).expect(0);
    // Prose may change without making it another recipe.
    let prose = std::fs::read_to_string(moved.join("wait.md")).expect("its prose");
    std::fs::write(moved.join("wait.md"), prose + "\nOther words.\n").expect("changed");
    std::fs::remove_dir_all(directory(&home, &session)).expect("lost");
    home.run(&["resume", &session, "--sandbox", "--recipe", &dir, "--yes", "--keep"]).expect(0);
    std::fs::remove_dir_all(directory(&home, &session)).expect("lost");
    home.run(&["cleanup", &session, "--sandbox", "--yes"]).expect(0);
    assert_eq!(groups(&home), 0);
}

#[test]
fn a_journal_that_cannot_be_written_forbids_every_further_call() {
    let home = Home::new().without_engines();
    // No file may grow beyond this; the signal for it is ignored, so that the write fails as on a full disk.
    let limited = "trap '' XFSZ; ulimit -f 16; exec \"$0\" --sandbox --yes --keep";
    let said = run(home.command("sh").args(["-c", limited, crate::support::PROGRAM])).expect(6);
    assert!(said.err.contains("resume"), "{}", said.err);
    let session = only_session(&home);
    let text =
        std::fs::read_to_string(directory(&home, &session).join("journal.jsonl")).expect("the journal");
    let intended = text.lines().filter(|l| l.contains("\"record\":{\"intended\"")).count();
    let calls = home.run(&["sandbox", "calls", "--json"]).expect(0).json();
    let made = |c: &&serde_json::Value| {
        // Step 1 tries some calls with a dry run, which makes nothing.
        if c["mutating"] != true {
            return false;
        }
        let operation = c["operation"].as_str().unwrap_or_default();
        let kinds = ["Create", "Authorize", "Modify", "Put", "Add", "Run"];
        kinds.iter().any(|k| operation.starts_with(k)) && operation != "CreateTags"
    };
    let made = calls.as_array().expect("calls").iter().filter(made).count();
    // One of the calls took the lease, which is no part of the journal.
    assert!(intended > 3 && made <= intended + 1, "{made} calls, {intended} intentions on record");
    home.run(&["resume", &session, "--yes", "--keep"]).expect(0);
    assert_eq!((groups(&home), databases(&home)), (1, 1));
    home.run(&["cleanup", &session, "--yes"]).expect(0);
}
