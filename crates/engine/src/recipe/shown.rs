//! Text that comes from outside, as it may be shown: what cannot be seen or steers a terminal is written out, and what is
//! long is cut.

pub use recipe_walk_measurements::visible::{is_visible, one_line, visible};

/// Characters of a value that are shown.
const MOST: usize = 60;

/// A value between quotes, for a message: with its length where it is cut.
pub fn shown(value: &str) -> String {
    let start: String = value.chars().take(MOST).collect();
    let escaped = |c: char| {
        if is_visible(c) { c.to_string() } else { c.escape_default().to_string() }
    };
    let text: String = start.chars().map(escaped).collect();
    if start.len() == value.len() {
        format!("'{text}'")
    } else {
        format!("'{text}…' ({} bytes)", value.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_is_written_out() {
        assert_eq!(shown("1;touch x"), "'1;touch x'");
        assert_eq!(shown("a\nb\u{1b}[31m"), "'a\\nb\\u{1b}[31m'");
        assert_eq!(shown("a\u{202e}b\u{200b}c\u{3164}"), "'a\\u{202e}b\\u{200b}c\\u{3164}'");
        assert_eq!(shown("Jürgen, 名前, e\u{301}"), "'Jürgen, 名前, e\u{301}'");
    }

    #[test]
    fn ten_megabytes_are_cut() {
        let text = shown(&"x".repeat(10_000_000));
        assert!(text.len() < 100 && text.ends_with("(10000000 bytes)"), "{text}");
    }
}
