//! Values as words of a POSIX shell, whatever they hold, and commands of ours made of such words.

use crate::shown::is_visible;
use serde::Serialize;
use std::fmt::{self, Write as _};

/// The value as one word that nothing can leave. A byte of zero, which no word can hold, is left out.
pub fn word(value: &str) -> String {
    format!("'{}'", value.replace('\0', "").replace('\'', "'\\''"))
}

/// The same for people to read and to paste: quoted only where some shell would see more than a word. What cannot be seen,
/// or would steer the terminal that it is pasted into, is left to `printf`.
pub fn shortest_word(value: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,@+".contains(c);
    // zsh takes a word with an equals sign before it for a command's path.
    if !value.is_empty() && !value.starts_with('=') && value.chars().all(plain) {
        return value.to_owned();
    }
    let mut out = String::new();
    let mut rest = value;
    let seen = |c: char| c == '\n' || is_visible(c);
    while !rest.is_empty() {
        let (text, after) = rest.split_at(rest.find(|c| !seen(c)).unwrap_or(rest.len()));
        let (hidden, after) = after.split_at(after.find(seen).unwrap_or(after.len()));
        if !text.is_empty() {
            out += &word(text);
        }
        let mut octal = String::new();
        hidden.bytes().filter(|b| *b != 0).for_each(|b| _ = write!(octal, "\\{b:03o}"));
        if !octal.is_empty() {
            let _ = write!(out, "\"$(printf '{octal}')\"");
        }
        rest = after;
    }
    if out.is_empty() { word("") } else { out }
}

/// A command for a person to type: text of ours, with anybody's words in it ([`typed!`](crate::typed)).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Typed(String);

impl From<&'static str> for Typed {
    fn from(text: &'static str) -> Self {
        Self(text.to_owned())
    }
}

impl Typed {
    /// Text of ours with a word in place of each `{}`, quoted where a shell needs it. A word is never an option.
    pub fn of(text: &'static str, words: &[String]) -> Self {
        let mut pieces = text.split("{}");
        let mut out = pieces.next().unwrap_or_default().to_owned();
        for (word, piece) in words.iter().zip(pieces) {
            let option = out.trim_end().rsplit(' ').next().is_some_and(|last| last.starts_with("--"));
            match word.starts_with('-') {
                true if option => out.replace_range(out.trim_end().len().., "="),
                // It is a path then.
                true => out += "./",
                false => {}
            }
            out += &shortest_word(word);
            out += piece;
        }
        Self(out)
    }

    /// Words alone, of which the first is a program.
    pub fn words(words: &[String]) -> Self {
        Self(words.iter().map(|word| shortest_word(word)).collect::<Vec<_>>().join(" "))
    }

    /// The same with more text of ours: flags, or a remark behind `#`.
    #[must_use]
    pub fn then(self, text: &'static str) -> Self {
        self.and(&text.into())
    }

    /// The same with more that is typed.
    #[must_use]
    pub fn and(self, more: &Self) -> Self {
        Self(format!("{} {}", self.0, more.0))
    }

    /// The same, called by the name that the person calls this program.
    pub fn called(&self, program: &str) -> String {
        match self.0.strip_prefix("recipe-walk").filter(|rest| rest.is_empty() || rest.starts_with(' ')) {
            Some(rest) => format!("{}{rest}", shortest_word(program)),
            None => self.0.clone(),
        }
    }

    /// As it is typed where the program is found by its name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A [`Typed`]: text of ours with words in place of its `{}`, whatever they hold.
#[macro_export]
macro_rules! typed {
    ($text:literal $(, $word:expr)* $(,)?) => {
        $crate::shell::Typed::of($text, &[$($word.to_string()),*])
    };
}

impl fmt::Display for Typed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
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
    fn through(shell: &str, dir: &Path, value: &str, word: &str) -> Vec<u8> {
        let script = dir.join("script");
        std::fs::write(&script, format!("set -- {word}\nprintf %s \"$1\" > out\n")).expect("written");
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
                for word in [word(value), shortest_word(value)] {
                    assert_eq!(through(shell, dir.path(), value, &word), value.as_bytes(), "{shell}: {word}");
                }
            }
            // Few quotes: bash takes a time that grows with their number squared.
            let long = "x".repeat(10_000_000) + "'; touch canary; $(touch canary)\n";
            let whole = through(shell, dir.path(), &long, &word(&long));
            assert!(whole == long.as_bytes(), "{shell}: ten million characters");
            for word in [word("a\0; touch canary"), shortest_word("a\0; touch canary")] {
                assert_eq!(through(shell, dir.path(), "", &word), b"a; touch canary", "{shell}");
            }
        }
    }

    #[test]
    fn nothing_in_a_printed_word_steers_the_terminal() {
        assert_eq!(shortest_word("a\u{1b}[201~\rb"), r#"'a'"$(printf '\033')"'[201~'"$(printf '\015')"'b'"#);
        assert_eq!(shortest_word("\u{202e}"), r#""$(printf '\342\200\256')""#);
        for value in HOSTILE {
            assert!(shortest_word(value).chars().all(|c| c == '\n' || is_visible(c)), "{value:?}");
        }
        assert_eq!(shortest_word("=ls"), "'=ls'");
    }

    #[test]
    fn a_command_of_ours_keeps_anybodys_words_apart() {
        let of = |word: &str| typed!("recipe-walk check {} --region {}", word, word).then("# again");
        assert_eq!(of("my dir#1").as_str(), "recipe-walk check 'my dir#1' --region 'my dir#1' # again");
        assert_eq!(of("-v").as_str(), "recipe-walk check ./-v --region=-v # again");
        assert_eq!(
            of("-;y").called("./b in/recipe-walk"),
            "'./b in/recipe-walk' check ./'-;y' --region='-;y' # again"
        );
        assert_eq!(Typed::from("recipe-walker").called("x"), "recipe-walker");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]
        #[test]
        fn any_text_is_one_word(value in "(?s)[^\0]{0,40}|['\"\\\\$`;|&<> \n\t(){}!*?~#-]{1,20}") {
            let dir = tempfile::tempdir().expect("a directory");
            for shell in shells() {
                for word in [word(&value), shortest_word(&value)] {
                    prop_assert_eq!(through(shell, dir.path(), &value, &word), value.as_bytes());
                }
            }
        }
    }
}
