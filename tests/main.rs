//! The real `recipe-walk` binary against the real sandbox. One test binary: the SDK is linked once.

mod all_steps;
mod aws_cli;
mod bad_days;
mod board;
mod broken;
mod by_hand;
mod classes;
mod cleanup;
mod commands;
mod decisions;
mod documents;
mod durable;
mod every_prompt;
mod exposure;
mod foreign;
mod ground;
mod handmade;
mod learner;
mod least_privilege;
mod lost;
mod manners;
mod matrix;
mod meanwhile;
mod no_engines;
mod not_yet;
mod outlast;
mod preflight;
mod prompts;
mod pty;
mod reads;
mod resume;
mod sandbox;
mod security_groups;
mod shipping;
mod snapshot;
mod source_document;
mod support;
mod tables;
mod takeaway;
mod trainer;
mod two_machines;

/// A test file that nobody lists above would never run.
#[test]
fn every_test_file_is_listed() {
    let listed = include_str!("main.rs");
    let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    for entry in std::fs::read_dir(dir).expect("the tests") {
        let name = entry.expect("a file").file_name().into_string().expect("a name");
        if let Some(module) = name.strip_suffix(".rs")
            && module != "main"
        {
            assert!(listed.contains(&format!("mod {module};")), "{name} is not listed in main.rs");
        }
    }
}
