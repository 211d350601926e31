//! Words for times and sums, wrapping, and Markdown in the terminal.

use crate::ui::style::Style;
use jiff::Timestamp;
use std::time::Duration;
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// A time span as `0:07`, `12:30` or `1:02:03`.
pub(crate) fn clock(time: Duration) -> String {
    let seconds = time.as_secs();
    let (h, m, s) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if h > 0 { format!("{h}:{m:02}:{s:02}") } else { format!("{m}:{s:02}") }
}

/// A time span in words: `7 s`, `4 min`, `3 h 5 min`, `2 days`.
pub(crate) fn span(seconds: f64) -> String {
    let seconds = seconds.max(0.0);
    if seconds < 0.95 {
        return format!("{seconds:.1} s");
    }
    let whole = seconds.round() as u64;
    match whole {
        0..=119 => format!("{whole} s"),
        120..=7199 => format!("{} min", whole / 60),
        7200..=172_799 => format!("{} h {} min", whole / 3600, whole / 60 % 60),
        _ => format!("{} days", whole / 86_400),
    }
}

/// A time span since a moment.
pub(crate) fn since(then: Timestamp, now: Timestamp) -> String {
    span(now.duration_since(then).as_secs_f64())
}

/// How long something goes on, for a heading: tenths of a second are nobody's business there.
pub(crate) fn so_far(seconds: f64) -> String {
    if seconds < 1.0 { "Just begun".to_owned() } else { format!("{} since the start", span(seconds.floor())) }
}

/// A moment as the clock on this machine's wall shows it.
pub(crate) fn moment(at: Timestamp) -> String {
    at.to_zoned(jiff::tz::TimeZone::system()).strftime("%H:%M:%S").to_string()
}

/// A sum of dollars; small ones with enough digits to be more than nothing.
pub(crate) fn dollars(sum: f64) -> String {
    if sum == 0.0 {
        "$0".to_owned()
    } else if sum < 0.00005 {
        "under $0.0001".to_owned()
    } else if sum < 0.10 {
        format!("${sum:.4}")
    } else {
        format!("${sum:.2}")
    }
}

/// Cuts text to a number of columns; what is missing shows as an ellipsis.
pub(crate) fn clip(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut used = 0;
    for c in text.chars() {
        let columns = c.width().unwrap_or(0);
        if used + columns + 1 > width {
            break;
        }
        used += columns;
        out.push(c);
    }
    out + "…"
}

/// Text cut or filled up to exactly this many columns.
pub(crate) fn column(text: &str, width: usize) -> String {
    let text = clip(text, width);
    let missing = width.saturating_sub(text.width());
    text + &" ".repeat(missing)
}

/// Wraps one paragraph; lines after the first get the indent.
pub(crate) fn wrap(text: &str, width: usize, indent: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut used = 0;
    for word in text.split_whitespace() {
        let columns = word.width();
        if used > 0 && used + 1 + columns > width {
            lines.push(indent.to_owned());
            used = indent.width();
        } else if let Some(line) = lines.last_mut()
            && !line.trim().is_empty()
        {
            line.push(' ');
            used += 1;
        }
        if let Some(line) = lines.last_mut() {
            line.push_str(word);
        }
        used += columns;
    }
    lines
}

/// Markdown as lines for the terminal.
pub(crate) fn markdown(style: &Style, text: &str) -> String {
    if style.color {
        return skin().text(text, Some(style.width)).to_string();
    }
    plain_markdown(text, style.width)
}

fn skin() -> termimad::MadSkin {
    use termimad::crossterm::style::Color;
    let mut skin = termimad::MadSkin::default();
    skin.set_headers_fg(Color::Cyan);
    for header in &mut skin.headers {
        header.align = termimad::Alignment::Left;
        header.compound_style.remove_attr(termimad::crossterm::style::Attribute::Underlined);
    }
    skin.bold.set_fg(Color::Reset);
    skin.inline_code = termimad::CompoundStyle::with_attr(termimad::crossterm::style::Attribute::Bold);
    skin.code_block.compound_style =
        termimad::CompoundStyle::with_attr(termimad::crossterm::style::Attribute::Bold);
    skin
}

/// Markdown without its marks: what a screen reader or a log wants.
fn plain_markdown(text: &str, width: usize) -> String {
    let mut out = Vec::new();
    let mut paragraph = String::new();
    let mut code = false;
    let flush = |paragraph: &mut String, out: &mut Vec<String>| {
        if !paragraph.is_empty() {
            let marker = list_marker(paragraph);
            out.extend(wrap(paragraph, width, &" ".repeat(marker)));
            paragraph.clear();
        }
    };
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            flush(&mut paragraph, &mut out);
            code = !code;
        } else if code {
            out.push(format!("    {line}"));
        } else if line.trim().is_empty() {
            flush(&mut paragraph, &mut out);
            if out.last().is_some_and(|l| !l.is_empty()) {
                out.push(String::new());
            }
        } else if let Some(heading) = line.strip_prefix("## ") {
            flush(&mut paragraph, &mut out);
            out.push(format!("{heading}:"));
        } else {
            if list_marker(line.trim_start()) > 0 {
                flush(&mut paragraph, &mut out);
            }
            if !paragraph.is_empty() {
                paragraph.push(' ');
            }
            paragraph.push_str(&line.trim().replace("**", "").replace('`', ""));
        }
    }
    flush(&mut paragraph, &mut out);
    while out.last().is_some_and(String::is_empty) {
        out.pop();
    }
    out.join("\n")
}

/// The width of `- ` or `1. ` at the start of a line, or none.
fn list_marker(line: &str) -> usize {
    if line.starts_with("- ") {
        return 2;
    }
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    if digits > 0 && line[digits..].starts_with(". ") { digits + 2 } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_and_sums_are_short_and_never_nothing() {
        assert_eq!(clock(Duration::from_secs(3723)), "1:02:03");
        let spans =
            [(0.24, "0.2 s"), (7.0, "7 s"), (300.0, "5 min"), (11_100.0, "3 h 5 min"), (200_000.0, "2 days")];
        for (seconds, words) in spans {
            assert_eq!(span(seconds), words);
        }
        assert_eq!((so_far(0.04), so_far(1.9)), ("Just begun".to_owned(), "1 s since the start".to_owned()));
        assert_eq!((dollars(0.0012), dollars(0.000_01)), ("$0.0012".to_owned(), "under $0.0001".to_owned()));
        assert_eq!(dollars(1.5), "$1.50");
    }

    #[test]
    fn clipping_and_filling_count_columns() {
        assert_eq!(clip("abcdef", 4), "abc…");
        assert_eq!(column("ab", 4), "ab  ");
        assert_eq!(clip("日本語", 4), "日…");
    }

    #[test]
    fn plain_markdown_has_no_marks_and_keeps_lists() {
        let text = "## Why\n\nA **bold** word and `code`\nthat goes on.\n\n- one thing that is\n  long\n- two\n\n```\nx  y\n```\n";
        let wanted =
            "Why:\n\nA bold word and code\nthat goes on.\n\n- one thing that is\n  long\n- two\n\n    x  y";
        assert_eq!(plain_markdown(text, 20), wanted);
    }

    #[test]
    fn no_line_is_longer_than_the_width() {
        for width in [60, 80, 120] {
            let style = Style { width, ..Style::default() };
            let text = "word ".repeat(100) + "\n\n- " + &"item ".repeat(40);
            for line in markdown(&style, &text).lines() {
                assert!(line.width() <= width, "{line}");
            }
        }
    }
}
