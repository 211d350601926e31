//! Values that hope to be more than values, on their way to every shell there is: the instance's, the person's, and those of
//! whoever pastes what the program prints. A canary file tells whether any of them ran.

use crate::support::pty::Terminal;
use crate::support::{Home, PROGRAM, Said, only_session, run};
use std::path::{Path, PathBuf};

/// Everything that a rule of visible letters lets through.
const VALUE: &str = "-'; touch canary; \"$(touch canary)\" `touch canary` ${HOME} $RANDOM \\$x !! # & | > canary * ~ \
                     --query x file:///etc/passwd {region} %s\\n 'é";

/// A person's name and a class that are hostile too; the tags of AWS take less of them.
const NAME: &str = "-o'; $(touch canary) `touch canary`\n\u{1b}]52;c;aWQ=\u{7}";

/// A home below a directory whose name ends words, quotes and lines.
const DIRECTORY: &str = "st a'te \"$(touch canary)` #1";

/// The fixture of a recipe with its own program, with a text that goes to a note, to its description and to the program,
/// which says what has arrived.
fn recipe(home: &Home) -> PathBuf {
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/second-recipe");
    let dir = home.path().join("re'cipe $(touch canary) #1");
    std::fs::create_dir(&dir).expect("a directory");
    for file in std::fs::read_dir(fixture).expect("the recipe") {
        let file = file.expect("a file");
        std::fs::copy(file.path(), dir.join(file.file_name())).expect("copied");
    }
    let toml = std::fs::read_to_string(dir.join("recipe.toml")).expect("the recipe");
    let parameter = "[[parameter]]\nid = \"said\"\nname = \"$(touch canary)\"\ntype = \"text\"\ndefault = \"hello\"\n\
                     question = \"What? '; touch canary\"\n\n[[phase]]\n";
    let toml = toml
        .replacen("[[phase]]\n", parameter, 1)
        .replace("\"hello from {{region}}\"", "\"{{said}}\"")
        .replace("recipe-walk: what the instance reads", "{{said}}")
        .replace("\"--note\", ", "\"--said\", \"{{said}}\", \"--note\", ");
    std::fs::write(dir.join("recipe.toml"), toml).expect("written");
    let script = std::fs::read_to_string(dir.join("reader.sh")).expect("the program");
    let hex = "printf '%s' \"$1\" | od -An -v -tx1 | tr -d ' \\n'";
    let script = script
        .replace("set -u\n", &format!("set -u\nhex() {{ {hex}; }}\n"))
        .replace("    --note)", "    --said) said=$2 && shift ;;\n    --note)")
        .replace(
            "printf '{\"type\":\"result\",\"kind\":\"%s\",\"characters\":%s}\\n' \"$command\" \"${#text}\"",
            "printf '{\"type\":\"result\",\"kind\":\"%s\",\"said\":\"%s\",\"read\":\"%s\"}\\n' \"$command\" \
             \"$(hex \"$said\")\" \"$(hex \"$text\")\"",
        );
    std::fs::write(dir.join("reader.sh"), script).expect("written");
    dir
}

fn hex(text: &str) -> String {
    text.bytes().fold(String::new(), |digits, byte| format!("{digits}{byte:02x}"))
}

/// Nothing has run: there is no canary anywhere below the home.
#[track_caller]
fn no_canary(home: &Home) {
    let found = run(home.command("find").args([".", "-name", "canary*"])).expect(0);
    assert_eq!(found.out, "", "something ran");
}

/// Runs a script in each shell with a stub in place of the AWS CLI and of this program.
fn assert_harmless(home: &Home, what: &str, script: &str) {
    for shell in ["sh", "bash", "dash"] {
        let dir = tempfile::tempdir_in(home.path()).expect("a directory");
        let stub = "aws() { :; }\nrecipe_walk() { :; }\n";
        std::fs::write(dir.path().join("script"), format!("{stub}{script}\n")).expect("written");
        let said = run(home.command(shell).arg("script").current_dir(dir.path()));
        assert_eq!(said.code, Some(0), "{what}, {shell}: {}\n{script}", said.err);
        no_canary(home);
    }
}

/// A command of ours as one of the stub's.
fn ours(line: &str) -> String {
    line.trim().replacen(PROGRAM, "recipe_walk", 1).replacen("recipe-walk", "recipe_walk", 1)
}

/// The commands that a text tells to type next.
fn commands(said: &Said) -> Vec<String> {
    let all = [said.out.as_str(), said.err.as_str()].join("\n");
    let lines = all.lines().map(|line| {
        let line = line.trim();
        ["next:", "or:", "Go on:", "Clean up:", "Elsewhere:", "mend:"]
            .iter()
            .find_map(|label| line.strip_prefix(label))
            .unwrap_or(line)
            .trim()
    });
    lines.filter(|line| line.starts_with(PROGRAM) || line.starts_with("recipe-walk ")).map(ours).collect()
}

#[test]
fn hostile_values_arrive_as_they_are_and_run_nowhere() {
    let home = Home::new();
    let dir = recipe(&home).display().to_string();
    let state = home.path().join(DIRECTORY);
    std::fs::create_dir(&state).expect("a directory");
    let state = state.display().to_string();
    let at = |arguments: &[&str]| {
        let mut command = home.recipe_walk(arguments);
        run(command.env("XDG_STATE_HOME", &state).env("RECIPE_WALK_SET_SAID", VALUE))
    };
    at(&["check", &dir]).expect(0);
    let (owner, cohort) = (format!("--owner={NAME}"), format!("--cohort={NAME}"));
    let begin = ["--sandbox", "--yes", "--keep", "--recipe", &dir, &owner, &cohort];
    let refused = at(&begin).expect(9);
    let trust = refused.err.split("--trust-recipe ").nth(1).and_then(|rest| rest.split_whitespace().next());
    let trust = trust.expect("a digest").to_owned();
    let walked = at(&[&begin[..], &["--trust-recipe", &trust]].concat()).expect(0);
    let list = at(&["sessions", "--json"]).expect(0).json();
    let session = list[0]["session"].as_str().expect("a session").to_owned();
    // On the instance: the program's argument and the note that it read are the value, letter by letter.
    let status = at(&["status", &session, "--json"]).expect(0).json();
    for what in ["said", "read"] {
        assert_eq!(status["measured"]["read"][what], hex(VALUE), "{status}");
    }
    no_canary(&home);
    // In every form that is printed, and pasted into a shell by somebody.
    let transcript = at(&["transcript", &session]).expect(0).out;
    assert!(transcript.contains("aws ssm put-parameter"), "{transcript}");
    assert_harmless(&home, "transcript", &transcript);
    let entries = at(&["transcript", &session, "--json"]).expect(0).json();
    for entry in entries.as_array().expect("entries") {
        let command = entry["command"].as_str().or(entry["line"].as_str()).unwrap_or_default();
        assert_harmless(&home, "entry", command);
    }
    let page = at(&["report", &session, "--format", "md", "--output", "-"]).expect(0).out;
    let (_, block) = page.split_once("## CLI transcript\n\n").expect("the transcript");
    let fence: String = block.chars().take_while(|c| *c == '`').collect();
    let (_, rest) = block.split_once('\n').expect("a block");
    let (script, _) = rest.split_once(&format!("\n{fence}")).expect("its end");
    assert_harmless(&home, "report", script);
    let page = at(&["report", &session, "--format", "html", "--output", "-"]).expect(0).out;
    assert!(!page.contains("<script") && page.contains("touch canary"), "values are text there");
    for said in [
        refused,
        walked,
        at(&["status", &session]).expect(0),
        at(&["handover", &session]).expect(0),
        at(&["cleanup", &session, "--dry-run"]).expect(0),
        at(&["resume", &session, "--yes", "--keep"]).expect(0),
        at(&["resume", &session, "--yes", "--keep", "--recipe", "no'such $(touch canary)"]),
        at(&["lab", "no'such $(touch canary)"]),
    ] {
        for command in commands(&said) {
            assert_harmless(&home, "a next command", &command);
        }
    }
    let environment = at(&["sandbox", "env"]).expect(0).out;
    assert_harmless(&home, "sandbox env", &environment);
    let cleaned = at(&["cleanup", &session, "--yes"]).expect(0);
    assert!(cleaned.out.contains("Nothing is left"), "{cleaned:?}");
    at(&["sandbox", "stop"]);
    no_canary(&home);
}

#[test]
fn commands_for_making_a_step_by_hand_are_harmless() {
    let home = Home::new().without_engines();
    let dir = recipe(&home).display().to_string();
    let begin = ["--sandbox", "--yes", "--recipe", &dir];
    let refused = home.run(&begin).expect(9);
    let trust = refused.err.split("--trust-recipe ").nth(1).and_then(|rest| rest.split_whitespace().next());
    let trust = trust.expect("a digest").to_owned();
    let set = format!("said={VALUE}");
    let arguments = ["--sandbox", "--recipe", &dir, "--trust-recipe", &trust, "--set", &set];
    let mut terminal = Terminal::tall(&home, &arguments);
    terminal.choose("Use these settings");
    terminal.see("Step 1 of 5");
    terminal.choose("Run this step");
    for step in 2..=3 {
        terminal.see(&format!("Step {step} of 5"));
        terminal.choose("I'll do it myself");
        terminal.choose("Show me the exact commands");
        terminal.asked("In another terminal. Done?");
        let printed = terminal.printed_commands();
        let block: Vec<&str> = printed.lines().filter(|line| !line.starts_with("eval ")).collect();
        assert!(block.iter().any(|line| line.starts_with("aws ")), "{printed}");
        assert_harmless(&home, "by hand", &block.join("\n"));
        terminal.choose("Back");
        terminal.choose("Run this step");
    }
    terminal.see("Step 4 of 5");
    terminal.choose("Quit");
    assert_eq!(terminal.end().0, Some(0));
    let session = only_session(&home);
    home.run(&["cleanup", &session, "--yes"]).expect(0);
    no_canary(&home);
}
