//! Files that somebody else may have prepared: pipes, devices, endless ones, and directories of others.

use crate::support::checkout::sources;
use crate::support::sessions::directory;
use crate::support::{Home, only_session, run};
use std::fs::Permissions;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

/// Puts something in a file's place that is no file.
fn instead(path: &Path, what: &str) {
    let _ = std::fs::remove_file(path);
    match what {
        "pipe" => assert!(run(std::process::Command::new("mkfifo").arg(path)).code == Some(0)),
        "directory" => std::fs::create_dir(path).expect("a directory"),
        device => symlink(device, path).expect("a link"),
    }
}

#[test]
fn pipes_and_devices_in_place_of_files_are_refused() {
    for what in ["pipe", "/dev/zero", "/dev/stdin", "directory"] {
        let home = Home::new();
        let recipe = home.path().join("recipe");
        home.run(&["new", "recipe"]).expect(0);
        for file in ["prepare.md", "diagram.toml", "recipe.toml"] {
            instead(&recipe.join(file), what);
            let said = home.run(&["check", "recipe"]);
            assert_eq!(said.code, Some(9), "{what}, {file}: {said:?}");
            let told = ["it is not read", "no regular file", "a link out of"];
            let told = told.iter().any(|told| said.out.contains(told) || said.err.contains(told));
            assert!(told, "{what}, {file}: {said:?}");
        }
        let config = home.path().join("config.toml");
        instead(&config, what);
        let said = run(home.recipe_walk(&["sessions"]).env("RECIPE_WALK_CONFIG", &config)).expect(2);
        assert!(said.err.contains("it is no regular file"), "{what}: {}", said.err);
        let session = "rw-djebq2ky";
        let dir = directory(&home, session);
        std::fs::create_dir_all(&dir).expect("a directory");
        for file in ["lock", "journal.jsonl"] {
            instead(&dir.join(file), what);
        }
        for command in ["status", "report", "cleanup", "resume"] {
            let said = home.run(&[command, session]);
            assert!(
                said.code.is_some_and(|code| code > 0) && !said.err.is_empty(),
                "{what}, {command}: {said:?}"
            );
        }
    }
}

#[test]
fn sandbox_files_that_are_none_are_refused_at_once() {
    let home = Home::new();
    let serve = ["sandbox", "serve", "--no-engines"];
    for what in ["pipe", "/dev/zero", "directory"] {
        let policy = home.path().join("policy.json");
        instead(&policy, what);
        for option in ["--policy", "--boundary"] {
            let path = policy.display().to_string();
            let said = home.run(&[&serve[..], &[option, &path]].concat()).expect(2);
            assert!(said.err.contains("policy.json cannot be used"), "{what}: {}", said.err);
            assert!(!said.err.contains("reset"), "nothing of the sandbox is damaged: {}", said.err);
        }
        let _ = std::fs::remove_dir(&policy);
        for file in ["world.jsonl", "lock"] {
            let dir = home.state().join("sandbox");
            recipe_walk_files::private::directory(&dir).expect("a directory");
            instead(&dir.join(file), what);
            let said = home.run(&serve);
            assert!(said.code.is_some_and(|code| code > 0), "{what}, {file}: {said:?}");
            assert!(
                said.err.contains("regular file") || said.err.contains("directory"),
                "{what}: {}",
                said.err
            );
            std::fs::remove_dir_all(&dir).expect("removed");
        }
    }
}

#[test]
fn sessions_with_a_key_and_no_journal_are_told() {
    let home = Home::new().without_engines();
    home.run(&["--sandbox", "--yes", "--keep"]).expect(0);
    let session = only_session(&home);
    std::fs::remove_file(directory(&home, &session).join("journal.jsonl")).expect("removed");
    let list = home.run(&["sessions", "--json"]).expect(0).json();
    assert_eq!((&list[0]["session"], &list[0]["state"]), (&session.as_str().into(), &"damaged".into()));
    // The account has what is needed to go on.
    home.run(&["cleanup", &session, "--yes", "--sandbox"]).expect(0);
}

/// The lines of a source, outside its tests, that read a file without the door that has limits.
fn read_past_the_door(text: &str) -> impl Iterator<Item = &str> {
    // The system's own files, which nobody else writes; a directory that is synced; a configuration that may come through a
    // pipe of the person's shell; and the measurement of the machine itself.
    let fine = [
        "/proc",
        "\"/etc/os-release\"",
        "File::open(dir)",
        "File::open(path).map_err(cannot)",
        "process.join(\"environ\")",
    ];
    let is_test = |line: &&str| line.trim_start().starts_with("#[cfg(") && line.contains("test");
    let reads = |line: &&str| {
        ["fs::read(", "fs::read_to_string(", "File::open("].iter().any(|door| line.contains(door))
    };
    let outside = text.lines().take_while(move |line| !is_test(line));
    outside.filter(reads).filter(move |line| !fine.iter().any(|fine| line.contains(fine)))
}

#[test]
fn files_are_read_through_one_door_with_limits() {
    // The door itself, and what only tests use.
    let apart = ["crates/files/", "crates/sandbox/src/strict/", "tests", "second_opinion.rs"];
    let (mut read, mut found) = (0, Vec::new());
    for (path, text) in sources() {
        let name =
            path.strip_prefix(env!("CARGO_MANIFEST_DIR")).expect("of the checkout").display().to_string();
        let in_a_crate = name.starts_with("src/") || (name.starts_with("crates/") && name.contains("/src/"));
        let rust = path.extension().is_some_and(|end| end == "rs");
        if rust && in_a_crate && !apart.iter().any(|apart| name.contains(apart)) {
            read += 1;
            found.extend(read_past_the_door(&text).map(|line| format!("{name}: {}", line.trim())));
        }
    }
    assert!(read > 300, "{read} sources were read");
    assert!(found.is_empty(), "these read without limits:\n{}", found.join("\n"));
}

#[test]
fn a_recipe_reads_nothing_beside_its_directory() {
    let home = Home::new();
    home.run(&["new", "recipe"]).expect(0);
    std::fs::write(home.path().join("secret.md"), "## Why\n").expect("written");
    let file = home.path().join("recipe/recipe.toml");
    let sound = std::fs::read_to_string(&file).expect("the recipe");
    let absolute = home.path().join("secret.md").display().to_string();
    symlink(&absolute, home.path().join("recipe/link.md")).expect("a link");
    for prose in ["../secret.md", absolute.as_str(), "link.md", "./../secret.md"] {
        std::fs::write(&file, sound.replacen("prose = \"prepare.md\"", &format!("prose = {prose:?}"), 1))
            .expect("written");
        let said = home.run(&["check", "recipe"]).expect(9);
        assert!(said.out.contains("there is no file"), "{prose}: {}", said.out);
    }
}

#[test]
fn state_directory_that_others_write_is_refused_with_its_mend() {
    let home = Home::new();
    let session = "rw-djebq2ky";
    let dir = directory(&home, session);
    std::fs::create_dir_all(&dir).expect("a directory");
    std::fs::write(dir.join("journal.jsonl"), include_str!("../fixtures/walked.jsonl")).expect("a journal");
    home.run(&["status", session]).expect(0);
    let sessions = home.state().join("sessions");
    for (path, mode) in
        [(home.state(), 0o777), (sessions, 0o770), (dir.clone(), 0o707), (dir.join("journal.jsonl"), 0o666)]
    {
        let before = std::fs::metadata(&path).expect("there").permissions();
        std::fs::set_permissions(&path, Permissions::from_mode(mode)).expect("set");
        let said = home.run(&["status", session]).expect(6);
        assert!(said.err.contains("others may write") && said.err.contains("chmod"), "{}", said.err);
        assert!(said.out.is_empty(), "{}", said.out);
        std::fs::set_permissions(&path, before).expect("set");
        home.run(&["status", session]).expect(0);
    }
}

#[test]
fn what_the_program_writes_is_its_owners_alone() {
    let home = Home::new().without_engines();
    let log = home.path().join("log");
    std::fs::write(&log, "").expect("written");
    std::fs::set_permissions(&log, Permissions::from_mode(0o666)).expect("set");
    home.run(&["--sandbox", "--yes", "--keep", "--log", "log"]).expect(0);
    let mut todo = vec![home.state(), log];
    while let Some(path) = todo.pop() {
        let Ok(meta) = std::fs::symlink_metadata(&path) else { continue };
        assert!(meta.is_symlink() || meta.permissions().mode() & 0o022 == 0, "{}", path.display());
        // Neither its group nor anybody else has a right.
        let ours = path.starts_with(home.state().join("sessions")) || path.ends_with("log");
        assert!(
            !ours || meta.permissions().mode().trailing_zeros() >= 6,
            "{}: {:o}",
            path.display(),
            meta.permissions().mode()
        );
        if meta.is_dir() && !path.ends_with("engines") {
            todo.extend(
                std::fs::read_dir(&path).expect("a directory").map(|entry| entry.expect("an entry").path()),
            );
        }
    }
    home.run(&["cleanup", "--yes"]).expect(0);
}
