//! The demo's configuration on the instance: JSON whose secrets nobody but the instance ever has.

use crate::deliver::ENTER;
use crate::facts::MissingFact;
use crate::filling::{Piece, PlanError, Values, pieces};
use crate::shell::word;
use crate::state::State;
use crate::step::Configure;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use std::fmt::Write as _;

/// Roots on Amazon Linux 2023.
const SYSTEM_ROOTS: &str = "/etc/pki/tls/certs/ca-bundle.crt";
/// The CA of a custom endpoint, on the instance.
const OWN_ROOTS: &str = "ca.pem";
/// What the instance fetches.
const FETCHED_ROOTS: &str = "roots.pem";

/// Whom the demo trusts when it speaks TLS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trust {
    /// Public roots, and the bundle that the recipe has fetched.
    Public,
    /// One private CA, as PEM; given by a custom endpoint.
    Private(String),
}

/// A part of the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// JSON as it stands.
    Json(String),
    /// A secret inside a JSON string, by the path of its SecureString.
    Secret(String),
}

/// The configuration's parts, in order.
pub fn parts(
    configure: &Configure,
    state: &State,
    trust: &Trust,
    known: Values<'_>,
) -> Result<Vec<Part>, PlanError> {
    let known = |name: &str| match (name, trust) {
        ("system-roots" | "fetched-roots", Trust::Private(_)) => Ok(OWN_ROOTS.to_owned()),
        ("system-roots", Trust::Public) => Ok(SYSTEM_ROOTS.to_owned()),
        ("fetched-roots", Trust::Public) => Ok(FETCHED_ROOTS.to_owned()),
        _ => known(name),
    };
    let mut writer = Writer { parts: Vec::new(), state, known: &known };
    writer.value(&configure.content)?;
    Ok(writer.parts)
}

struct Writer<'a> {
    parts: Vec<Part>,
    state: &'a State,
    known: Values<'a>,
}

impl Writer<'_> {
    fn json(&mut self, text: &str) {
        match self.parts.last_mut() {
            Some(Part::Json(last)) => last.push_str(text),
            _ => self.parts.push(Part::Json(text.to_owned())),
        }
    }

    fn value(&mut self, value: &Value) -> Result<(), PlanError> {
        match value {
            Value::String(text) => self.text(text),
            Value::Array(list) => {
                for (index, value) in list.iter().enumerate() {
                    self.json(if index == 0 { "[" } else { "," });
                    self.value(value)?;
                }
                self.json(if list.is_empty() { "[]" } else { "]" });
                Ok(())
            }
            Value::Object(table) => {
                for (index, (key, value)) in table.iter().enumerate() {
                    self.json(if index == 0 { "{" } else { "," });
                    self.json(&Value::from(key.as_str()).to_string());
                    self.json(":");
                    self.value(value)?;
                }
                self.json(if table.is_empty() { "{}" } else { "}" });
                Ok(())
            }
            other => {
                self.json(&other.to_string());
                Ok(())
            }
        }
    }

    fn text(&mut self, text: &str) -> Result<(), PlanError> {
        if let [Piece::Name(name)] = pieces(text)[..]
            && let Some(name) = name.strip_prefix("number:")
        {
            let text = (self.known)(name)?;
            let number: i64 = text.parse().map_err(|_| PlanError::NoRequest {
                what: name.to_owned(),
                why: format!("'{text}' is no whole number"),
            })?;
            self.json(&number.to_string());
            return Ok(());
        }
        self.json("\"");
        for piece in pieces(text) {
            match piece {
                Piece::Text(text) => self.json(&escaped(text)),
                Piece::Name(name) => {
                    if let Some(secret) = name.strip_prefix("secret:") {
                        self.parts.push(Part::Secret(self.path(secret)?));
                    } else {
                        let filled = (self.known)(name)?;
                        self.json(&escaped(&filled));
                    }
                }
            }
        }
        self.json("\"");
        Ok(())
    }

    /// Where a secret lies that was made.
    fn path(&self, name: &str) -> Result<String, PlanError> {
        let made = self.state.resource(name).and_then(|r| r.planned.action.keeps().map(str::to_owned));
        made.ok_or_else(|| MissingFact(name.to_owned()).into())
    }
}

/// The script that writes the demo's configuration. The secrets go from SSM into an owner-only file: never onto a command
/// line (`printf` is built into the shell), never into the command history. One that could end its JSON string is refused:
/// anybody may have written it into the account.
pub fn script(parts: &[Part], roots: Option<&str>, region: &str, trust: &Trust) -> String {
    let as_data = |text: &str| format!("printf %s {} | base64 -d", word(&STANDARD.encode(text)));
    let (mut script, mut file) = (ENTER.to_owned(), String::new());
    match (trust, roots) {
        (Trust::Private(pem), _) => {
            let _ = writeln!(script, "{} > {OWN_ROOTS}", as_data(&format!("{}\n", pem.trim_end())));
        }
        (Trust::Public, Some(url)) => {
            let _ = writeln!(script, "curl -fsS -o {FETCHED_ROOTS} -- {}", word(url));
        }
        (Trust::Public, None) => {}
    }
    for (index, part) in parts.iter().enumerate() {
        match part {
            Part::Json(text) => {
                let _ = writeln!(file, "{}", as_data(text));
            }
            Part::Secret(path) => {
                let _ = write!(
                    script,
                    "secret{index}=$(aws ssm get-parameter --region {} --name {} --with-decryption \
                     --query Parameter.Value --output text)\n\
                     case $secret{index} in *[\\\"\\\\]*) echo {} >&2; exit 1;; esac\n",
                    word(region),
                    word(path),
                    word(&format!("the secret {path} has characters that no secret of ours has")),
                );
                let _ = writeln!(file, "printf %s \"$secret{index}\"");
            }
        }
    }
    format!("{script}{{\n{file}}} > config.json.new\nmv config.json.new config.json\necho configured\n")
}

/// A text inside the quotes of a JSON string.
fn escaped(text: &str) -> String {
    let quoted = Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::demo::run_script;
    use crate::shell::HOSTILE;
    use crate::word::Word;
    use serde_json::json;
    use std::os::unix::fs::PermissionsExt as _;
    use std::path::Path;
    use std::process::{Command, Output};

    fn configure(content: Value) -> Configure {
        Configure { file: "demo.json".into(), roots: Some("https://example.com/roots.pem".into()), content }
    }

    /// Puts a program of that name on the instance's path.
    fn program(home: &Path, name: &str, script: &str) {
        std::fs::create_dir_all(home.join("bin")).expect("a directory");
        let file = home.join("bin").join(name);
        std::fs::write(&file, script).expect("written");
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).expect("a program");
    }

    fn run(shell: &str, home: &Path, script: &str) -> Output {
        let path = format!("{}:{}", home.join("bin").display(), std::env::var("PATH").unwrap_or_default());
        let file = home.join("script");
        std::fs::write(&file, script).expect("written");
        let mut command = Command::new(shell);
        command.arg(&file).env("HOME", home).env("PATH", path).current_dir(home);
        command.output().expect("the shell runs")
    }

    /// A home whose `bin` PATH can hold, whatever TMPDIR is called.
    fn home() -> tempfile::TempDir {
        let usual = std::env::temp_dir();
        let colon = usual.to_string_lossy().contains(':');
        tempfile::tempdir_in(if colon { Path::new("/tmp") } else { &usual }).expect("a directory")
    }

    #[test]
    fn whatever_is_filled_in_stays_data_in_every_shell() {
        for shell in ["sh", "bash", "dash"] {
            for value in HOSTILE {
                let home = home();
                program(
                    home.path(),
                    "aws",
                    "#!/bin/sh\nprintf '%s\\n' \"$@\" >> \"$HOME/asked\"\necho s3cret\n",
                );
                let known = |_: &str| Ok(value.to_owned());
                let content = json!({"a b": ["{{x}}", "<{{x}}>"], "roots": "{{fetched-roots}}", "n": 1});
                let trust = Trust::Private(format!("PEM {value}"));
                let mut parts =
                    parts(&configure(content), &State::default(), &trust, &known).expect("filled in");
                parts.push(Part::Json("\n\"".into()));
                parts.push(Part::Secret(format!("/p/{value}")));
                parts.push(Part::Json("\"".into()));
                let said = run(shell, home.path(), &script(&parts, Some(value), value, &trust));
                assert!(said.status.success(), "{shell}, {value:?}: {said:?}");
                let work = home.path().join(".recipe-walk");
                for dir in [home.path(), &work] {
                    assert!(!dir.join("canary").exists(), "{shell}: {value:?} got out");
                }
                let text = std::fs::read_to_string(work.join("config.json")).expect("written");
                let (json, secret) = text.split_once('\n').expect("two lines");
                let wanted = json!({"a b": [value, format!("<{value}>")], "roots": "ca.pem", "n": 1});
                assert_eq!(serde_json::from_str::<Value>(json).expect("JSON"), wanted);
                assert_eq!(secret, "\"s3cret\"");
                let mode = std::fs::metadata(work.join("config.json")).expect("there").permissions().mode();
                assert_eq!(mode & 0o077, 0, "only its owner reads it");
                let asked = std::fs::read_to_string(home.path().join("asked")).expect("asked");
                assert!(asked.contains(&format!("--name\n/p/{value}\n")), "{asked}");
            }
        }
    }

    #[test]
    fn arguments_reach_the_demo_as_they_are() {
        for shell in ["sh", "bash", "dash"] {
            for value in HOSTILE {
                let home = tempfile::tempdir().expect("a directory");
                let work = home.path().join(".recipe-walk");
                std::fs::create_dir(&work).expect("a directory");
                program(home.path(), "demo", "#!/bin/sh\nprintf '%s\\0' \"$@\" > \"$HOME/got\"\n");
                std::fs::rename(home.path().join("bin/demo"), work.join("demo")).expect("moved");
                let arguments = ["--users".to_owned(), value.to_owned(), format!("x{value}")];
                let command = Word::try_from("load".to_owned()).expect("a word");
                let said = run(shell, home.path(), &run_script(&command, &arguments, true));
                assert!(said.status.success(), "{shell}, {value:?}: {said:?}");
                assert!(!work.join("canary").exists(), "{shell}: {value:?} got out");
                let got = std::fs::read_to_string(home.path().join("got")).expect("it ran");
                let got: Vec<&str> = got.split('\0').collect();
                let begin = ["load", "--config", "config.json", "--json", "--progress", "load.progress"];
                assert_eq!(got[..6], begin);
                assert_eq!(got[6..], ["--users", value, &format!("x{value}"), ""]);
            }
        }
    }

    #[test]
    fn a_secret_that_would_end_its_string_is_refused() {
        let parts = [Part::Json("\"".into()), Part::Secret("/p".into()), Part::Json("\"".into())];
        for (secret, good) in
            [("abcXYZ019", true), ("p@ss w0rd;$(x)`'", true), ("a\"b", false), ("a\\b", false)]
        {
            let home = home();
            program(home.path(), "aws", &format!("#!/bin/sh\nprintf '%s\\n' {}\n", word(secret)));
            for shell in ["sh", "bash", "dash"] {
                let said = run(shell, home.path(), &script(&parts, None, "r", &Trust::Public));
                assert_eq!(said.status.success(), good, "{shell}, {secret}: {said:?}");
            }
            let text =
                std::fs::read_to_string(home.path().join(".recipe-walk/config.json")).unwrap_or_default();
            assert_eq!(text, if good { format!("\"{secret}\"") } else { String::new() });
        }
    }

    #[test]
    fn the_configuration_names_secrets_but_never_holds_them() {
        let parts = [Part::Secret("/recipe-walk/rw-x/auth-token".into())];
        let script = script(&parts, None, "us-east-1", &Trust::Private("PEM".into()));
        assert!(script.contains("--name '/recipe-walk/rw-x/auth-token' --with-decryption"), "{script}");
        assert!(script.contains("umask 077"));
        let secret = configure(json!("{{secret:auth-token}}"));
        let known = |_: &str| Ok("1".to_owned());
        let missing = super::parts(&secret, &State::default(), &Trust::Public, &known);
        assert_eq!(missing, Err(MissingFact("auth-token".into()).into()));
    }
}
