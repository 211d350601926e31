//! One place decides about colour, characters and width.

use crate::ui::door;
use rustix::termios::{Winsize, tcgetwinsize};
use std::borrow::Cow;
use std::io::IsTerminal as _;

/// Narrowest and widest layout.
const NARROWEST: usize = 60;
const WIDEST: usize = 200;
/// Width where nobody tells.
const USUAL: usize = 80;

/// What the program finds around it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Surroundings {
    /// Standard input is a terminal.
    pub(crate) stdin: bool,
    /// Standard output is a terminal.
    pub(crate) stdout: bool,
    /// Standard error is a terminal: prompts are drawn there.
    pub(crate) stderr: bool,
    /// The terminal's columns.
    pub(crate) columns: Option<usize>,
    /// Variables that decide.
    pub(crate) no_color: bool,
    /// `CLICOLOR=0`
    pub(crate) clicolor_off: bool,
    /// No terminal that knows escapes: `TERM` is `dumb`, `unknown` or not set at all.
    pub(crate) dumb: bool,
    /// `ACCESSIBLE` asks for what a screen reader can follow.
    pub(crate) accessible: bool,
    /// The locale's characters are UTF-8.
    pub(crate) utf8: bool,
}

/// The columns of the terminal on standard output, where there is one.
pub(crate) fn columns() -> Option<usize> {
    size(|size| size.ws_col)
}

/// Its rows.
pub(super) fn rows() -> Option<usize> {
    size(|size| size.ws_row)
}

/// A terminal that does not know its size says 0.
fn size(of: impl Fn(Winsize) -> u16) -> Option<usize> {
    tcgetwinsize(std::io::stdout()).ok().map(|size| usize::from(of(size))).filter(|size| *size > 0)
}

impl Surroundings {
    /// Looks around.
    pub(crate) fn look() -> Self {
        let text = |name: &str| std::env::var(name).ok().filter(|v| !v.is_empty());
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(text).unwrap_or_default();
        let locale = locale.to_ascii_lowercase();
        Self {
            stdin: std::io::stdin().is_terminal(),
            stdout: std::io::stdout().is_terminal(),
            stderr: std::io::stderr().is_terminal(),
            columns: columns(),
            no_color: text("NO_COLOR").is_some(),
            clicolor_off: text("CLICOLOR").as_deref() == Some("0"),
            dumb: text("TERM").is_none_or(|term| ["dumb", "unknown"].contains(&term.as_str())),
            accessible: text("ACCESSIBLE").is_some_and(|value| value != "0" && value != "false"),
            utf8: locale.contains("utf-8") || locale.contains("utf8"),
        }
    }
}

/// How things are drawn.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Style {
    /// Colours and weights.
    pub(crate) color: bool,
    /// Characters beyond ASCII.
    pub(crate) unicode: bool,
    /// Plain lines: no box drawing, no moving bars, no menus that redraw themselves.
    pub(crate) plain: bool,
    /// Moving bars.
    pub(crate) bars: bool,
    /// Somebody can answer.
    pub(crate) interactive: bool,
    /// Columns.
    pub(crate) width: usize,
    /// The terminal is narrower than any layout.
    pub(crate) narrow: bool,
}

/// What a piece of text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Paint {
    /// A heading.
    Heading,
    /// It worked.
    Good,
    /// Look out.
    Warning,
    /// It failed.
    Bad,
    /// Beside the point.
    Faint,
    /// Something to type.
    Command,
    /// Words that matter.
    Strong,
    /// The heading of a part of the prose.
    Section,
    /// What comes next.
    Next,
}

impl Style {
    /// Decides.
    pub(crate) fn decide(asked_plain: bool, around: &Surroundings) -> Self {
        let narrow = around.stdout && around.columns.is_some_and(|columns| columns < NARROWEST);
        let plain = asked_plain || around.dumb || around.accessible || narrow;
        Self {
            color: around.stdout && !plain && !around.no_color && !around.clicolor_off,
            unicode: around.utf8,
            plain,
            bars: around.stdout && !plain,
            interactive: around.stdin && around.stdout && around.stderr,
            width: if narrow {
                around.columns.unwrap_or(NARROWEST).max(20)
            } else {
                around.columns.unwrap_or(USUAL).clamp(NARROWEST, WIDEST)
            },
            narrow,
        }
    }

    /// The same in a terminal that has these columns now.
    #[must_use]
    pub(crate) fn resized(self, columns: Option<usize>) -> Self {
        let Some(columns) = columns else { return self };
        let narrow = columns < NARROWEST;
        let width = if narrow { columns.max(20) } else { columns.min(WIDEST) };
        Self { width, narrow, plain: self.plain || narrow, bars: self.bars && !narrow, ..self }
    }

    /// Paints text.
    pub(crate) fn paint(&self, paint: Paint, text: &str) -> String {
        if !self.color {
            return text.to_owned();
        }
        let code = match paint {
            Paint::Heading => "1;36",
            Paint::Section => "96",
            Paint::Good => "32",
            Paint::Warning => "33",
            Paint::Bad => "1;31",
            Paint::Faint => "2",
            Paint::Command | Paint::Strong => "1",
            Paint::Next => "36",
        };
        door::painted(code, text)
    }

    /// Text in the characters that the terminal has.
    pub(crate) fn fit<'a>(&self, text: &'a str) -> Cow<'a, str> {
        if self.unicode || text.is_ascii() {
            return Cow::Borrowed(text);
        }
        let mut out = String::with_capacity(text.len());
        for c in text.chars() {
            match c {
                '╎' => out.push(':'),
                '─' | '━' | '═' | '–' | '—' | '‐' | '‑' => out.push('-'),
                '│' | '┃' | '║' => out.push('|'),
                '┌' | '┐' | '└' | '┘' | '├' | '┤' | '┬' | '┴' | '┼' | '╭' | '╮' | '╰' | '╯' =>
                {
                    out.push('+');
                }
                '►' | '▶' => out.push('>'),
                '◄' | '◀' => out.push('<'),
                '▲' => out.push('^'),
                '▼' => out.push('v'),
                '·' | '•' => out.push('*'),
                '…' => out.push_str("..."),
                '→' => out.push_str("->"),
                '✓' => out.push_str("ok"),
                '✗' | '×' => out.push('x'),
                '█' | '▓' => out.push('#'),
                '░' | '╌' => out.push('.'),
                '‘' | '’' => out.push('\''),
                '“' | '”' => out.push('"'),
                c if c.is_ascii() => out.push(c),
                _ => out.push('?'),
            }
        }
        Cow::Owned(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terminal() -> Surroundings {
        Surroundings {
            stdin: true,
            stdout: true,
            stderr: true,
            columns: Some(100),
            utf8: true,
            ..Surroundings::default()
        }
    }

    #[test]
    fn colour_needs_a_terminal_and_nobody_who_minds() {
        assert!(Style::decide(false, &terminal()).color);
        assert!(!Style::decide(true, &terminal()).color);
        for around in [
            Surroundings { no_color: true, ..terminal() },
            Surroundings { clicolor_off: true, ..terminal() },
            Surroundings { dumb: true, ..terminal() },
            Surroundings { stdout: false, ..terminal() },
        ] {
            assert!(!Style::decide(false, &around).color, "{around:?}");
        }
    }

    #[test]
    fn no_color_keeps_bars_and_dumb_does_not() {
        assert!(Style::decide(false, &Surroundings { no_color: true, ..terminal() }).bars);
        let dumb = Style::decide(false, &Surroundings { dumb: true, ..terminal() });
        assert!(dumb.plain && !dumb.bars && dumb.interactive);
    }

    #[test]
    fn width_is_bounded_and_narrow_terminals_get_plain_lines() {
        let width = |columns| Style::decide(false, &Surroundings { columns, ..terminal() });
        assert_eq!(width(Some(100)).width, 100);
        assert_eq!(width(Some(500)).width, 200);
        assert_eq!(width(None).width, 80);
        let narrow = width(Some(40));
        assert!(narrow.narrow && narrow.plain && narrow.width == 40);
    }

    #[test]
    fn a_terminal_that_changes_its_size_is_followed() {
        let style = Style::decide(false, &terminal());
        assert_eq!(style.resized(Some(70)).width, 70);
        assert!(style.resized(Some(50)).plain && !style.resized(Some(50)).bars);
        assert_eq!(style.resized(Some(50)).resized(Some(120)).width, 120);
        assert_eq!(style.resized(None), style);
    }

    #[test]
    fn a_pipe_is_nobody_to_ask() {
        assert!(!Style::decide(false, &Surroundings { stdin: false, ..terminal() }).interactive);
    }

    #[test]
    fn text_fits_a_terminal_without_unicode() {
        let style = Style { unicode: false, ..Style::default() };
        assert_eq!(style.fit("── a → b … ✓"), "-- a -> b ... ok");
        assert!(style.fit("┌─┐ é").is_ascii());
    }
}
