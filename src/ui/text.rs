//! Words for times and sums, and wrapping.

use jiff::Timestamp;
use recipe_walk_engine::amount::Amount;
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

/// A sum in words, also where a part of it has no price: `about $0.07`, `at least $0.05`.
pub(crate) fn about(sum: &Amount) -> String {
    match sum.known() {
        Some(known) => format!("about {}", dollars(known)),
        None if sum.dollars > 0.0 => format!("at least {}", dollars(sum.dollars)),
        None => "an unknown sum".to_owned(),
    }
}

/// The same for a table.
pub(crate) fn cell(sum: &Amount) -> String {
    match sum.known() {
        Some(known) => dollars(known),
        None if sum.dollars > 0.0 => format!("at least {}", dollars(sum.dollars)),
        None => "unknown".to_owned(),
    }
}

/// What of a sum has no price, as a sentence; none where all of it has one.
pub(crate) fn unpriced(sum: &Amount) -> Option<String> {
    let items: Vec<&str> = sum.unpriced.iter().map(String::as_str).collect();
    let what = if items.len() == 1 { "it costs" } else { "they cost" };
    let items = Some(items).filter(|items| !items.is_empty())?.join(", ");
    Some(format!("The price table has no price of {items}: nobody can tell what {what}."))
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
        let room = width.saturating_sub(indent.width()).max(2);
        if columns <= room || word.is_ascii() {
            if let Some(line) = lines.last_mut() {
                line.push_str(word);
            }
            used += columns;
            continue;
        }
        // Scripts without blanks between words are broken where the line ends; a path or a command never, it is to be pasted.
        for c in word.chars() {
            let columns = c.width().unwrap_or(0);
            if used + columns > width {
                lines.push(indent.to_owned());
                used = indent.width();
            }
            if let Some(line) = lines.last_mut() {
                line.push(c);
            }
            used += columns;
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_without_blanks_is_wrapped_and_a_path_is_not() {
        let lines = wrap(&"日本".repeat(100), 60, "  ");
        assert!(lines.len() > 6 && lines.iter().all(|line| line.width() <= 60), "{lines:?}");
        assert_eq!(lines.concat().replace(' ', ""), "日本".repeat(100));
        let path = "/tmp/".repeat(30);
        assert_eq!(wrap(&format!("see {path}"), 60, "  "), ["see".to_owned(), format!("  {path}")]);
    }

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
}
