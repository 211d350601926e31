//! The release: what the program says of itself, and the workflows that would build it.

use super::installer::files;
use crate::support::{Home, run};
use std::fs;
use std::path::Path;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

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
