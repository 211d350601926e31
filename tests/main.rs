//! The real `recipe-walk` binary against the real sandbox. One test binary: the SDK is linked once.

mod walk {
    mod eventual_consistency;
    mod failed_reads;
    mod failed_walks;
    mod fault_matrix;
    mod missing_engines;
    mod persistent_faults;
    mod preflight;
    mod printed_commands;
    mod second_recipe;
    mod set;
    mod source_document;
    mod whole_walk;
}

mod resume {
    mod killed_walk;
    mod lease;
    mod lost_state;
    mod quit_steps;
    mod remote_state;
    pub(crate) mod repair_matrix;
}

mod cleanup {
    mod foreign_resources;
    mod one_session;
}

mod class {
    mod board;
    mod class_cleanup;
    mod trainer;
}

mod security {
    mod deleted_parameters;
    mod endless_answers;
    mod escalation;
    mod exposure;
    mod files;
    mod foreign_references;
    mod forged_lease;
    mod forged_notes;
    mod forged_tags;
    mod forgotten_rule;
    mod hostile_values;
    mod isolation;
    mod least_privilege;
    mod text;
    mod unknown_cost;
}

mod ui {
    mod commands;
    mod configuration;
    mod decisions;
    mod errors;
    mod job_control;
    mod learner;
    mod leaving_prompts;
    mod person_environment;
    mod person_machine;
    mod plain_mode;
    mod prompts;
    mod reports;
    mod sandbox_commands;
    mod tables;
}

mod docs {
    mod citations;
    mod documents;
    mod installer;
    mod release;
    mod test_names;
}

mod support {
    mod aws_cli;
    pub(crate) mod aws_resources;
    pub(crate) mod checkout;
    mod home;
    pub(crate) mod matrix;
    pub(crate) mod matrix_fixture;
    mod process;
    pub(crate) mod pty;
    pub(crate) mod sessions;
    pub(crate) mod snapshot;

    pub(crate) use home::{Home, only_session, resealed};
    pub(crate) use process::{PROGRAM, Said, kill, run, until};
}

/// A test file that nobody lists above would never run.
#[test]
fn every_test_file_is_listed_in_its_folder() {
    let listed = include_str!("main.rs");
    let tests = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let entries = |dir: &std::path::Path| -> Vec<_> {
        std::fs::read_dir(dir).expect("a folder").map(|entry| entry.expect("an entry").path()).collect()
    };
    let stem = |path: &std::path::Path| path.file_stem().expect("a name").to_string_lossy().into_owned();
    let is_rust = |path: &std::path::Path| path.extension().is_some_and(|ending| ending == "rs");
    for path in entries(&tests) {
        if path.is_file() {
            assert!(!is_rust(&path) || path.ends_with("main.rs"), "{}: tests lie in folders", path.display());
            continue;
        }
        let files: Vec<_> = entries(&path).into_iter().filter(|file| is_rust(file)).collect();
        let Some((_, rest)) = listed.split_once(&format!("\nmod {} {{\n", stem(&path))) else {
            assert!(files.is_empty(), "{} is not listed in main.rs", path.display());
            continue;
        };
        let (block, _) = rest.split_once("\n}").expect("an end of the folder's list");
        for file in files {
            let module = format!("mod {};", stem(&file));
            assert!(block.lines().any(|line| line.ends_with(&module)), "{} is not listed", file.display());
        }
    }
}
