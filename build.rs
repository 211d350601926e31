//! Prepares what the program carries: the recipe's files as a list, and the demo for the instance, built small and
//! compressed.

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
    payload(&root, &out)
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
            Path::new(name).extension().is_some_and(|extension| extension == "md" || extension == "toml")
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

/// Builds the demo, or takes a released one, and leaves it compressed beside its checksum.
fn payload(root: &Path, out: &Path) -> Result<(), String> {
    println!("cargo::rerun-if-env-changed=RECIPE_WALK_PAYLOAD");
    println!("cargo::rerun-if-env-changed=RECIPE_WALK_PAYLOAD_SHA256");
    for input in ["src", "sql", "Cargo.toml", "Cargo.lock"] {
        println!("cargo::rerun-if-changed=crates/cache-demo/{input}");
    }
    let binary = match env::var_os("RECIPE_WALK_PAYLOAD") {
        Some(file) => released(Path::new(&file))?,
        None => built(root, out)?,
    };
    let sum = Sha256::digest(&binary).iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    });
    if let Ok(pinned) = env::var("RECIPE_WALK_PAYLOAD_SHA256")
        && !pinned.eq_ignore_ascii_case(&sum)
    {
        return Err(format!(
            "the demo's SHA-256 is {sum}, not {pinned} as RECIPE_WALK_PAYLOAD_SHA256 demands"
        ));
    }
    let xz = compress(&binary).map_err(|e| format!("the demo cannot be compressed: {e}"))?;
    if xz.len() > MOST {
        return Err(format!(
            "the compressed demo has {} bytes, more than the {MOST} that may go to an instance: \
             look for what made crates/cache-demo grow",
            xz.len()
        ));
    }
    write(&out.join("cache-demo.xz"), &xz)?;
    write(&out.join("cache-demo.sha256"), sum.as_bytes())
}

fn released(file: &Path) -> Result<Vec<u8>, String> {
    println!("cargo::rerun-if-changed={}", file.display());
    let bytes = fs::read(file).map_err(|e| format!("RECIPE_WALK_PAYLOAD={}: {e}", file.display()))?;
    if !bytes.starts_with(b"\xfd7zXZ\0") {
        return Ok(bytes);
    }
    let mut binary = Vec::new();
    std::io::Read::read_to_end(&mut lzma_rust2::XzReader::new(&bytes[..], true), &mut binary)
        .map_err(|e| format!("RECIPE_WALK_PAYLOAD={}: {e}", file.display()))?;
    Ok(binary)
}

fn built(root: &Path, out: &Path) -> Result<Vec<u8>, String> {
    let target = variable("TARGET")?;
    if variable("HOST")? != "x86_64-unknown-linux-gnu" {
        return Err(format!(
            "the demo runs on an x86-64 Linux instance and cannot be built on this machine (target {target}): \
             set RECIPE_WALK_PAYLOAD to a released cache-demo, and RECIPE_WALK_PAYLOAD_SHA256 to its checksum"
        ));
    }
    let crate_dir = root.join("crates/cache-demo");
    // One directory for all profiles and wrappers: `cargo clippy` and `cargo build` share the demo.
    let built = out
        .ancestors()
        .find(|dir| dir.ends_with("build"))
        .and_then(|build| build.parent()?.parent())
        .map_or_else(|| out.join("payload"), |target_dir| target_dir.join("payload"));
    let mut command = Command::new(variable("CARGO")?);
    command
        .current_dir(&crate_dir)
        .args(["build", "--release", "--locked", "--bin", "cache-demo", "--manifest-path"])
        .arg(crate_dir.join("Cargo.toml"))
        .arg("--target-dir")
        .arg(&built);
    for (name, _) in env::vars_os() {
        if name.to_str().is_none_or(is_ours) {
            command.env_remove(name);
        }
    }
    // Paths of the builder's machine have no business on an instance, and would change the checksum.
    let mut flags = vec![format!("--remap-path-prefix={}=cache-demo", crate_dir.display())];
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
    let binary = built.join("release/cache-demo");
    fs::read(&binary).map_err(|e| format!("{}: {e}", binary.display()))
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

fn compress(binary: &[u8]) -> std::io::Result<Vec<u8>> {
    // Higher presets only widen the window beyond the whole program.
    let mut options = lzma_rust2::XzOptions::with_preset(6);
    // Calls to one function get one spelling, which saves some percent of an x86 program.
    options.prepend_pre_filter(lzma_rust2::FilterType::BcjX86, 0);
    let mut writer = lzma_rust2::XzWriter::new(Vec::new(), options)?;
    writer.write_all(binary)?;
    writer.finish()
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), String> {
    fs::write(path, bytes).map_err(|e| format!("{}: {e}", path.display()))
}
