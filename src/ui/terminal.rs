//! The terminal, or what stands for one: what prints, and how wide.

use crate::error::{CommandError, Kind};
use crate::ui::bars::Shown;
use crate::ui::canvas::Canvas;
use crate::ui::door;
use crate::ui::markdown::markdown;
use crate::ui::style::{self, Paint, Style, Surroundings};
use crate::ui::text;
use crate::ui::tty;
use indicatif::{MultiProgress, ProgressDrawTarget};
use recipe_walk_engine::interrupt::Interrupt;
use recipe_walk_engine::shell::Typed;
use recipe_walk_engine::shown::{one_line, visible};
use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// As often as indicatif draws by itself.
const DRAWINGS_PER_SECOND: u8 = 20;

/// Characters of a failure's message that are shown, and of a line of its meaning.
const LONGEST: usize = 1500;

/// The terminal, or what stands for one. Clones are the same terminal.
#[derive(Clone)]
pub(crate) struct Terminal {
    pub(super) style: Style,
    pub(super) bars: MultiProgress,
    shown: Arc<Mutex<Shown>>,
    pub(super) interrupt: Interrupt,
    /// Standard output belongs to another program's reading.
    aside: bool,
}

impl Terminal {
    /// Looks at the terminal.
    pub(crate) fn new(plain: bool, interrupt: Interrupt) -> Self {
        let style = Style::decide(plain, &Surroundings::look());
        let target = if style.bars {
            ProgressDrawTarget::term_like_with_hz(Box::new(Canvas::default()), DRAWINGS_PER_SECOND)
        } else {
            ProgressDrawTarget::hidden()
        };
        let terminal = Self {
            bars: MultiProgress::with_draw_target(target),
            shown: Arc::default(),
            style,
            interrupt,
            aside: false,
        };
        if terminal.style.narrow {
            terminal.warn("The terminal has fewer than 60 columns: going on in plain lines.");
        }
        terminal
    }

    /// The same terminal, with everything on standard error: standard output is for JSON.
    #[must_use]
    pub(crate) fn aside(&self) -> Self {
        Self { aside: true, style: Style { bars: false, ..self.style }, ..self.clone() }
    }

    /// How things are drawn now: the terminal may have changed its size.
    pub(crate) fn style(&self) -> Style {
        if self.aside { self.style } else { self.style.resized(style::columns()) }
    }

    /// Rings, where somebody is there to hear it.
    pub(crate) fn bell(&self) {
        if self.style.interactive {
            raw("\u{7}");
        }
    }

    /// Whether somebody can answer.
    pub(crate) fn is_interactive(&self) -> bool {
        // A program in the background would be stopped by its first question.
        self.style.interactive && tty::is_foreground()
    }

    /// Refuses to ask where nobody can answer; `next` is the command that asks nothing.
    pub(crate) fn must_answer(&self, next: impl Into<Typed>) -> Result<(), CommandError> {
        if self.is_interactive() {
            return Ok(());
        }
        let message = if self.style.interactive {
            "this would ask questions, and it does not have the terminal's foreground"
        } else {
            "this would ask questions, and there is no terminal to answer them"
        };
        Err(CommandError::new(Kind::NoTerminal, message)
            .means("Nothing was begun. With --yes nothing is asked.")
            .next(next))
    }

    /// Ends early after Ctrl-C, before anything was begun.
    pub(crate) fn check_interrupt(&self) -> Result<(), CommandError> {
        if self.interrupt.is_set() { Err(CommandError::nothing_begun()) } else { Ok(()) }
    }

    /// Ctrl-C.
    pub(crate) fn interrupt(&self) -> &Interrupt {
        &self.interrupt
    }

    /// The same for one of several that work side by side: what stops it stops none of the others.
    pub(crate) fn apart(&self) -> Self {
        Self { interrupt: self.interrupt.part(), ..self.clone() }
    }

    pub(super) fn shown(&self) -> MutexGuard<'_, Shown> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Prints one line on standard output: a line's end in it is shown, not obeyed.
    pub(crate) fn say(&self, text: &str) {
        self.lines(&door::unbroken(text));
    }

    /// Prints lines that were made here, and hold no line's end of anybody else. A reader that has gone away is no failure.
    pub(crate) fn lines(&self, text: &str) {
        self.bars.suspend(|| {
            let text = door::through(&self.style.fit(text));
            let _ = if self.aside {
                writeln!(std::io::stderr().lock(), "{text}")
            } else {
                writeln!(std::io::stdout().lock(), "{text}")
            };
        });
    }

    /// Prints an empty line.
    pub(crate) fn gap(&self) {
        self.say("");
    }

    /// Prints painted text.
    pub(crate) fn tell(&self, paint: Paint, text: &str) {
        self.say(&self.style.paint(paint, text));
    }

    /// Prints a command to be copied, a little further in. A line's end in it stands between quotes, and belongs there.
    pub(crate) fn command(&self, command: &Typed) {
        self.lines(&self.style.paint(Paint::Command, &format!("  {}", called(command))));
    }

    /// Prints a painted remark, wrapped between words and as far in as its first line.
    pub(crate) fn remark(&self, paint: Paint, text: &str) {
        let margin = &text[..text.len() - text.trim_start().len()];
        let lines = text::wrap(text, self.style().width.saturating_sub(margin.len()), "  ");
        self.lines(&self.style.paint(paint, &format!("{margin}{}", lines.join(&format!("\n{margin}")))));
    }

    /// Prints text wrapped at the width.
    pub(crate) fn prose(&self, text: &str) {
        self.lines(&text::wrap(text, self.style().width, "").join("\n"));
    }

    /// Prints Markdown.
    pub(crate) fn markdown(&self, text: &str) {
        self.lines(&markdown(&self.style(), text));
    }

    /// Prints a heading with a rule to the width.
    pub(crate) fn heading(&self, text: &str) {
        self.say("");
        if self.style().plain {
            self.say(text);
            return;
        }
        let used = unicode_width::UnicodeWidthStr::width(text) + 4;
        let width = self.style().width;
        if used > width {
            // A rule would break in the middle of the words.
            self.lines(&self.style.paint(Paint::Heading, &text::wrap(text, width, "   ").join("\n")));
            return;
        }
        let rule = "─".repeat(width - used);
        self.tell(Paint::Heading, &format!("── {text} {rule}"));
    }

    /// Prints text over what the last call printed; answers what to tell the next one. In plain lines nothing is printed
    /// over anything.
    pub(crate) fn redraw(&self, last: Drawn, text: &str) -> Drawn {
        let width = self.style().width;
        if self.style.bars && last.rows > 0 {
            // In another size, nobody knows how many rows the old text takes: some terminals break its lines anew. The
            // screen is cleared then; what has left it stays.
            raw(&if last.width == width {
                format!("\u{1b}[{}F\u{1b}[J", last.rows)
            } else {
                "\u{1b}[H\u{1b}[J".into()
            });
        }
        self.lines(text);
        Drawn { rows: text.lines().map(|line| console_rows(line, width)).sum(), width }
    }

    /// Prints a warning on standard error.
    pub(crate) fn warn(&self, text: &str) {
        let mut line = format!("warning: {text}");
        if self.style.interactive {
            line = text::wrap(&line, self.style().width, "  ").join("\n");
        } else {
            line = door::unbroken(&line).into_owned();
        }
        self.bars.suspend(|| {
            let _ = writeln!(std::io::stderr().lock(), "{}", door::through(&self.style.fit(&line)));
        });
    }

    /// Prints a failure on standard error.
    pub(crate) fn failure(&self, error: &CommandError) {
        self.finish_bars();
        // What a service says may be long; the log has all of it.
        let whole = one_line(&error.message, LONGEST);
        // A log keeps the message on one line, where it can be searched for.
        let message = if self.style.interactive {
            text::wrap(&whole, self.style().width.saturating_sub(7), "  ").join("\n")
        } else {
            whole
        };
        let mut out = format!("{} {message}\n", self.style.paint(Paint::Bad, "error:"));
        for line in &error.meaning {
            for piece in text::wrap(&one_line(line, LONGEST), self.style().width.saturating_sub(2), "") {
                let _ = writeln!(out, "  {piece}");
            }
        }
        for (index, command) in error.next.iter().enumerate() {
            let label = if index == 0 { "next:" } else { "  or:" };
            let _ = writeln!(out, "{label} {}", self.style.paint(Paint::Command, &called(command)));
        }
        self.bars.suspend(|| {
            let _ = write!(std::io::stderr().lock(), "{}", door::through(&self.style.fit(&out)));
        });
    }
}

/// What was drawn to be drawn over.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Drawn {
    rows: usize,
    width: usize,
}

/// How the person calls this program: by its name where the shell finds it, else as they did.
fn program() -> &'static str {
    static NAME: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    NAME.get_or_init(|| {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let found = std::env::split_paths(&path).any(|dir| dir.join("recipe-walk").is_file());
        // A name that is no text cannot be printed so that it can be typed.
        let called = std::env::args_os().next().and_then(|name| name.into_string().ok());
        let called = called.filter(|name| name.ends_with("recipe-walk"));
        called.filter(|_| !found).unwrap_or_else(|| "recipe-walk".to_owned())
    })
}

/// A command as the person can type it.
pub(crate) fn called(command: &Typed) -> String {
    command.called(program())
}

/// Lines of the screen.
pub(crate) fn rows() -> usize {
    rustix::termios::tcgetwinsize(std::io::stdout()).map_or(24, |size| usize::from(size.ws_row).max(1))
}

/// Rows that a line takes on the screen; colours take none.
fn console_rows(line: &str, width: usize) -> usize {
    let mut columns = 0;
    let mut colour = false;
    for c in line.chars() {
        match c {
            '\u{1b}' => colour = true,
            'm' if colour => colour = false,
            c if !colour => columns += unicode_width::UnicodeWidthChar::width(c).unwrap_or(0),
            _ => {}
        }
    }
    columns.div_ceil(width.max(1)).max(1)
}

/// Prints a text that another program reads or that is to be copied, with everything in it visible.
pub(crate) fn print(text: &str) {
    raw(&visible(text));
}

/// Prints text of ours, without any change.
pub(crate) fn raw(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// JSON in which nothing is invisible.
pub(crate) fn as_json(value: &impl serde::Serialize) -> String {
    door::json(&serde_json::to_string_pretty(value).unwrap_or_default())
}

/// Prints an object that another program reads, on one line.
pub(crate) fn json_line(value: &serde_json::Value) {
    raw(&(door::json(&value.to_string()) + "\n"));
}

/// Prints JSON that another program reads.
pub(crate) fn json(value: &impl serde::Serialize) {
    raw(&(as_json(value) + "\n"));
}

/// Prints a line on standard error for a program that stands for another one.
pub(crate) fn raw_error(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{}", visible(text));
}
