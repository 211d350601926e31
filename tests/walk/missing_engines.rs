//! A machine lacks an engine: nothing is installed before a person says so.

use crate::support::pty::{CTRL_C, CTRL_D, Terminal};
use crate::support::{Home, run};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

fn program(path: &Path, script: &str) {
    fs::write(path, format!("#!/bin/sh\n{script}\n")).expect("written");
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("executable");
}

/// A PATH whose first directory hides this machine's cache engines behind broken ones, and whose package manager only
/// notes what it is told and brings the hidden one back: the real one needs root and the network.
fn lacking(home: &Home) -> (String, std::path::PathBuf) {
    let dir = home.programs();
    let (noted, cache) = (dir.join("noted"), dir.join("redis-server"));
    let search = "PATH=$PATH:/usr/sbin:/usr/local/sbin; command -v redis-server || command -v valkey-server";
    let real = run(home.command("sh").args(["-c", search])).expect(0).out;
    for engine in ["redis-server", "valkey-server"] {
        program(&dir.join(engine), "exit 127");
    }
    let install = format!(
        "echo \"$*\" >>{}\n[ \"$1\" = update ] || ln -sf {} {}",
        noted.display(),
        real.trim(),
        cache.display()
    );
    program(&dir.join("apt-get"), &install);
    program(&dir.join("sudo"), "exec \"$@\"");
    (format!("{}:{}", dir.display(), std::env::var("PATH").expect("a PATH")), noted)
}

#[test]
fn the_package_manager_runs_after_a_yes_alone() {
    let home = Home::new();
    let (path, noted) = lacking(&home);
    let path = [("PATH", path.as_str())];
    for (keys, code) in [("\r", 5), ("n\r", 5), (CTRL_C, 130), (CTRL_D, 130), ("\x1b", 130)] {
        let mut terminal = Terminal::with(&home, 80, &["--sandbox"], &path);
        terminal.see("a cache (redis-server or valkey-server)");
        terminal.see("apt-get install -y --no-install-recommends redis-server");
        terminal.asked("Run it now?");
        terminal.press(keys);
        let (ended, screen) = terminal.end();
        assert_eq!(ended, Some(code), "{keys:?}\n{screen}");
        assert!(!noted.exists(), "{keys:?}");
    }
    let mut terminal = Terminal::with(&home, 80, &["--sandbox"], &path);
    terminal.asked("Run it now?");
    terminal.press("y\r");
    // The engines have been installed, so the walk begins.
    terminal.asked("Settings of this walk");
    terminal.press(CTRL_C);
    assert_eq!(terminal.end().0, Some(130));
    let noted = fs::read_to_string(noted).expect("noted");
    assert_eq!(noted, "update\ninstall -y --no-install-recommends redis-server\n");
}
