//! Text that comes from outside, as it may be shown: what cannot be seen or steers a terminal is written out, and what is
//! long is cut.

use std::ops::RangeInclusive;

/// Characters of a value that are shown.
const MOST: usize = 60;

/// What Rust takes for printable and nobody sees: fillers, joiners and selectors of a variant
/// (Unicode, `Default_Ignorable_Code_Point`).
const INVISIBLE: [RangeInclusive<char>; 10] = [
    '\u{ad}'..='\u{ad}',
    '\u{34f}'..='\u{34f}',
    '\u{115f}'..='\u{1160}',
    '\u{17b4}'..='\u{17b5}',
    '\u{180b}'..='\u{180f}',
    '\u{2065}'..='\u{2065}',
    '\u{3164}'..='\u{3164}',
    '\u{fe00}'..='\u{fe0f}',
    '\u{ffa0}'..='\u{ffa0}',
    '\u{e0000}'..='\u{e0fff}',
];

/// Whether a character is seen as itself: no control character, no line break, nothing that turns the direction of the
/// text, nothing without width. A mark over the letter before it is seen.
pub fn is_visible(c: char) -> bool {
    if matches!(c, '\'' | '"' | '\\') {
        return true;
    }
    // Behind a letter, a mark is not escaped.
    let behind_a_letter = String::from_iter(['a', c]);
    behind_a_letter.escape_debug().nth(2).is_none() && !INVISIBLE.iter().any(|range| range.contains(&c))
}

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
