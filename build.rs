//! Prepares what the program carries: the recipe's files as a list, what it was built from, and the demo for the
//! instance, built small and compressed.

use sha2::{Digest as _, Sha256};
use std::env;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The most that the compressed demo may weigh: it goes to the instance in pieces of 48 KiB.
const MOST: usize = 1_600_000;

fn main() -> Result<(), String> {
    let out = PathBuf::from(variable("OUT_DIR")?);
    let root = PathBuf::from(variable("CARGO_MANIFEST_DIR")?);
    println!("cargo::rerun-if-changed=build.rs");
    recipe(&root, &out)?;
    version(&root, &out)?;
    payloads(&root, &out)
}

fn variable(name: &str) -> Result<String, String> {
    env::var(name).map_err(|e| format!("{name}: {e}"))
}

/// Lists the recipe's files, so that a new step needs no change in the code.
fn recipe(root: &Path, out: &Path) -> Result<(), String> {
    let dir = root.join("recipe");
    println!("cargo::rerun-if-changed=recipe");
    let mut names: Vec<String> = fs::read_dir(&dir)
        .map_err(|e| format!("{}: {e}", dir.display()))?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| {
            Path::new(name)
                .extension()
                .is_some_and(|extension| ["md", "toml", "json"].iter().any(|known| extension == *known))
        })
        .collect();
    names.sort();
    let mut list = String::from("&[\n");
    for name in &names {
        let _ = writeln!(
            list,
            "    ({name:?}, include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/recipe/\", {name:?}))),"
        );
    }
    list.push_str("]\n");
    write(&out.join("recipe.rs"), list.as_bytes())
}

/// The demos that the program carries: the one for the machine that builds, and released ones for other machines.
fn payloads(root: &Path, out: &Path) -> Result<(), String> {
    for input in ["src", "sql", "Cargo.toml", "Cargo.lock"] {
        println!("cargo::rerun-if-changed=crates/cache-demo/{input}");
    }
    println!("cargo::rerun-if-changed=crates/measurements");
    println!("cargo::rerun-if-changed=crates/files");
    let mut list = String::from("&[\n");
    let mut carried = Vec::new();
    for (machine, variable) in [
        ("LinuxX86", "RECIPE_WALK_PAYLOAD"),
        ("LinuxArm", "RECIPE_WALK_PAYLOAD_ARM64"),
        ("MacX86", ""),
        ("MacArm", ""),
    ] {
        let binary = match released(variable)? {
            Some(binary) => binary,
            None if host()? == Some(machine) => built(root, out)?,
            None => continue,
        };
        let sum = sha256(&binary);
        let name = format!("cache-demo-{machine}.xz");
        packed(&binary, &sum, machine, &out.join(&name))?;
        let _ = writeln!(
            list,
            "    Payload {{ machine: Machine::{machine}, \
             xz: include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{name}\")), sha256: {sum:?} }},"
        );
        carried.push(machine);
    }
    if !carried.iter().any(|machine| machine.starts_with("Linux")) {
        println!(
            "cargo::warning=no demo for Linux is at hand, so this program can walk on its sandbox only. \
             For walks on AWS, set RECIPE_WALK_PAYLOAD to a released cache-demo for x86-64 Linux and \
             RECIPE_WALK_PAYLOAD_SHA256 to its checksum, and build again"
        );
    }
    list.push_str("]\n");
    write(&out.join("payloads.rs"), list.as_bytes())
}

/// The machine that builds, by its name in `engine::machine`.
fn host() -> Result<Option<&'static str>, String> {
    let host = variable("HOST")?;
    let linux = host.contains("-linux-");
    Ok(match host.split('-').next() {
        Some("x86_64") if linux => Some("LinuxX86"),
        Some("aarch64") if linux => Some("LinuxArm"),
        Some("x86_64") if host.ends_with("-apple-darwin") => Some("MacX86"),
        Some("aarch64") if host.ends_with("-apple-darwin") => Some("MacArm"),
        _ => None,
    })
}

/// The released demo that an environment variable names. It is taken only with its checksum pinned in another one.
fn released(variable: &str) -> Result<Option<Vec<u8>>, String> {
    if variable.is_empty() {
        return Ok(None);
    }
    let pin = format!("{variable}_SHA256");
    println!("cargo::rerun-if-env-changed={variable}");
    println!("cargo::rerun-if-env-changed={pin}");
    let Some(file) = env::var_os(variable) else { return Ok(None) };
    let file = Path::new(&file);
    println!("cargo::rerun-if-changed={}", file.display());
    let Ok(pinned) = env::var(&pin) else {
        return Err(format!(
            "{variable} names a demo that goes to other people's instances: \
             pin it by setting {pin} to the checksum that its release shows"
        ));
    };
    let mut binary = fs::read(file).map_err(|e| format!("{variable}={}: {e}", file.display()))?;
    if binary.starts_with(b"\xfd7zXZ\0") {
        let mut plain = Vec::new();
        std::io::Read::read_to_end(&mut lzma_rust2::XzReader::new(&binary[..], true), &mut plain)
            .map_err(|e| format!("{variable}={}: {e}", file.display()))?;
        binary = plain;
    }
    let sum = sha256(&binary);
    if !pinned.trim().eq_ignore_ascii_case(&sum) {
        return Err(format!(
            "{variable}={}: the demo's SHA-256 is {sum}, not {pinned} as {pin} demands",
            file.display()
        ));
    }
    Ok(Some(binary))
}

/// Builds the demo for this machine. scripts/payload builds the same for others.
fn built(root: &Path, out: &Path) -> Result<Vec<u8>, String> {
    let crate_dir = root.join("crates/cache-demo");
    // One directory for all profiles and wrappers: `cargo clippy` and `cargo build` share the demo.
    let built = out
        .ancestors()
        .find(|dir| dir.ends_with("build"))
        .and_then(|build| build.parent()?.parent())
        .map_or_else(|| out.join("payload"), |target_dir| target_dir.join("payload"));
    let target = variable("HOST")?;
    let mut command = Command::new(variable("CARGO")?);
    command
        .current_dir(&crate_dir)
        .args(["build", "--release", "--locked", "--bin", "cache-demo", "--manifest-path"])
        .arg(crate_dir.join("Cargo.toml"))
        // Named even where it is this machine: the same bytes as scripts/payload makes, and so the same checksum.
        .args(["--target", &target])
        .arg("--target-dir")
        .arg(&built);
    for (name, _) in env::vars_os() {
        if name.to_str().is_none_or(is_ours) {
            command.env_remove(name);
        }
    }
    // Paths of the builder's machine have no business on an instance, and would change the checksum.
    let mut flags = vec![
        format!("--remap-path-prefix={}=cache-demo", crate_dir.display()),
        format!("--remap-path-prefix={}=measurements", root.join("crates/measurements").display()),
        format!("--remap-path-prefix={}=files", root.join("crates/files").display()),
        format!("--remap-path-prefix={}=target", built.display()),
    ];
    if let Some(home) = env::var_os("CARGO_HOME") {
        flags.push(format!("--remap-path-prefix={}=cargo", Path::new(&home).display()));
    } else if let Some(home) = env::var_os("HOME") {
        flags.push(format!("--remap-path-prefix={}=cargo", Path::new(&home).join(".cargo").display()));
    }
    command.env("CARGO_ENCODED_RUSTFLAGS", flags.join("\u{1f}"));
    let output = command.output().map_err(|e| format!("cargo cannot be started for the demo: {e}"))?;
    if !output.status.success() {
        return Err(format!(
            "crates/cache-demo cannot be built:\n{}",
            String::from_utf8_lossy(&output.stderr)
        ));
    }
    let binary = built.join(target).join("release/cache-demo");
    fs::read(&binary).map_err(|e| format!("{}: {e}", binary.display()))
}

/// Compresses the demo, unless the last build left the same.
fn packed(binary: &[u8], sum: &str, machine: &str, file: &Path) -> Result<(), String> {
    let note = file.with_extension("sha256");
    if file.exists() && fs::read_to_string(&note).is_ok_and(|known| known == sum) {
        return Ok(());
    }
    let xz = compress(binary, machine).map_err(|e| format!("the demo cannot be compressed: {e}"))?;
    if xz.len() > MOST {
        return Err(format!(
            "the compressed demo has {} bytes, more than the {MOST} that may go to an instance: \
             look for what made crates/cache-demo grow",
            xz.len()
        ));
    }
    write(file, &xz)?;
    write(&note, sum.as_bytes())
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// What `--version` tells of the source: the commit and its date, where git knows them.
fn version(root: &Path, out: &Path) -> Result<(), String> {
    const SOURCES: [&str; 11] = [
        "Cargo.toml",
        "Cargo.lock",
        "build.rs",
        "src",
        "recipe",
        "assets",
        "crates/engine",
        "crates/cloud",
        "crates/measurements",
        "crates/sandbox",
        "crates/files",
    ];
    println!("cargo::rerun-if-env-changed=SOURCE_DATE_EPOCH");
    let git = |arguments: &[&str]| -> Option<String> {
        let output =
            Command::new("git").arg("-C").arg(root).args(arguments).env("TZ", "UTC").output().ok()?;
        let text = String::from_utf8(output.stdout).ok()?;
        output.status.success().then(|| text.trim_end().to_owned())
    };
    // A copy of the sources inside somebody else's repository must not show that one's commit.
    let own = git(&["rev-parse", "--show-prefix"]).is_some_and(|prefix| prefix.is_empty());
    let commit = own.then(|| git(&["rev-parse", "HEAD"])).flatten();
    let (commit, date) = match commit {
        None => ("unknown".to_owned(), None),
        Some(commit) => {
            for name in ["HEAD", "logs/HEAD"] {
                let path = git(&["rev-parse", "--git-path", name]).map(|path| root.join(path));
                if let Some(path) = path.filter(|path| path.exists()) {
                    println!("cargo::rerun-if-changed={}", path.display());
                }
            }
            for source in SOURCES {
                println!("cargo::rerun-if-changed={source}");
            }
            let mut changed = vec!["status", "--porcelain", "--", "crates/cache-demo"];
            changed.extend(SOURCES);
            match git(&changed) {
                Some(changes) if changes.is_empty() => {
                    (commit, git(&["log", "-1", "--date=format-local:%F", "--format=%cd"]))
                }
                _ => (format!("{commit} with changes that are not committed"), None),
            }
        }
    };
    let date = match (epoch()?, date) {
        (Some(date), _) | (None, Some(date)) => date,
        (None, None) => today()?,
    };
    write(&out.join("version.rs"), format!("Source {{ commit: {commit:?}, date: {date:?} }}\n").as_bytes())
}

/// The date that whoever builds asks for (<https://reproducible-builds.org/specs/source-date-epoch/>).
fn epoch() -> Result<Option<String>, String> {
    let Ok(text) = env::var("SOURCE_DATE_EPOCH") else { return Ok(None) };
    text.trim()
        .parse()
        .map(|seconds| Some(day(seconds)))
        .map_err(|e| format!("SOURCE_DATE_EPOCH={text}: {e}"))
}

fn today() -> Result<String, String> {
    let since = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_err(|e| format!("the clock is before 1970: {e}"))?;
    Ok(day(since.as_secs()))
}

/// The day in UTC of so many seconds since 1970, by Howard Hinnant's `civil_from_days`.
fn day(seconds: u64) -> String {
    let days = seconds / 86_400 + 719_468;
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let shifted = (5 * of_year + 2) / 153;
    let (month, day) =
        (if shifted < 10 { shifted + 3 } else { shifted - 9 }, of_year - (153 * shifted + 2) / 5 + 1);
    format!("{:04}-{month:02}-{day:02}", era * 400 + year + u64::from(month <= 2))
}

/// What cargo sets for this script would mislead a cargo of its own.
fn is_ours(name: &str) -> bool {
    let prefixes =
        ["CARGO_PKG_", "CARGO_CFG_", "CARGO_FEATURE_", "CARGO_MANIFEST_", "CARGO_PROFILE_", "DEP_"];
    let names = [
        "CARGO",
        "CARGO_BIN_NAME",
        "CARGO_BUILD_RUSTFLAGS",
        "CARGO_BUILD_TARGET",
        "CARGO_BUILD_TARGET_DIR",
        "CARGO_CRATE_NAME",
        "CARGO_ENCODED_RUSTFLAGS",
        "CARGO_INCREMENTAL",
        "CARGO_MAKEFLAGS",
        "CARGO_PRIMARY_PACKAGE",
        "CARGO_TARGET_DIR",
        "CLIPPY_ARGS",
        "DEBUG",
        "HOST",
        "MAKEFLAGS",
        "MFLAGS",
        "NUM_JOBS",
        "OPT_LEVEL",
        "OUT_DIR",
        "PROFILE",
        "RUSTC",
        "RUSTC_LINKER",
        "RUSTC_WORKSPACE_WRAPPER",
        "RUSTC_WRAPPER",
        "RUSTDOC",
        "RUSTDOCFLAGS",
        "RUSTFLAGS",
        "TARGET",
    ];
    names.contains(&name) || prefixes.iter().any(|prefix| name.starts_with(prefix))
}

fn compress(binary: &[u8], machine: &str) -> std::io::Result<Vec<u8>> {
    // Higher presets only widen the window beyond the whole program.
    let mut options = lzma_rust2::XzOptions::with_preset(6);
    // Calls to one function get one spelling, which saves some percent. The like for arm64 needs xz 5.4, and Amazon
    // Linux 2023 has 5.2.
    if machine.ends_with("X86") {
        options.prepend_pre_filter(lzma_rust2::FilterType::BcjX86, 0);
    }
    let mut writer = lzma_rust2::XzWriter::new(Vec::new(), options)?;
    writer.write_all(binary)?;
    writer.finish()
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), String> {
    fs::write(path, bytes).map_err(|e| format!("{}: {e}", path.display()))
}
