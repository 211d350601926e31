//! README and CONTRIBUTING: every command in them is run here, or stands in a list with the reason why not.

use crate::support::{Home, PROGRAM, run};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Why a line of the documents is not run by this test.
enum Elsewhere {
    /// scripts/test runs these very words as one of its parts, or is itself meant.
    Script,
    /// It cannot run in a test; what is tested instead.
    Not(&'static str),
}
use Elsewhere::{Not, Script};

const ELSEWHERE: &[(&str, Elsewhere)] = &[
    (
        "curl -fsSLO https://github.com/recipe-walk/recipe-walk/releases/latest/download/install.sh",
        Not("nothing is released yet; tests/docs/release.rs installs over loopback"),
    ),
    ("sh install.sh", Not("the same: tests/docs/release.rs runs it with --from")),
    (
        "~/.local/bin/recipe-walk --sandbox",
        Not("asks at every step: tests/ui/prompts.rs walks it in a terminal"),
    ),
    (
        "~/.local/bin/recipe-walk --aws",
        Not("needs an account: tests/ui/errors.rs tries it without and with another endpoint"),
    ),
    (
        "recipe-walk --aws --profile workshop --region eu-central-1",
        Not("needs an account: tests/ui/errors.rs tries it without and with another endpoint"),
    ),
    (
        "recipe-walk doctor --aws --profile workshop --region eu-central-1 --attendees 30",
        Not("needs an account: tests/walk/preflight.rs runs it against the sandbox"),
    ),
    (
        "recipe-walk resume",
        Not("needs an unfinished session and a person: tests/resume/quit_steps.rs and tests/ui/prompts.rs"),
    ),
    (
        "recipe-walk board --cohort june --profile ana,ben,cleo --region eu-central-1",
        Not("needs three accounts: tests/class/trainer.rs looks at two sandboxes by their profiles"),
    ),
    (
        "recipe-walk status rw-k3v9x2ab --remote --profile ana",
        Not("names a session of somebody's: tests/class/trainer.rs looks at one on the sandbox"),
    ),
    ("recipe-walk handover", Not("needs an unfinished session: tests/class/trainer.rs hands one over")),
    (
        "recipe-walk cleanup --cohort june --aws",
        Not("needs an account: tests/class/class_cleanup.rs cleans up a class on the sandbox"),
    ),
    (
        "python tests/conformance             # everything, with a Python that has tests/conformance/requirements.txt",
        Not("a part of scripts/test, with that Python"),
    ),
    ("python tests/conformance ec2 rds     # some parts", Not("the same")),
    (
        "python tests/conformance --write     # after a change in what is covered: writes docs/sandbox-operations.md",
        Not("writes into the checkout; the part of scripts/test says when it has to be done"),
    ),
    ("scripts/test", Script),
    ("cargo fmt --all --check", Script),
    ("cargo clippy --workspace --all-targets -- -D warnings", Script),
    ("cargo test --workspace", Script),
    ("scripts/third-party --check", Script),
    ("cargo test", Script),
    ("cd crates/cache-demo", Not("only leads to the line after it")),
    (
        "scripts/record",
        Not("makes a picture of a whole walk, with packages that it installs; looked at by a person"),
    ),
    ("rustup target add aarch64-unknown-linux-gnu", Not("changes the toolchain of whoever runs the tests")),
    (
        "scripts/payload --out payload aarch64-unknown-linux-gnu",
        Not("needs that target; the release workflow makes the same on a machine of that kind"),
    ),
    (
        "export RECIPE_WALK_PAYLOAD_ARM64=\"$PWD/payload/cache-demo-aarch64-linux\"",
        Not("needs the line before it; src/payload.rs tests what follows from a payload"),
    ),
    (
        "export RECIPE_WALK_PAYLOAD_ARM64_SHA256=\"$(cut -d' ' -f1 payload/cache-demo-aarch64-linux.sha256)\"",
        Not("the same"),
    ),
    ("cargo build", Not("what is tested here was built so")),
    (
        "scripts/try-archive archives/recipe-walk-0.1.0-x86_64-linux.tar.gz",
        Not("needs the archive of the line before it; the release workflow runs it"),
    ),
    ("scripts/try-debian", Not("needs root and a mirror of Debian, and takes some minutes")),
    ("scripts/try-debian sid", Not("the same")),
    (
        "gh release download v1.2.3 --pattern SHA256SUMS --dir draft",
        Not("reaches a forge; tests/docs/installer.rs signs and installs what the release would"),
    ),
    ("scripts/sign ~/.ssh/recipe-walk-release draft", Not("the same, with the releaser's own key")),
    ("gh release upload v1.2.3 draft/SHA256SUMS.sig", Not("the same")),
    (
        "scripts/release --out archives",
        Not("compiles the SDK once more; the release workflow runs it elsewhere"),
    ),
];

/// The lines of each shell block of a document.
fn blocks(text: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    let mut inside: Option<Vec<String>> = None;
    for line in text.lines() {
        match (&mut inside, line) {
            (None, "```sh") => inside = Some(Vec::new()),
            (Some(lines), "```") => {
                found.push(std::mem::take(lines));
                inside = None;
            }
            (Some(lines), line) => lines.push(line.to_owned()),
            (None, _) => {}
        }
    }
    found
}

fn document(name: &str) -> String {
    fs::read_to_string(Path::new(ROOT).join(name)).expect("the document")
}

/// Runs what is to be run of a document, block after block, in a home with a sandbox without engines, where a whole walk
/// takes seconds. `cargo run --` is the program under test; `aws` is the ordinary CLI.
fn follow(name: &str) {
    let home = Home::new();
    let bin = home.programs().to_owned();
    symlink(PROGRAM, bin.join("recipe-walk")).expect("a link");
    let aws = std::env::var("RECIPE_WALK_AWS").unwrap_or_else(|_| "aws".to_owned());
    let aws = run(home.command("sh").args(["-c", "command -v \"$0\"", &aws])).expect(0).out;
    symlink(aws.trim(), bin.join("aws")).expect("a link");
    symlink(Path::new(ROOT).join("recipe"), home.path().join("recipe")).expect("a link");
    let home = home.without_engines();
    for lines in blocks(&document(name)) {
        let mut script = format!("set -eu\nPATH=\"{}:$PATH\"\n", bin.display());
        let mut any = false;
        for line in &lines {
            if ELSEWHERE.iter().any(|(command, _)| command == line) {
                continue;
            }
            any = true;
            // A sandbox serves here already: what the document starts by hand is there.
            let line = match line.strip_suffix('&').map(str::trim) {
                Some(served) if served.starts_with("recipe-walk sandbox serve") => {
                    "recipe-walk sandbox status".to_owned()
                }
                _ => line.replace("cargo run -- ", "recipe-walk "),
            };
            script.push_str(&line);
            // A clean-up would ask, and nobody is there to answer.
            if line == "recipe-walk cleanup" {
                script.push_str(" --yes");
            }
            script.push('\n');
        }
        if any {
            // Somebody who follows the document has something to clean up by then.
            if script.contains("recipe-walk cleanup") {
                home.run(&["--sandbox", "--yes", "--keep"]).expect(0);
            }
            let said = run(home.command("bash").args(["-c", &script]));
            assert_eq!(said.code, Some(0), "{name}:\n{script}\n{}\n{}", said.out, said.err);
        }
    }
}

#[test]
fn the_readme_can_be_followed() {
    follow("README.md");
}

#[test]
fn contributing_can_be_followed() {
    follow("CONTRIBUTING.md");
}

#[test]
fn commands_not_run_here_are_documented_with_a_reason() {
    let lines: Vec<String> =
        ["README.md", "CONTRIBUTING.md"].iter().flat_map(|name| blocks(&document(name))).flatten().collect();
    let script = document("scripts/test");
    for (command, why) in ELSEWHERE {
        assert!(lines.iter().any(|line| line == command), "no document has '{command}' any more");
        match why {
            Script => assert!(script.contains(command), "scripts/test does not run '{command}'"),
            Not(reason) => assert!(!reason.is_empty(), "{command}"),
        }
    }
}

#[test]
fn what_the_documents_name_is_there() {
    for name in ["README.md", "CONTRIBUTING.md"] {
        let text = document(name);
        for word in
            text.split('`').skip(1).step_by(2).filter(|word| !word.contains(['\n', ' ', '*', '{', '~']))
        {
            let path = ["tests/", "crates/", "scripts/", "src/", "assets/", "recipe/", ".github/", "docs/"];
            if path.iter().any(|start| word.starts_with(start)) {
                assert!(Path::new(ROOT).join(word).exists(), "{name} names {word}");
            }
        }
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            assert!(link.contains("://") || Path::new(ROOT).join(link).exists(), "{name} links to {link}");
        }
    }
}

/// Commands in sentences that change the machine or compile much; where they run instead.
const IN_SENTENCES: [(&str, &str); 3] = [
    ("cargo install --path .", "the workflow for checks installs it so"),
    ("cargo test --test recipe-walk -- resume", "a part of what scripts/test runs"),
    ("cargo test -p recipe-walk-engine", "the same"),
];

#[test]
fn commands_in_sentences_are_ones_that_there_are() {
    let home = Home::new();
    let mut tried = 0;
    for name in ["README.md", "CONTRIBUTING.md"] {
        let text = document(name);
        // A sentence may be wrapped within a command.
        let words = text.split('`').skip(1).step_by(2).filter(|word| word.matches('\n').count() < 2);
        for command in words.map(|word| word.split_whitespace().collect::<Vec<_>>()) {
            match command[..] {
                ["recipe-walk", "help", ref topic @ ..] => {
                    home.run(&[&["help"], topic].concat()).expect(0);
                }
                ["recipe-walk", ref arguments @ ..] => {
                    // Its help is shown only where command and options are known.
                    let all: Vec<&str> = arguments.iter().copied().chain(["--help"]).collect();
                    home.run(&all).expect(0);
                }
                ["sh", "install.sh", ..] => {}
                ["cargo", ..] => {
                    let command = command.join(" ");
                    assert!(IN_SENTENCES.iter().any(|(known, _)| *known == command), "{name}: {command}");
                }
                [script, ref options @ ..] if script.starts_with("scripts/") && script != "scripts/" => {
                    let text = document(script);
                    for option in options {
                        assert!(text.contains(option), "{name}: {script} knows no {option}");
                    }
                }
                _ => continue,
            }
            tried += 1;
        }
    }
    assert!(tried > 15, "{tried}");
}
