//! The installer: what it installs, and what it does not trust.

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
        checkout(home);
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
        run(&mut self.sign(home, "key")).expect(0);
    }

    /// Signs the list of sums with one of the home's keys, as a releaser does.
    fn sign(&self, home: &Home, key: &str) -> Command {
        let mut command = home.command(home.path().join("checkout/scripts/sign"));
        command.arg(home.path().join(key)).arg(&self.dir);
        command
    }

    /// The name of the archive that is offered.
    fn archive(&self) -> PathBuf {
        let name = files(&self.dir).into_iter().find(|f| f.ends_with(".tar.gz")).expect("an archive");
        self.dir.join(name)
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

/// What a releaser has: a key, and a checkout that names it.
fn checkout(home: &Home) {
    let to = home.path().join("checkout");
    fs::create_dir_all(to.join("scripts")).expect("a directory");
    for key in ["key", "another"] {
        let file = home.path().join(key);
        run(home.command("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-C", "", "-f"]).arg(file))
            .expect(0);
    }
    let public = fs::read_to_string(home.path().join("key.pub")).expect("reads");
    let named = format!("release_key=\"{}\"", public.trim());
    let script = fs::read_to_string(Path::new(ROOT).join("install.sh")).expect("reads");
    let script: Vec<&str> =
        script.lines().map(|line| if line.starts_with("release_key=") { &named } else { line }).collect();
    fs::write(to.join("install.sh"), script.join("\n")).expect("writes");
    fs::write(to.join("README.md"), &named).expect("writes");
    fs::copy(Path::new(ROOT).join("scripts/sign"), to.join("scripts/sign")).expect("copies");
}

fn installer(home: &Home) -> Command {
    let mut command = home.command("sh");
    command.arg(home.path().join("checkout/install.sh"));
    command
}

/// A PATH with nothing but what install.sh needs, and one of the tools that download.
fn tools(home: &Home, downloads: &str) -> PathBuf {
    let dir = home.programs().join(downloads);
    fs::create_dir_all(&dir).expect("a directory");
    for tool in [
        "sh",
        "uname",
        "getconf",
        "sort",
        "head",
        "tail",
        "mktemp",
        "rm",
        "grep",
        "sed",
        "tr",
        "cut",
        "sha256sum",
        "tar",
        "gzip",
        "find",
        "cp",
        "mkdir",
        "dirname",
        "chmod",
        "mv",
        "wc",
        "comm",
        "cat",
        "ssh-keygen",
        downloads,
    ] {
        let found = std::env::split_paths(&std::env::var_os("PATH").expect("a PATH"))
            .map(|dir| dir.join(tool))
            .find(|path| path.exists());
        std::os::unix::fs::symlink(found.unwrap_or_else(|| panic!("no {tool}")), dir.join(tool))
            .expect("a link");
    }
    dir
}

/// All files below a directory.
pub(super) fn files(dir: &Path) -> Vec<String> {
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
    run(installer(&home).args(["--uninstall", "--anyway"])).expect(0);
    assert_eq!(files(&local), ["share/zsh"]);
}

/// A home where nothing is installed, with a release of this version on offer.
fn offered(version: &str) -> (Home, Releases) {
    let home = Home::new();
    let releases = Releases::new(&home);
    releases.publish(&home, version, "share/man/man1/recipe-walk.1");
    (home, releases)
}

/// The installer failed with these words, and installed nothing.
fn nothing(home: &Home, said: &Said, words: &str) {
    assert_eq!(said.code, Some(1), "{}", said.err);
    assert!(said.err.contains(words), "{}", said.err);
    assert!(!home.path().join(".local/bin/recipe-walk").exists());
}

#[test]
fn damaged_or_missing_archives_are_not_installed() {
    let home = Home::new();
    let releases = Releases::new(&home);
    nothing(&home, &releases.install(&home, &[]), "cannot download");
    releases.publish(&home, "9.9.9", "share/man/man1/recipe-walk.1");

    // The archive has one byte more than its checksum covers.
    let mut bytes = fs::read(releases.archive()).expect("reads");
    bytes.push(0);
    fs::write(releases.archive(), bytes).expect("writes");
    nothing(&home, &releases.install(&home, &[]), "SHA-256");

    let sums = fs::read_to_string(releases.dir.join("SHA256SUMS")).expect("reads");
    fs::write(releases.dir.join("SHA256SUMS"), sums.lines().next().expect("a line")).expect("writes");
    run(&mut releases.sign(&home, "key")).expect(0);
    nothing(&home, &releases.install(&home, &[]), "no archive for");
}

#[test]
fn an_older_c_library_is_refused() {
    let (home, releases) = offered("9.9.9");
    // As Debian 11 has it.
    let stub = home.programs();
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
    nothing(&home, &run(&mut old), "this system has glibc 2.31, and recipe-walk needs 2.34");
}

#[test]
fn only_what_the_release_key_signed_is_installed() {
    let (home, releases) = offered("9.9.9");
    let (sums, signature) = (releases.dir.join("SHA256SUMS"), releases.dir.join("SHA256SUMS.sig"));
    let good = fs::read(&signature).expect("reads");

    fs::remove_file(&signature).expect("removed");
    nothing(&home, &releases.install(&home, &[]), "cannot download");

    // Another key, in the right form.
    let refused = run(&mut releases.sign(&home, "another")).expect(1).err;
    assert!(refused.contains("does not name this key"), "{refused}");
    let sign = |namespace: &str, key: &str| {
        let _ = fs::remove_file(&signature);
        let mut command = home.command("ssh-keygen");
        command.args(["-q", "-Y", "sign", "-n", namespace, "-f"]).arg(home.path().join(key)).arg(&sums);
        run(&mut command).expect(0);
    };
    sign("recipe-walk-release", "another");
    nothing(&home, &releases.install(&home, &[]), "not signed with the release key");
    // The right key, for something else.
    sign("file", "key");
    nothing(&home, &releases.install(&home, &[]), "not signed with the release key");

    // Another archive, with its own sum in the list, and the signature of the list that was there.
    fs::write(&signature, &good).expect("writes");
    let listed = fs::read_to_string(&sums).expect("reads");
    fs::write(&sums, listed.replace("recipe-walk-9.9.9", "recipe-walk-9.9.10")).expect("writes");
    nothing(&home, &releases.install(&home, &[]), "not signed with the release key");
    fs::write(&sums, listed).expect("writes");

    // The installer of a checkout without a key believes nobody.
    let mut keyless = home.command("sh");
    keyless.arg(Path::new(ROOT).join("install.sh")).args(["--from", &releases.address]);
    if fs::read_to_string(Path::new(ROOT).join("install.sh")).expect("reads").contains("release_key=\"\"") {
        nothing(&home, &run(&mut keyless), "names no release key");
    }
    releases.install(&home, &[]).expect(0);
}

#[test]
fn older_releases_are_installed_only_when_asked_for() {
    let (home, releases) = offered("9.9.10");
    let version = || run(home.command(home.path().join(".local/bin/recipe-walk")).arg("-V")).expect(0).out;
    nothing(&home, &releases.install(&home, &["--version", "9.9.11"]), "offers 9.9.10 and not 9.9.11");
    releases.install(&home, &[]).expect(0);
    fs::remove_file(releases.archive()).expect("removed");
    releases.publish(&home, "9.9.9", "share/man/man1/recipe-walk.1");
    let refused = releases.install(&home, &[]).expect(1).err;
    assert!(refused.contains("offers 9.9.9, and 9.9.10 is installed"), "{refused}");
    assert_eq!(version(), "recipe-walk 9.9.10\n");
    releases.install(&home, &["--version", "v9.9.9"]).expect(0);
    assert_eq!(version(), "recipe-walk 9.9.9\n");
}

#[test]
fn only_https_and_this_machine_are_trusted() {
    let (home, releases) = offered("9.9.9");
    let port = releases.address.rsplit(':').next().expect("a port");
    for address in [
        "http://192.0.2.1/releases".to_owned(),
        format!("http://127.0.0.1:x@127.0.0.1:{port}"),
        format!("http://127.0.0.1:{port}@127.0.0.1:{port}"),
        format!("http://127.0.0.1@127.0.0.1:{port}"),
        format!("http://localhost:{port}.example.org"),
        "http://127.0.0.1.example.org".to_owned(),
        format!("http://127.0.0.1\\@127.0.0.1:{port}"),
        format!("http://[::ffff:127.0.0.1]:{port}"),
        "https://[::1]/".to_owned(),
        "https://127.0.0.1:443@example.org/".to_owned(),
        format!("HTTP://127.0.0.1:{port}"),
        format!("http:127.0.0.1:{port}"),
        format!("127.0.0.1:{port}"),
        "file:///etc".to_owned(),
        "ftp://127.0.0.1/".to_owned(),
        "https:///x".to_owned(),
    ] {
        let said = run(installer(&home).args(["--from", &address]));
        nothing(&home, &said, "only https is trusted");
    }
}

#[test]
fn redirects_to_plain_http_are_not_followed() {
    let (home, releases) = offered("9.9.9");
    let script = format!(
        "import http.server as h\n\
         class R(h.BaseHTTPRequestHandler):\n \
         def do_GET(s): s.send_response(302); s.send_header('Location', '{}' + s.path); s.end_headers()\n \
         def log_message(s, *a): pass\n\
         s = h.HTTPServer(('127.0.0.1', 0), R); print(s.server_port, flush=True); s.serve_forever()\n",
        releases.address
    );
    let mut server = home
        .command("python3")
        .args(["-c", &script])
        .stdout(Stdio::piped())
        .spawn()
        .expect("the server starts");
    let mut port = String::new();
    BufReader::new(server.stdout.take().expect("its output")).read_line(&mut port).expect("a line");
    let elsewhere = format!("http://127.0.0.1:{}", port.trim());
    for tool in ["curl", "wget"] {
        let path = tools(&home, tool);
        let with = |address: &str| run(installer(&home).args(["--from", address]).env("PATH", &path));
        nothing(&home, &with(&elsewhere), "cannot download");
        with(&releases.address).expect(0);
        run(installer(&home).args(["--uninstall", "--anyway"])).expect(0);
    }
    let _ = server.kill();
    let _ = server.wait();
}

#[test]
fn foreign_files_and_links_are_not_written_to() {
    for (place, is_link) in [
        ("bin/recipe-walk", false),
        ("bin/recipe-walk", true),
        ("share/man/man1/recipe-walk.1", false),
        ("share/recipe-walk/installed", true),
    ] {
        let (home, releases) = offered("9.9.9");
        let (at, mine) = (home.path().join(".local").join(place), home.path().join("mine"));
        fs::create_dir_all(at.parent().expect("a parent")).expect("a directory");
        fs::write(&mine, "mine").expect("a file");
        if is_link {
            std::os::unix::fs::symlink(&mine, &at).expect("a link");
        } else {
            fs::copy(&mine, &at).expect("a file");
        }
        let refused = releases.install(&home, &[]).expect(1).err;
        assert!(refused.contains("nothing was installed"), "{place}: {refused}");
        assert_eq!(fs::read_to_string(&at).expect("there"), "mine");
        assert_eq!(files(&home.path().join(".local")), [place]);
    }
    // Where an installer of old would have written first, a link waits in vain.
    let (home, releases) = offered("9.9.9");
    let (waiting, mine) = (home.path().join(".local/bin/recipe-walk.new"), home.path().join("mine"));
    fs::create_dir_all(waiting.parent().expect("a parent")).expect("a directory");
    fs::write(&mine, "mine").expect("a file");
    std::os::unix::fs::symlink(&mine, &waiting).expect("a link");
    releases.install(&home, &[]).expect(0);
    assert_eq!(fs::read_to_string(&mine).expect("there"), "mine");
    let hidden = |name: &String| name.contains(".recipe-walk-");
    assert!(!files(&home.path().join(".local")).iter().any(hidden), "nothing temporary is left");
}

#[test]
fn uninstalling_needs_to_know_the_sessions() {
    let (home, releases) = offered("9.9.9");
    releases.install(&home, &[]).expect(0);
    // Without the file, the program that stands in for the real one fails.
    let refused = run(installer(&home).arg("--uninstall")).expect(1).err;
    assert!(refused.contains("cannot be listed") && refused.contains("--anyway"), "{refused}");
    let program = home.path().join(".local/bin/recipe-walk");
    fs::remove_file(&program).expect("removed");
    let refused = run(installer(&home).arg("--uninstall")).expect(1).err;
    assert!(refused.contains("cannot be listed"), "{refused}");
    run(installer(&home).args(["--uninstall", "--anyway"])).expect(0);
    assert_eq!(files(&home.path().join(".local")), [""; 0]);
}
