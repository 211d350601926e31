//! Wrong input and failing machines: each gets a clear error, a next command and its own exit status.

use crate::support::checkout::recipe_without;
use crate::support::{Home, PROGRAM, Said, only_session, run};
use std::os::unix::fs::PermissionsExt as _;

/// Asserts that an error says what happened, in these words, and what to type next.
#[track_caller]
fn explained(said: &Said, words: &[&str]) {
    assert!(said.err.contains("error: "), "{}", said.err);
    assert!(
        said.err.contains("next: ") || said.err.contains("Usage") || said.err.contains("--help"),
        "{}",
        said.err
    );
    for word in words {
        assert!(said.err.contains(word), "'{word}' is missing in: {}", said.err);
    }
}

#[test]
fn nothing_that_can_cost_money_is_ever_a_default() {
    let home = Home::new();
    explained(&home.run(&["--yes"]).expect(2), &["--sandbox", "--aws"]);
    explained(&home.run(&["--sandbox"]).expect(13), &["--yes"]);
    explained(&home.run(&[]).expect(13), &["terminal"]);
}

#[test]
fn usage_errors_name_the_mistake() {
    let home = Home::new();
    home.run(&["--sandbx", "--yes"]).expect(2);
    home.run(&["dance"]).expect(2);
    home.run(&["--sandbox", "--aws", "--yes"]).expect(2);
    home.run(&["--sandbox", "--yes", "--pace", "warp"]).expect(2);
    home.run(&["status", "not-a-session"]).expect(2);
    explained(&home.run(&["status", "rw-abcdefgh"]).expect(2), &["rw-abcdefgh"]);
    explained(&home.run(&["cleanup", "rw-../../x", "--yes"]).expect(2), &[]);
}

#[test]
fn without_credentials_or_region_aws_is_explained() {
    let home = Home::new();
    let with = |env: &[(&str, &str)]| {
        let mut command = home.recipe_walk(&["--aws", "--yes"]);
        command.envs(env.iter().copied());
        run(&mut command)
    };
    explained(&with(&[("AWS_REGION", "us-east-1")]).expect(3), &["credentials"]);
    explained(&with(&[("AWS_ACCESS_KEY_ID", "a"), ("AWS_SECRET_ACCESS_KEY", "b")]).expect(4), &["region"]);
    let keys = [("AWS_ACCESS_KEY_ID", "a"), ("AWS_SECRET_ACCESS_KEY", "b"), ("AWS_REGION", "the-moon")];
    explained(&with(&keys).expect(4), &["the-moon"]);
    assert!(!home.state().join("sessions").exists() || home.run(&["sessions", "--json"]).out.trim() == "[]");
}

#[test]
fn custom_endpoint_is_honoured_and_wrong_keys_are_told() {
    let home = Home::new().without_engines();
    let mut env = home.sandbox_env();
    env.iter_mut().filter(|(k, _)| k == "AWS_SECRET_ACCESS_KEY").for_each(|(_, v)| v.push('x'));
    let mut command = home.recipe_walk(&["--aws", "--yes"]);
    explained(&run(command.envs(env)).expect(3), &["signature"]);
    let mut command = home.recipe_walk(&["--aws", "--yes", "--keep"]);
    command.envs(home.sandbox_env());
    let said = run(&mut command);
    // The control plane alone has no engines to measure, and nobody told this walk: it stops at the first measurement,
    // saved and resumable.
    assert!(matches!(said.code, Some(0 | 10)), "{said:?}");
    let session = only_session(&home);
    let mut command = home.recipe_walk(&["cleanup", &session, "--yes"]);
    run(command.envs(home.sandbox_env())).expect(0);
}

#[test]
fn missing_engines_that_cannot_be_installed_are_told() {
    let home = Home::new();
    // A machine without engines and without a package manager, for this one process: files over the programs, in a
    // mount namespace of its own.
    let hide = "for p in redis-server valkey-server mariadbd mysqld apt-get dnf brew apk pacman zypper; do \
                for d in /usr/bin /usr/sbin /usr/local/bin /usr/local/sbin /usr/libexec; do \
                if [ -e $d/$p ]; then mount --bind /dev/null $d/$p; fi; done; done; exec \"$0\" \"$@\"";
    let mut command = home.command("unshare");
    command.args(["--map-root-user", "--mount", "sh", "-c", hide, PROGRAM, "--sandbox", "--yes"]);
    explained(&run(&mut command).expect(5), &["redis"]);
    assert!(!home.state().join("sessions").exists());
}

#[test]
fn a_state_directory_that_cannot_be_written_is_told() {
    let home = Home::new();
    // A file is in the directory's place, which stops root too.
    std::fs::write(home.path().join("state"), "").expect("a file");
    explained(&home.run(&["--sandbox", "--yes"]).expect(6), &["state"]);
    std::fs::remove_file(home.path().join("state")).expect("removed");
}

#[test]
fn second_walk_and_damaged_journal_are_refused() {
    let home = Home::new().without_engines();
    home.run(&["--sandbox", "--yes", "--keep"]).expect(0);
    let session = only_session(&home);
    let dir = home.state().join("sessions").join(&session);
    let lock = std::fs::File::options().write(true).open(dir.join("lock")).expect("the lock");
    lock.lock().expect("held by this test");
    explained(&home.run(&["resume", &session, "--yes"]).expect(7), &[&session]);
    drop(lock);
    let journal = dir.join("journal.jsonl");
    let text = std::fs::read_to_string(&journal).expect("the journal");
    let mut lines: Vec<&str> = text.lines().collect();
    lines[3] = "{\"at\":";
    std::fs::write(&journal, lines.join("\n") + "\n").expect("damaged");
    explained(&home.run(&["resume", &session, "--yes"]).expect(8), &["line 4"]);
    std::fs::write(&journal, &text).expect("mended");
    let mode = std::fs::metadata(&journal).expect("the journal").permissions().mode();
    assert_eq!(mode & 0o077, 0, "{mode:o}");
    home.run(&["cleanup", "--yes"]).expect(0);
}

#[test]
fn unparsable_recipe_is_told_with_file_and_line() {
    let home = Home::new();
    let dir = home.path().join("mine");
    std::fs::create_dir(&dir).expect("a directory");
    let source = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("recipe");
    for entry in std::fs::read_dir(&source).expect("the recipe") {
        let entry = entry.expect("a file");
        std::fs::copy(entry.path(), dir.join(entry.file_name())).expect("copied");
    }
    let mine = dir.display().to_string();
    home.run(&["check", &mine]).expect(0);
    home.run(&["check"]).expect(0);
    let toml = std::fs::read_to_string(dir.join("recipe.toml")).expect("the recipe");
    let broken = toml.replacen("kind = \"db-instance\"", "kind = \"db-instnce\"", 1);
    std::fs::write(dir.join("recipe.toml"), broken).expect("broken");
    let said = home.run(&["check", &mine]).expect(9);
    assert!(
        said.out.contains("did you mean 'db-instance'?") && said.out.contains("recipe.toml:"),
        "{said:?}"
    );
    explained(&home.run(&["--sandbox", "--yes", "--recipe", &mine]).expect(9), &["db-instnce"]);
    std::fs::write(dir.join("recipe.toml"), "format_version = ").expect("broken");
    explained(&home.run(&["--sandbox", "--yes", "--recipe", &mine]).expect(9), &["recipe.toml:1"]);
}

#[test]
fn a_closed_output_is_no_panic() {
    let home = Home::new();
    let mut child = std::process::Command::new("sh")
        .env_clear()
        .envs(home.environment())
        .args(["-c", &format!("'{PROGRAM}' --help | head -n 1 >/dev/null; exit ${{PIPESTATUS:-0}}")])
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("a shell");
    let mut err = String::new();
    std::io::Read::read_to_string(&mut child.stderr.take().expect("stderr"), &mut err).expect("read");
    child.wait().expect("ended");
    assert!(!err.contains("panicked"), "{err}");
}

#[test]
fn unanswered_commands_run_once_each() {
    let home = Home::new();
    home.serve(&[]);
    let recipe = recipe_without(home.path(), &["load-test", "patterns"]);
    // Each command takes effect but every second answer is lost, so that the walk sends all of them twice.
    for call in (0..160).step_by(2) {
        let call = call.to_string();
        home.run(&["sandbox", "fault", "add", "SendCommand", "drop", "--after-calls", &call]).expect(0);
    }
    let said = home.run(&["--sandbox", "--yes", "--recipe", &recipe]).expect(0);
    assert!(said.out.contains("gave no clear answer"), "{}", said.out);
}
