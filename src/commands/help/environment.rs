//! `environment`: everything outside the command line that changes what the program does.

use crate::ui;
use std::fmt::Write as _;

/// Variables that the program reads itself, and what they change.
const OURS: [(&str, &str); 15] = [
    ("RECIPE_WALK_CONFIG", "another configuration file"),
    ("RECIPE_WALK_LOG", "what -v tells, as a filter: recipe_walk_cloud=debug"),
    ("XDG_CONFIG_HOME", "where recipe-walk/config.toml is; else ~/.config"),
    ("XDG_STATE_HOME", "where sessions are kept; else ~/.local/state"),
    ("HOME", "where both are when those two are not set"),
    ("PATH", "where engines and package managers are looked for"),
    ("TMPDIR", "where a link to a state directory of odd name goes"),
    ("TERM", "dumb, unknown or not set: no colour, no moving bars"),
    ("NO_COLOR", "set: no colour"),
    ("CLICOLOR", "0: no colour"),
    ("ACCESSIBLE", "set: plain lines, as --plain"),
    ("AWS_EXECUTION_ENV", "CloudShell: advice for it, and its idle time"),
    ("AWS_PROFILE", "the profile, unless --profile names one"),
    ("AWS_ACCESS_KEY_ID", "a key, as for every AWS tool"),
    ("AWS_CREDENTIAL_EXPIRATION", "when that key ends; told before a long wait"),
];

/// Variables that the AWS SDK reads, or that are looked at for it before a call is made.
const AWS: [(&str, &str); 14] = [
    ("AWS_DEFAULT_PROFILE", "the profile, where AWS_PROFILE is not set"),
    ("AWS_REGION", "the region, unless --region names one"),
    ("AWS_DEFAULT_REGION", "the region, where AWS_REGION is not set"),
    ("AWS_SECRET_ACCESS_KEY", "the secret of AWS_ACCESS_KEY_ID"),
    ("AWS_SESSION_TOKEN", "the token of temporary keys"),
    ("AWS_CONFIG_FILE", "another file than ~/.aws/config"),
    ("AWS_SHARED_CREDENTIALS_FILE", "another file than ~/.aws/credentials"),
    ("AWS_ENDPOINT_URL", "another endpoint than AWS's own, for all services"),
    ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true: that one counts for nothing"),
    ("AWS_USE_FIPS_ENDPOINT", "true: AWS's FIPS endpoints"),
    ("AWS_CA_BUNDLE", "certificates that are trusted, and no others"),
    ("SSL_CERT_FILE", "certificates trusted instead of the system's"),
    ("HTTPS_PROXY, HTTP_PROXY", "a proxy between here and AWS"),
    ("NO_PROXY", "hosts that are reached without it"),
];

const FILES: [(&str, &str); 5] = [
    ("~/.config/recipe-walk/config.toml", "defaults and parameters, one a line"),
    ("~/.local/state/recipe-walk/sessions", "a journal and the secrets of each session"),
    ("~/.local/state/recipe-walk/sandbox", "what the sandbox holds, its log and its engines"),
    ("~/.local/state/recipe-walk/trusted-recipes", "recipes of others that you trust"),
    ("~/.aws/config, ~/.aws/credentials", "profiles, as for every AWS tool"),
];

const SIGNALS: [(&str, &str); 5] = [
    ("SIGINT (Ctrl-C)", "stops at the next safe place; nothing is deleted"),
    ("SIGTERM, SIGHUP", "the same; a second one ends at once"),
    ("SIGQUIT (Ctrl-\\)", "ends at once and leaves the terminal in order"),
    ("SIGTSTP (Ctrl-Z), SIGCONT", "gives the terminal back, and takes it again after fg"),
    ("SIGTTOU, SIGTTIN", "in the background it goes on without keys"),
];

/// The list, for people.
pub(crate) fn text() -> String {
    let mut out = String::from(
        "Each setting of the configuration file has a variable of its own, such as\nRECIPE_WALK_REGION, and each parameter \
         of the recipe too, such as\nRECIPE_WALK_SET_LOAD_USERS. The command line goes over the environment, and\nthat \
         over the file. A variable that is set to nothing is not set.\n",
    );
    let sections: [(&str, &[(&str, &str)]); 4] =
        [("Environment", &OURS), ("Environment of AWS", &AWS), ("Files", &FILES), ("Signals", &SIGNALS)];
    for (title, entries) in sections {
        let _ = write!(out, "\n{title}:\n");
        for (name, what) in entries {
            let _ = if name.len() > 22 {
                writeln!(out, "  {name}\n  {:22} {what}", "")
            } else {
                writeln!(out, "  {name:22} {what}")
            };
        }
    }
    out + "\nThe sandbox takes nothing of AWS's: neither variables nor files.\n\nExamples:\n  recipe-walk help \
           environment\n  XDG_STATE_HOME=/var/tmp/course recipe-walk --sandbox"
}

/// Prints it.
pub(crate) fn run() {
    ui::raw(&(text() + "\n"));
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::path::Path;

    /// The variables that a source asks for, outside its tests.
    fn asked(dir: &Path, found: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(dir).expect("a directory").flatten() {
            let path = entry.path();
            let name = entry.file_name().into_string().expect("a name");
            if path.is_dir() {
                asked(&path, found);
            } else if path.extension().is_some_and(|end| end == "rs")
                && !name.contains("tests")
                && !path.ends_with("help/environment.rs")
            {
                let text = std::fs::read_to_string(&path).expect("a source");
                let text = text.split("#[cfg(test)]").next().unwrap_or_default();
                for door in ["var(", "var_os(", "variable(", "text(", "absolute("] {
                    for (at, _) in text.match_indices(door) {
                        let rest = &text[at + door.len()..];
                        let Some((name, _)) = rest.strip_prefix('"').and_then(|rest| rest.split_once('"'))
                        else {
                            continue;
                        };
                        if name.len() > 2
                            && name.bytes().all(|b| b.is_ascii_uppercase() || b"_0123456789".contains(&b))
                        {
                            found.insert(name.to_owned());
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn every_variable_that_is_read_is_listed() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut found = BTreeSet::new();
        for dir in ["src", "crates/engine/src", "crates/cloud/src", "crates/files/src", "crates/sandbox/src"]
        {
            asked(&root.join(dir), &mut found);
        }
        // What tests read, and what the sandbox's instance has of its own.
        for other in [
            "RECIPE_WALK_PYTHON",
            "RECIPE_WALK_HOSTILE",
            "RECIPE_WALK_WRITE_DOCS",
            "RECIPE_WALK_NEW_SNAPSHOT",
            "AWS_ENDPOINT_URL_SSM",
        ] {
            found.remove(other);
        }
        let listed: BTreeSet<&str> = OURS.iter().chain(&AWS).flat_map(|(name, _)| name.split(", ")).collect();
        let unlisted: Vec<_> = found.iter().filter(|name| !listed.contains(name.as_str())).collect();
        assert!(unlisted.is_empty(), "{unlisted:?}");
        for (name, _) in OURS.iter().filter(|(name, _)| *name != "TMPDIR") {
            assert!(found.contains(*name), "{name} is listed, and nothing reads it");
        }
    }

    #[test]
    fn list_fits_eighty_columns() {
        for line in text().lines() {
            assert!(line.chars().count() <= 80, "{line}");
        }
    }
}
