//! The one door to a screen or to another program: what nobody here has painted is shown visibly, whoever wrote it.

use recipe_walk_engine::shown::{is_visible, visible};
use std::borrow::Cow;
use std::fmt::Write as _;
use std::sync::LazyLock;

/// What the paint of this process begins with: nobody who writes a text can know it.
static MARK: LazyLock<String> = LazyLock::new(|| {
    let mut random = [0; 8];
    // Without random numbers a text could be painted by somebody else, and no more than painted.
    let _ = getrandom::fill(&mut random);
    format!("\u{1b}[{};", u64::from_ne_bytes(random))
});

/// A text in a colour or weight, until the door lets it through.
pub(crate) fn painted(code: &str, text: &str) -> String {
    format!("{mark}{code}m{text}{mark}0m", mark = *MARK)
}

/// The text as a screen gets it: our paint, and everything else visibly.
pub(crate) fn through(text: &str) -> String {
    let mut pieces = text.split(MARK.as_str());
    let mut out = visible(pieces.next().unwrap_or_default()).into_owned();
    for piece in pieces {
        let (code, rest) = piece.split_once('m').unwrap_or(("0", piece));
        let _ = write!(out, "\u{1b}[{code}m{}", visible(rest));
    }
    out
}

/// The text without a line's end: one in somebody else's text would begin a line that could pass for ours.
pub(crate) fn unbroken(text: &str) -> Cow<'_, str> {
    if text.contains('\n') { Cow::Owned(text.replace('\n', "\\n")) } else { Cow::Borrowed(text) }
}

/// One line as a screen gets it.
pub(crate) fn one_line(text: &str) -> String {
    through(&unbroken(text))
}

/// The same for a log, where an event is one line.
pub(crate) fn line(text: &str) -> String {
    let (text, end) = text.strip_suffix('\n').map_or((text, ""), |text| (text, "\n"));
    unbroken(&visible(text)).into_owned() + end
}

/// JSON in which everything invisible is an escape: to a program it says the same.
pub(crate) fn json(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut units = [0; 2];
    for c in text.chars() {
        if c == '\n' || is_visible(c) {
            out.push(c);
        } else {
            c.encode_utf16(&mut units).iter().for_each(|unit| _ = write!(out, "\\u{unit:04x}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOSTILE: &str = "\u{1b}]52;c;aWQ=\u{7}\u{9b}2J\u{1b}[31m\r\u{202e}\u{200b}\u{e0041}end";

    #[test]
    fn only_our_own_paint_reaches_a_screen() {
        assert_eq!(through(&painted("1;36", "text")), "\u{1b}[1;36mtext\u{1b}[0m");
        let shown = through(&painted("2", HOSTILE));
        let inner = shown.strip_prefix("\u{1b}[2m").and_then(|rest| rest.strip_suffix("\u{1b}[0m"));
        assert!(inner.is_some_and(|text| text.chars().all(is_visible)), "{shown:?}");
        assert_eq!(through("a\nb\u{1b}[0m"), "a\nb\\u{1b}[0m", "what looks like paint is none");
    }

    #[test]
    fn an_event_in_the_log_is_one_line() {
        assert_eq!(line("a\nWARN forged\u{1b}[2J\n"), "a\\nWARN forged\\u{1b}[2J\n");
    }

    #[test]
    fn json_says_the_same_and_shows_nothing_invisible() {
        let value = serde_json::json!({"a": HOSTILE, "é": "🦀 \u{7f}\u{85}\u{2028}"});
        let text = json(&serde_json::to_string_pretty(&value).expect("JSON"));
        assert!(text.chars().all(|c| c == '\n' || is_visible(c)), "{text:?}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).expect("JSON"), value);
    }
}
