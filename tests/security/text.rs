//! Text of others: from journals, recipes, configuration, environment, file names, tags and notes of an account to
//! everything that this program writes. Nothing of it steers a terminal, and no command that is printed does more than it says.

use crate::support::aws_resources::security_group;
use crate::support::pty::Terminal;
use crate::support::sessions::{directory, put_lease};
use crate::support::{Home, PROGRAM, Said, only_session, resealed, run};
use recipe_walk_engine::shown::is_visible;
use serde_json::Value;
use std::path::Path;

/// A line that could pass for one of this program's.
const FORGED: &str = "error: forged";

/// Sets a clipboard, clears the screen, begins a line, a comment and a command, turns the text and hides a letter.
const HOSTILE: &str = "\u{1b}]52;c;aWQ=\u{7}\u{9b}2J\r\n# $(touch canary)\nerror: forged\ntouch canary\n'; touch canary; '`touch canary`\
                       \u{202e}\u{2066}\u{200b}-----BEGIN PRIVATE KEY-----'";

/// Fields of a journal that hold text of others: of recipes, people, services and results.
const OTHERS: [&str; 27] = [
    "description",
    "text",
    "document",
    "owner",
    "cohort",
    "message",
    "code",
    "cause",
    "id",
    "engine",
    "engine_version",
    "node_type",
    "class",
    "family",
    "vpc",
    "image",
    "instance_type",
    "subnet",
    "region",
    "arn",
    "value",
    "title",
    "reason",
    "question",
    "conclusions",
    "advice",
    "group",
];

/// The text with a hostile end wherever it is somebody else's.
fn spoil(value: &mut Value, key: &str) {
    match value {
        Value::String(text) if OTHERS.contains(&key) => text.push_str(HOSTILE),
        Value::Array(list) => list.iter_mut().for_each(|value| spoil(value, key)),
        Value::Object(fields) => fields.iter_mut().for_each(|(key, value)| spoil(value, key)),
        _ => {}
    }
}

/// A home with a session on record that is hostile throughout.
fn spoilt(sandbox: bool) -> (Home, String) {
    let home = Home::new();
    let walked = include_str!("../fixtures/walked.jsonl");
    let mut lines = String::new();
    for line in walked.lines() {
        let mut line: Value = serde_json::from_str(line).expect("a record");
        if line["record"].get("answered").is_none() {
            spoil(&mut line, "");
        }
        if let Some(opened) = line.pointer_mut("/record/opened") {
            opened["sandbox"] = sandbox.into();
            opened["recipe_dir"] = format!("{}/my recipe's #1{HOSTILE}", home.path().display()).into();
        }
        line.as_object_mut().expect("a record").remove("sum");
        let text = line.to_string();
        lines.extend([text.strip_suffix('}').expect("an object"), ",\"sum\":\"\"}\n"]);
    }
    let id = "rw-djebq2ky".to_owned();
    let dir = directory(&home, &id);
    std::fs::create_dir_all(&dir).expect("a directory");
    std::fs::write(dir.join("journal.jsonl"), resealed(&lines)).expect("a journal");
    (home, id)
}

/// Nothing invisible but line breaks.
fn assert_visible(what: &str, text: &str) {
    let hidden: Vec<char> = text.chars().filter(|c| *c != '\n' && !is_visible(*c)).collect();
    assert!(hidden.is_empty(), "{what} has {hidden:?}\n{text}");
}

/// No line that could pass for one of ours. Commands that are to be pasted are none of this: there a line's end stands
/// between quotes.
fn assert_unbroken(what: &str, text: &str) {
    assert!(!text.lines().any(|line| line.trim() == FORGED), "{what} has a line of somebody else's\n{text}");
}

fn assert_said_visibly(what: &str, said: &Said) {
    assert_visible(what, &said.out);
    assert_visible(what, &said.err);
}

/// Runs a script with nothing but a stub in place of the AWS CLI.
fn assert_harmless(home: &Home, script: &str) {
    for shell in ["sh", "bash", "dash"] {
        let dir = tempfile::tempdir_in(home.path()).expect("a directory");
        std::fs::write(dir.path().join("script"), format!("aws() {{ :; }}\n{script}")).expect("written");
        let said = run(home.command(shell).arg("script").current_dir(dir.path()));
        assert_eq!(said.code, Some(0), "{shell}: {}\n{script}", said.err);
        assert!(!dir.path().join("canary").exists(), "{shell} ran it\n{script}");
    }
}

#[test]
fn a_hostile_journal_reaches_every_output_visibly_and_runs_nothing() {
    for sandbox in [true, false] {
        let (home, id) = spoilt(sandbox);
        let said = home.run(&["transcript", &id]).expect(0);
        assert_said_visibly("transcript", &said);
        assert!(said.out.contains("aws ec2 create-security-group"), "{}", said.out);
        assert_harmless(&home, &said.out);
        for arguments in [
            &["transcript", &id, "--json"][..],
            &["report", &id, "--format", "md", "--output", "-"],
            &["report", &id, "--format", "html", "--output", "-"],
            &["report", &id, "--format", "json", "--output", "-"],
            &["status", &id],
            &["status", &id, "--json"],
            &["status", &id, "--plain"],
            &["sessions"],
            &["sessions", "--json"],
        ] {
            let said = home.run(arguments);
            assert_eq!(said.code, Some(0), "{arguments:?}: {}", said.err);
            assert_said_visibly(&format!("{arguments:?}"), &said);
            if arguments[0] != "report" {
                assert_unbroken(&format!("{arguments:?}"), &said.out);
            }
        }
        // In Markdown the commands stand in a block that nothing in them ends.
        let page = home.run(&["report", &id, "--format", "md", "--output", "-"]).expect(0).out;
        let (_, commands) = page.split_once("## CLI transcript\n\n").expect("the transcript");
        let fence: String = commands.chars().take_while(|c| *c == '`').collect();
        let (_, rest) = commands.split_once('\n').expect("a block");
        let (script, after) = rest.split_once(&format!("\n{fence}\n")).expect("its end");
        assert!(after.trim().is_empty(), "{after}");
        assert_harmless(&home, script);
    }
}

#[test]
fn unfinished_hostile_session_is_handed_over_in_one_harmless_line() {
    let (home, id) = spoilt(false);
    let journal = directory(&home, &id).join("journal.jsonl");
    let lines = std::fs::read_to_string(&journal).expect("the journal");
    let open: Vec<&str> = lines.lines().filter(|line| !line.contains("\"closed\"")).collect();
    std::fs::write(&journal, open.join("\n") + "\n").expect("written");
    let said = home.run(&["handover", &id]).expect(0);
    assert_said_visibly("handover", &said);
    assert!(said.out.contains("--recipe '"), "{}", said.out);
    let line = said.out.replace(PROGRAM, "aws").replace("recipe-walk resume", "aws resume");
    assert_harmless(&home, &line);
}

#[test]
fn recipes_files_settings_and_arguments_are_shown_visibly() {
    let home = Home::new();
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/second-recipe");
    let dir = home.path().join("re'cipe #1\u{1b}]0;x\u{7}\u{202e}");
    std::fs::create_dir(&dir).expect("a directory");
    for file in std::fs::read_dir(fixture).expect("the recipe") {
        let file = file.expect("a file");
        std::fs::copy(file.path(), dir.join(file.file_name())).expect("copied");
    }
    let path = dir.display().to_string();
    let sound = home.run(&["check", &path]).expect(0);
    assert_said_visibly("check", &sound);
    let next = sound.out.lines().find(|line| line.contains("--recipe")).expect("the next command");
    assert_harmless(
        &home,
        &format!("aws () {{ [ \"$3\" = {} ] || exit 9; }}\naws {}\n", quoted(&path), rest(next)),
    );
    // The same with something wrong everywhere that text stands.
    let toml = std::fs::read_to_string(dir.join("recipe.toml")).expect("the recipe");
    let bad = r"\u001b]52;c;aWQ=\u0007\u009b2J\u202e\u200b";
    let toml = toml
        .replace("title = \"", &format!("title = \"{bad}"))
        .replace("phase = \"", &format!("phase = \"{bad}"));
    std::fs::write(dir.join("recipe.toml"), toml).expect("written");
    assert_said_visibly("check", &home.run(&["check", &path]).expect(9));
    assert_said_visibly("walk", &home.run(&["--sandbox", "--yes", "--recipe", &path]).expect(9));
    assert_said_visibly("new", &home.run(&["new", &path]).expect(2));
    for arguments in [
        &["status", "rw-\u{1b}[2J\u{9b}"][..],
        &["lab", "\u{1b}[2J"],
        &["\u{1b}]52;c;x\u{7}"],
        &["kinds", "\u{202e}"],
    ] {
        assert_said_visibly(&format!("{arguments:?}"), &home.run(arguments));
    }
    let config = home.path().join("con\u{1b}[2Jfig.toml");
    std::fs::write(&config, format!("region = \"a\"\n\"\\u001b[2J\\u202e\" = \"{bad}\"\n")).expect("written");
    let log = home.path().join("log");
    let mut command = home.recipe_walk(&["sessions", "--log", "log"]);
    let said = run(command.env("RECIPE_WALK_CONFIG", &config).env("RECIPE_WALK_\u{1b}[2J", "\u{9b}"));
    assert_said_visibly("configuration", &said);
    assert!(said.err.contains(r"\u{1b}[2J"), "{}", said.err);
    assert_visible("log", &std::fs::read_to_string(&log).unwrap_or_default());
}

fn quoted(text: &str) -> String {
    recipe_walk_engine::shell::word(text)
}

/// What stands behind the program's own name.
fn rest(command: &str) -> &str {
    let command = command.trim();
    command.strip_prefix(PROGRAM).or(command.strip_prefix("recipe-walk")).expect("our program").trim_start()
}

#[test]
fn what_others_write_into_an_account_is_shown_visibly() {
    let home = Home::new().without_engines();
    home.run(&["--sandbox", "--yes", "--keep", "--owner", HOSTILE, "--cohort", "june"]).expect(0);
    let session = only_session(&home);
    let put = |name: &str, value: &str| {
        let name = format!("/recipe-walk/{session}/{name}");
        let put =
            ["ssm", "put-parameter", "--overwrite", "--type", "String", "--value", value, "--name", &name];
        home.aws(&put).expect(0);
    };
    let lease =
        serde_json::json!({"holder": format!("dora{HOSTILE}"), "token": "t", "at": jiff::Timestamp::now()});
    put_lease(&home, &session, &lease);
    let said = home.run(&["resume", &session, "--yes"]).expect(7);
    assert_said_visibly("a lease", &said);
    assert_unbroken("a lease", &said.err);
    assert!(said.err.contains(r"dora\u{1b}]52"), "{}", said.err);
    // Tags of somebody else's things with the session's name are shown too. EC2 takes what its answers can carry.
    let carried: String = HOSTILE.chars().filter(|c| *c >= ' ').collect();
    for key in ["owner", "error", "step", "progress"] {
        let tags = serde_json::json!([
            {"Key": "recipe-walk:session", "Value": session}, {"Key": format!("recipe-walk:{key}"), "Value": carried}
        ]);
        let tags = format!("[{{\"ResourceType\":\"security-group\",\"Tags\":{tags}}}]");
        security_group(&home, &format!("theirs-{key}"), &["--tag-specifications", &tags]);
    }
    put("results", &serde_json::json!({"check": {"kind": HOSTILE, "a": HOSTILE}, HOSTILE: 1}).to_string());
    put("session", &serde_json::json!({"recipe": HOSTILE, "owner": HOSTILE, "cohort": HOSTILE}).to_string());
    for arguments in [
        &["status", &session, "--remote", "--sandbox"][..],
        &["status", &session, "--remote", "--sandbox", "--json"],
        &["sessions", "--remote", "--sandbox"],
        &["sessions", "--remote", "--sandbox", "--json"],
        &["board", "--cohort", "june", "--sandbox", "--once"],
        &["board", "--cohort", "june", "--sandbox", "--json"],
        &["cleanup", &session, "--dry-run"],
        &["cleanup", &session, "--yes", "--take-over"],
    ] {
        let said = home.run(arguments);
        assert_said_visibly(&format!("{arguments:?}"), &said);
        assert_unbroken(&format!("{arguments:?}"), &said.out);
        assert_unbroken(&format!("{arguments:?}"), &said.err);
    }
}

#[test]
fn nothing_of_others_steers_a_terminal_or_begins_lines() {
    let (home, id) = spoilt(false);
    for arguments in [&["status", &id][..], &["sessions"], &["resume", &id], &["cleanup", &id, "--dry-run"]] {
        let (_, screen) = Terminal::start(&home, arguments).end();
        let forged = screen.lines().any(|line| line.trim_matches([' ', '│', '|']) == FORGED);
        assert!(!forged, "{arguments:?}:\n{screen}");
        let bytes = Terminal::start(&home, arguments).all_bytes();
        for steering in ["\u{1b}]", "\u{9b}", "\u{202e}", "\u{200b}", "\u{1b}[2J"] {
            assert!(!bytes.contains(steering), "{arguments:?} has {steering:?}: {bytes:?}");
        }
    }
}
