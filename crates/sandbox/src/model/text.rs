//! What of a text an answer can carry.

/// Whether XML 1.0 cannot carry a character at all, not even as a reference.
pub(crate) fn is_unwritable(c: char) -> bool {
    matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}')
}
