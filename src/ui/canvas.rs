//! Where bars are drawn. indicatif counts the lines that it has drawn and goes up by them; in a terminal that changed its
//! width meanwhile they have become more or fewer rows, so that copies of bars would stay, or text above them would go.

use crate::ui::style;
use indicatif::TermLike;
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::sync::{Mutex, PoisonError};

/// Columns and rows where the terminal does not tell them.
const USUAL: (usize, usize) = (80, 24);

/// Standard output, on which one drawing replaces the other.
#[derive(Debug, Default)]
pub(super) struct Canvas(Mutex<Drawing>);

#[derive(Debug, Default)]
struct Drawing {
    /// Columns that the last drawing took, all its rows together: indicatif fills each row with blanks, and a terminal
    /// that has another width lays them out anew as one long line.
    columns: usize,
    next: String,
}

impl Drawing {
    /// The next drawing in place of the last one, in a terminal that has so many columns now. Where a terminal cuts lines
    /// instead of laying them out anew, as xterm does, some text above is lost with them.
    fn replace(&mut self, width: usize) -> String {
        let next = std::mem::take(&mut self.next);
        let rows = self.columns.div_ceil(width.max(1));
        self.columns = console::measure_text_width(&next);
        let mut out = String::new();
        if rows > 0 {
            if rows > 1 {
                let _ = write!(out, "\u{1b}[{}A", rows - 1);
            }
            out += "\r\u{1b}[J";
        }
        out + &next
    }
}

impl Canvas {
    fn add(&self, text: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).next += text;
    }
}

impl TermLike for Canvas {
    fn width(&self) -> u16 {
        u16::try_from(style::columns().unwrap_or(USUAL.0)).unwrap_or(u16::MAX)
    }

    fn height(&self) -> u16 {
        u16::try_from(style::rows().unwrap_or(USUAL.1)).unwrap_or(u16::MAX)
    }

    // The whole drawing is taken away when the next one comes, so that these moves are not needed.
    fn move_cursor_up(&self, _rows: usize) -> io::Result<()> {
        Ok(())
    }

    fn move_cursor_down(&self, _rows: usize) -> io::Result<()> {
        Ok(())
    }

    fn move_cursor_right(&self, _columns: usize) -> io::Result<()> {
        Ok(())
    }

    fn move_cursor_left(&self, _columns: usize) -> io::Result<()> {
        Ok(())
    }

    fn clear_line(&self) -> io::Result<()> {
        Ok(())
    }

    fn write_line(&self, text: &str) -> io::Result<()> {
        self.add(text);
        Ok(())
    }

    fn write_str(&self, text: &str) -> io::Result<()> {
        self.add(text);
        Ok(())
    }

    fn flush(&self) -> io::Result<()> {
        let out = self.0.lock().unwrap_or_else(PoisonError::into_inner).replace(usize::from(self.width()));
        let mut stdout = io::stdout().lock();
        stdout.write_all(out.as_bytes())?;
        stdout.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drawing_is_taken_away_at_every_width() {
        let mut drawing = Drawing::default();
        let two_rows = format!("{:80}\u{1b}[32m{:80}\u{1b}[0m", "cache", "database");
        drawing.next.clone_from(&two_rows);
        assert_eq!(drawing.replace(80), two_rows, "nothing was there");
        // The same two rows of 80 columns: laid out anew they are one of 160, three of 60.
        for (width, up) in
            [(80, "\u{1b}[1A"), (160, ""), (60, "\u{1b}[2A"), (159, "\u{1b}[1A"), (1, "\u{1b}[159A")]
        {
            let mut drawing = Drawing { columns: 160, next: "x".into() };
            assert_eq!(drawing.replace(width), format!("{up}\r\u{1b}[Jx"), "{width}");
            assert_eq!(drawing.replace(width), "\r\u{1b}[J", "and nothing stays");
            assert_eq!(drawing.replace(width), "");
        }
    }
}
