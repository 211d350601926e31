//! Values as words of a POSIX shell, whatever they hold.

/// The value as one word that nothing can leave. A byte of zero, which no word can hold, is left out.
pub fn word(value: &str) -> String {
    format!("'{}'", value.replace('\0', "").replace('\'', "'\\''"))
}

/// The same for people to read: quoted only where a shell would see more than a word.
pub fn shortest_word(value: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,@+".contains(c);
    if !value.is_empty() && value.chars().all(plain) { value.to_owned() } else { word(value) }
}

/// Values that somebody could wish to be more than a value.
#[cfg(test)]
pub(crate) const HOSTILE: [&str; 24] = [
    "",
    " ",
    "1;touch canary",
    "1\ntouch canary\n",
    "1\r\ntouch canary\r\n",
    "$(touch canary)",
    "${x:-$(touch canary)}",
    "$HOME",
    "`touch canary`",
    "'; touch canary; '",
    "'$(touch canary)'",
    "\"; touch canary; \"",
    "\\'; touch canary; \\'",
    "| touch canary",
    "&& touch canary &",
    "> canary",
    "<(touch canary)",
    "*",
    "~root",
    "-e",
    "\u{1b}[31mred\u{1b}]0;title\u{7}",
    "PIECE\nEOF\ntouch canary",
    "!touch",
    "\u{2028}é\u{202e}\u{feff}\u{85}",
];

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::path::Path;
    use std::process::Command;

    /// Has a shell write a word into a file, and nothing else.
    fn through(shell: &str, dir: &Path, value: &str) -> Vec<u8> {
        let script = dir.join("script");
        std::fs::write(&script, format!("set -- {}\nprintf %s \"$1\" > out\n", word(value)))
            .expect("written");
        let said = Command::new(shell).arg(&script).current_dir(dir).output().expect("the shell runs");
        assert!(said.status.success() && said.stderr.is_empty(), "{shell}: {said:?}");
        assert!(!dir.join("canary").exists(), "{shell}: {value:?} got out");
        std::fs::read(dir.join("out")).expect("written")
    }

    fn shells() -> impl Iterator<Item = &'static str> {
        let there = |shell: &&str| Command::new(shell).args(["-c", ":"]).output().is_ok();
        ["sh", "bash", "dash"].into_iter().filter(there)
    }

    #[test]
    fn no_value_leaves_its_word_in_any_shell() {
        assert!(shells().count() >= 2, "sh and one more");
        let dir = tempfile::tempdir().expect("a directory");
        for shell in shells() {
            for value in HOSTILE {
                assert_eq!(through(shell, dir.path(), value), value.as_bytes(), "{shell}");
            }
            // Few quotes: bash takes a time that grows with their number squared.
            let long = "x".repeat(10_000_000) + "'; touch canary; $(touch canary)\n";
            assert!(through(shell, dir.path(), &long) == long.as_bytes(), "{shell}: ten million characters");
            assert_eq!(through(shell, dir.path(), "a\0; touch canary"), b"a; touch canary", "{shell}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]
        #[test]
        fn any_text_is_one_word(value in "(?s)[^\0]{0,40}|['\"\\\\$`;|&<> \n\t(){}!*?~#-]{1,20}") {
            let dir = tempfile::tempdir().expect("a directory");
            for shell in shells() {
                prop_assert_eq!(through(shell, dir.path(), &value), value.as_bytes());
            }
        }
    }
}
