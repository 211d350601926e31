//! What `--version` tells.

use crate::payload::PAYLOADS;
use std::fmt::Write as _;
use std::sync::LazyLock;

/// What the program was built from, as the build script found it.
struct Source {
    /// The commit, or `unknown`.
    commit: &'static str,
    /// The commit's day in UTC; without a commit, or with changes on top of it, the day of the build.
    date: &'static str,
}

const SOURCE: Source = include!(concat!(env!("OUT_DIR"), "/version.rs"));

/// Version, commit, build date, and the checksums of the demos.
pub(crate) static LONG: LazyLock<String> = LazyLock::new(|| {
    let mut text =
        format!("{}\ncommit:     {}\nbuild date: {}", env!("CARGO_PKG_VERSION"), SOURCE.commit, SOURCE.date);
    for payload in PAYLOADS {
        let _ = write!(text, "\npayload:    {}, sha256 {}", payload.machine.name(), payload.sha256);
    }
    if PAYLOADS.is_empty() {
        text.push_str("\npayload:    none");
    }
    text
});
