//! Files that somebody else may have prepared: pipes, devices, endless ones, and directories of others.

use crate::support::sessions::directory;
use crate::support::{Home, run};
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
            // A recipe does without a picture.
            assert!(said.code == Some(9) || file == "diagram.toml", "{what}, {file}: {said:?}");
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
fn a_recipe_reads_nothing_beside_its_directory() {
    let home = Home::new();
    home.run(&["new", "recipe"]).expect(0);
    std::fs::write(home.path().join("secret.md"), "## Why\n").expect("written");
    let file = home.path().join("recipe/recipe.toml");
    let sound = std::fs::read_to_string(&file).expect("the recipe");
    let absolute = home.path().join("secret.md").display().to_string();
    symlink(&absolute, home.path().join("recipe/link.md")).expect("a link");
    for prose in ["../secret.md", absolute.as_str(), "link.md", "./../secret.md"] {
        std::fs::write(&file, sound.replacen("prose = \"prepare.md\"", &format!("prose = \"{prose}\""), 1))
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
