//! The one door for text that is not ours: what cannot be seen, or steers a terminal, is written out.

use std::borrow::Cow;
use std::ops::RangeInclusive;

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
    if c.is_ascii() {
        return c == ' ' || c.is_ascii_graphic();
    }
    // Behind a letter, a mark is not escaped.
    let behind_a_letter = String::from_iter(['a', c]);
    behind_a_letter.escape_debug().nth(2).is_none() && !INVISIBLE.iter().any(|range| range.contains(&c))
}

/// Text with everything written out that cannot be seen. Lines stay lines, and every wide or unbreakable blank becomes a
/// blank.
pub fn visible(text: &str) -> Cow<'_, str> {
    if text.chars().all(|c| c == '\n' || is_visible(c)) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\n' => out.push(c),
            '\r' if rest.peek() == Some(&'\n') => {}
            '\t' => out.push_str("    "),
            c if is_visible(c) => out.push(c),
            c if c.is_whitespace() && !c.is_control() && !matches!(c, '\u{2028}' | '\u{2029}') => {
                out.push(' ');
            }
            c => out.extend(c.escape_default()),
        }
    }
    Cow::Owned(out)
}

/// The same as one line of at most so many characters.
pub fn one_line(text: &str, most: usize) -> String {
    let start: String = text.chars().take(most).collect();
    let cut = if start.len() < text.len() { "…" } else { "" };
    visible(&start).replace('\n', " ") + cut
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_a_terminal_or_hides_is_written_out() {
        for (text, wanted) in [
            ("\u{1b}]52;c;aWQ=\u{7}", r"\u{1b}]52;c;aWQ=\u{7}"),
            ("a\u{9b}31m\u{7f}\r\u{8}", r"a\u{9b}31m\u{7f}\r\u{8}"),
            ("\u{202e}\u{2066}\u{200b}\u{feff}\u{2028}", r"\u{202e}\u{2066}\u{200b}\u{feff}\u{2028}"),
            ("two\r\nlines\tand\u{a0}blanks", "two\nlines    and blanks"),
            ("Jürgen, 名前, e\u{301}, → ✓ █", "Jürgen, 名前, e\u{301}, → ✓ █"),
        ] {
            assert_eq!(visible(text), wanted);
            assert_eq!(visible(wanted), wanted, "shown again it stays the same");
        }
    }

    #[test]
    fn one_line_is_one_line_and_cut() {
        assert_eq!(one_line("a\nnext: rm\r", 100), r"a next: rm\r");
        assert_eq!(one_line(&"x".repeat(10_000_000), 3), "xxx…");
    }
}
