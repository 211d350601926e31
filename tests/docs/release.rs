//! The release: the installer, what the program says of itself, and the workflows that would build it.

use crate::support::{Home, Said, run};
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// A directory with releases that a small server offers over loopback.
struct Releases {
    dir: PathBuf,
    server: Child,
    address: String,
}

impl Releases {
    fn new(home: &Home) -> Self {
        let dir = home.path().join("releases");
        fs::create_dir_all(&dir).expect("a directory");
        let mut server = home
            .command("python3")
            .args(["-u", "-m", "http.server", "0", "--bind", "127.0.0.1", "--directory"])
            .arg(&dir)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the server starts");
        let mut line = String::new();
        BufReader::new(server.stdout.take().expect("its output")).read_line(&mut line).expect("a line");
        let port = line.split_whitespace().skip_while(|w| *w != "port").nth(1).expect("a port").to_owned();
        Self { dir, server, address: format!("http://127.0.0.1:{port}") }
    }

    /// An archive as scripts/release lays it out, around a program that can say its version and list sessions.
    fn publish(&self, home: &Home, version: &str, manual: &str) {
        let system = if cfg!(target_os = "macos") { "macos" } else { "linux" };
        let name = format!("recipe-walk-{version}-{}-{system}", std::env::consts::ARCH);
        let top = self.dir.join(&name);
        let program = format!(
            "#!/bin/sh\ncase \"$1\" in\n-V) echo recipe-walk {version} ;;\n\
             sessions) cat \"$HOME/sessions.json\" ;;\nesac\n"
        );
        for (file, text) in [
            ("bin/recipe-walk", program.as_str()),
            ("share/doc/recipe-walk/LICENSE-MIT", "licence"),
            (manual, "manual"),
        ] {
            let path = top.join(file);
            fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
            fs::write(&path, text).expect("a file");
        }
        fs::set_permissions(top.join("bin/recipe-walk"), fs::Permissions::from_mode(0o755))
            .expect("a program");
        let archive = format!("{name}.tar.gz");
        run(home.command("tar").args(["-czf", &archive, &name]).current_dir(&self.dir)).expect(0);
        let sums = run(home.command("sha256sum").arg(&archive).current_dir(&self.dir)).expect(0).out;
        // A real list has other systems' archives too, so one comes first.
        let other = format!("{}  recipe-walk-{version}-x86_64-plan9.tar.gz\n", "0".repeat(64));
        fs::write(self.dir.join("SHA256SUMS"), other + &sums).expect("the sums");
    }

    fn install(&self, home: &Home, more: &[&str]) -> Said {
        let mut command = installer(home);
        command.args(["--from", &self.address]).args(more);
        run(&mut command)
    }
}

impl Drop for Releases {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

fn installer(home: &Home) -> Command {
    let mut command = home.command("sh");
    command.arg(Path::new(ROOT).join("install.sh"));
    command
}

/// All files below a directory.
fn files(dir: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut waiting = vec![dir.to_owned()];
    while let Some(at) = waiting.pop() {
        for entry in fs::read_dir(&at).into_iter().flatten().flatten() {
            if entry.path().is_dir() {
                waiting.push(entry.path());
            } else {
                found.push(entry.path().strip_prefix(dir).expect("inside").display().to_string());
            }
        }
    }
    found.sort();
    found
}

#[test]
fn installer_checks_the_sum_installs_replaces_and_uninstalls() {
    let home = Home::new();
    let releases = Releases::new(&home);
    let local = home.path().join(".local");
    releases.publish(&home, "9.9.8", "share/man/man1/recipe-walk-old.1");
    let said = releases.install(&home, &[]).expect(0).out;
    assert!(said.contains("Installed recipe-walk 9.9.8"), "{said}");
    assert!(said.contains("is not on your PATH yet"), "{said}");

    // A newer release replaces all of the older one.
    releases.publish(&home, "9.9.9", "share/man/man1/recipe-walk.1");
    releases.install(&home, &[]).expect(0);
    let program = local.join("bin/recipe-walk");
    assert_eq!(run(home.command(&program).arg("-V")).expect(0).out, "recipe-walk 9.9.9\n");
    assert_eq!(fs::metadata(&program).expect("there").permissions().mode() & 0o777, 0o755);
    assert!(!local.join("share/man/man1/recipe-walk-old.1").exists());

    // What something else put beside it stays, and so do the journals.
    fs::write(local.join("bin/other"), "mine").expect("a file");
    fs::create_dir_all(home.state().join("sessions")).expect("state");
    fs::write(home.path().join("sessions.json"), r#"[{"session": "rw-a", "state": "walking"}]"#)
        .expect("a list");
    let refused = run(installer(&home).arg("--uninstall")).expect(1).err;
    assert!(refused.contains("not cleaned up") && refused.contains("recipe-walk cleanup"), "{refused}");
    assert!(program.exists());
    fs::write(home.path().join("sessions.json"), r#"[{"session": "rw-a", "state": "closed"}]"#)
        .expect("a list");
    let said = run(installer(&home).arg("--uninstall")).expect(0).out;
    assert!(said.contains("Removed recipe-walk") && said.contains("journals"), "{said}");
    assert_eq!(files(&local), ["bin/other"]);
    assert!(home.state().join("sessions").exists());
    let again = run(installer(&home).arg("--uninstall")).expect(1).err;
    assert!(again.contains("nothing of recipe-walk is installed"), "{again}");
}

#[test]
fn failed_update_leaves_a_program_and_its_complete_file_list() {
    let home = Home::new();
    let releases = Releases::new(&home);
    let local = home.path().join(".local");
    releases.publish(&home, "9.9.8", "share/man/man1/recipe-walk-old.1");
    releases.install(&home, &[]).expect(0);
    // Something of somebody else's is in the way.
    fs::write(local.join("share/zsh"), "mine").expect("a file");
    releases.publish(&home, "9.9.9", "share/zsh/site-functions/_recipe-walk");
    assert_ne!(releases.install(&home, &[]).code, Some(0));
    run(home.command(local.join("bin/recipe-walk")).arg("-V")).expect(0);
    run(installer(&home).arg("--uninstall")).expect(0);
    assert_eq!(files(&local), ["share/zsh"]);
}

#[test]
fn the_installer_installs_nothing_that_it_cannot_trust_or_run() {
    let home = Home::new();
    let releases = Releases::new(&home);
    let nothing = |said: Said, words: &str| {
        assert!(said.err.contains(words), "{}", said.err);
        assert!(!home.path().join(".local/bin/recipe-walk").exists());
    };
    nothing(releases.install(&home, &[]).expect(1), "cannot download");
    releases.publish(&home, "9.9.9", "share/man/man1/recipe-walk.1");

    // The archive has one byte more than its checksum covers.
    let archive = files(&releases.dir).into_iter().find(|f| f.ends_with(".tar.gz")).expect("an archive");
    let mut bytes = fs::read(releases.dir.join(&archive)).expect("reads");
    bytes.push(0);
    fs::write(releases.dir.join(&archive), bytes).expect("writes");
    nothing(releases.install(&home, &[]).expect(1), "SHA-256");

    let sums = fs::read_to_string(releases.dir.join("SHA256SUMS")).expect("reads");
    fs::write(releases.dir.join("SHA256SUMS"), sums.lines().next().expect("a line")).expect("writes");
    nothing(releases.install(&home, &[]).expect(1), "no archive for");

    let far = run(installer(&home).args(["--from", "http://192.0.2.1/releases"])).expect(1);
    nothing(far, "only https");

    // A system with an older C library, as Debian 11 has it.
    let stub = home.path().join("stub");
    fs::create_dir_all(&stub).expect("a directory");
    for (name, text) in [
        ("getconf", "#!/bin/sh\necho glibc 2.31\n"),
        ("uname", "#!/bin/sh\n[ \"$1\" = -s ] && echo Linux || echo x86_64\n"),
    ] {
        fs::write(stub.join(name), text).expect("a stub");
        fs::set_permissions(stub.join(name), fs::Permissions::from_mode(0o755)).expect("a program");
    }
    let path = format!("{}:{}", stub.display(), std::env::var("PATH").unwrap_or_default());
    let mut old = installer(&home);
    old.args(["--from", &releases.address]).env("PATH", path);
    nothing(run(&mut old).expect(1), "this system has glibc 2.31, and recipe-walk needs 2.34");
}

#[test]
fn the_version_names_its_source() {
    let home = Home::new();
    let short = home.run(&["-V"]).expect(0).out;
    assert_eq!(short.trim(), format!("recipe-walk {}", env!("CARGO_PKG_VERSION")));
    let long = home.run(&["--version"]).expect(0).out;
    let field = |name: &str| {
        long.lines()
            .find_map(|line| line.strip_prefix(name))
            .unwrap_or_else(|| panic!("no {name} in {long}"))
            .trim()
            .to_owned()
    };
    assert!(long.starts_with(&short.trim().to_owned()), "{long}");
    let commit = field("commit:");
    let hash: String = commit.chars().take_while(char::is_ascii_hexdigit).collect();
    assert!(hash.len() == 40 || commit == "unknown", "{commit}");
    let date = field("build date:");
    assert!(date.len() == 10 && date.starts_with("20") && date.matches('-').count() == 2, "{date}");
    let payload = field("payload:");
    assert_eq!(payload.rsplit(' ').next().map(str::len), Some(64), "{payload}");
}

#[test]
fn doctor_fresh_tells_what_works_and_leaves_nothing() {
    let home = Home::new();
    let said = home.run(&["doctor", "--fresh"]).expect(0).out;
    assert!(said.starts_with("This machine can walk on the sandbox, and not on AWS yet."), "{said}");
    assert!(said.contains("On the sandbox: yes") && said.contains("On AWS: not yet"), "{said}");
    assert!(!home.state().exists());

    // With an endpoint that takes its keys, both places are ready.
    let home = Home::new().without_engines();
    let env = home.sandbox_env();
    let said = run(home.recipe_walk(&["doctor", "--fresh"]).envs(env)).expect(0).out;
    assert!(said.starts_with("This machine can walk on both"), "{said}");

    // Without a place for sessions neither is ready, which is a failure with a next command.
    let home = Home::new();
    let said = run(home.recipe_walk(&["doctor", "--fresh"]).env("XDG_STATE_HOME", "/proc/none")).expect(5);
    assert!(said.out.contains("neither yet"), "{}", said.out);
    assert!(said.err.contains("XDG_STATE_HOME"), "{}", said.err);
}

/// The actions that the workflows take, each commit looked up as that of the release named beside it.
const ACTIONS: [&str; 5] = [
    "actions/attest-build-provenance@a2bbfa25375fe432b6a289bc6b6cd05ecd0c4c32 # v4.1.0",
    "actions/cache@5a3ec84eff668545956fd18022155c47e93e2684 # v4.2.3",
    "actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2",
    "actions/download-artifact@d3f86a106a0bac45b974a628896c90dbdf5c8093 # v4.3.0",
    "actions/upload-artifact@ea165f8d65b6e75b540449e92b4886f43607fa02 # v4.6.2",
];

#[test]
fn workflows_take_only_actions_that_are_pinned_to_a_commit() {
    let dir = Path::new(ROOT).join(".github/workflows");
    let mut pinned = 0;
    for name in files(&dir) {
        for line in fs::read_to_string(dir.join(&name)).expect("reads").lines() {
            let Some((_, action)) = line.split_once("uses: ") else { continue };
            // A commit that nobody has looked up is no pin: it may be a typing mistake that fails at the release.
            assert!(ACTIONS.contains(&action.trim()), "{name}: {line}");
            pinned += 1;
        }
    }
    assert!(pinned > 5, "{pinned}");
}
