//! Questions. Esc, Ctrl-C and Ctrl-D always mean: nothing was answered. No prompt takes a default that costs money.

use crate::error::{CommandError, Kind};
use crate::ui::style::{Paint, Style};
use crate::ui::{Terminal, door, tty};
use inquire::InquireError;
use inquire::ui::{Color, RenderConfig, StyleSheet, Styled};
use std::fmt;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

/// Between two looks at signals while somebody thinks.
const LOOK: Duration = Duration::from_millis(100);

/// Nobody answered: Esc, Ctrl-C, Ctrl-D, or the terminal went away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unanswered;

/// One thing to choose.
#[derive(Debug, Clone)]
pub(crate) struct Item<T> {
    /// The letter that picks it.
    pub(crate) key: char,
    /// What it says.
    pub(crate) label: String,
    /// What it means.
    pub(crate) value: T,
}

impl<T> Item<T> {
    /// An item.
    pub(crate) fn new(key: char, label: impl Into<String>, value: T) -> Self {
        Self { key, label: label.into(), value }
    }
}

impl<T> fmt::Display for Item<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}  {}", self.key, self.label)
    }
}

impl Terminal {
    /// Asks to choose one. `start` is where the cursor stands first; none means that Enter alone chooses nothing in
    /// plain mode, and the first item otherwise.
    pub(crate) fn choose<T>(
        &self,
        question: &str,
        items: Vec<Item<T>>,
        start: Option<usize>,
    ) -> Result<T, Unanswered> {
        if self.style().plain {
            self.forget_typed();
            return self.choose_plain(question, items, start);
        }
        loop {
            let (index, typed) = self.pick(question, &items, start)?;
            let typed = typed.trim();
            if typed.is_empty() || items.iter().any(|item| score(typed, item.key, &item.label).is_some()) {
                return items.into_iter().nth(index).map(|item| item.value).ok_or(Unanswered);
            }
            self.say(&format!("'{typed}' is none of these."));
        }
    }

    /// The place of what was picked, and what was typed.
    fn pick<T>(
        &self,
        question: &str,
        items: &[Item<T>],
        start: Option<usize>,
    ) -> Result<(usize, String), Unanswered> {
        self.forget_typed();
        let labels: Vec<Item<usize>> = items
            .iter()
            .enumerate()
            .map(|(index, item)| Item::new(item.key, door::one_line(&self.style.fit(&item.label)), index))
            .collect();
        let length = labels.len();
        let names: Vec<(char, String)> = labels.iter().map(|item| (item.key, item.label.clone())).collect();
        // The answer stays beside its question, on one line.
        let room = self.style().width.saturating_sub(unicode_width::UnicodeWidthStr::width(question) + 4);
        let (question, config) = (door::one_line(question), render(&self.style));
        self.ask(move || {
            let typed = std::cell::RefCell::new(String::new());
            let any = |input: &str| names.iter().any(|(key, label)| score(input, *key, label).is_some());
            let fits = |input: &str, item: &Item<usize>| {
                input.clone_into(&mut typed.borrow_mut());
                // What fits nothing leaves all of it in sight: an empty list would say nothing to who mistyped.
                if any(input) { score(input, item.key, &item.label) } else { Some(0) }
            };
            let picked = inquire::Select::new(&question, labels)
                .with_render_config(config)
                .with_help_message("arrows, a letter or a word, then Enter; Esc quits")
                .with_page_size(length.clamp(3, 15))
                .with_starting_cursor(start.unwrap_or(0))
                .with_formatter(&|picked| {
                    // Beside what fits nothing, an entry would look chosen.
                    let typed = typed.borrow();
                    let chosen = any(&typed);
                    crate::ui::text::clip(if chosen { &picked.value.label } else { &typed }, room)
                })
                .with_scorer(&|input, item: &Item<usize>, _, _| fits(input, item))
                .prompt();
            picked.map(|item| (item.value, typed.take()))
        })
    }

    fn forget_typed(&self) {
        if self.is_interactive() && !self.interrupt.is_set() {
            crate::ui::keys::forget_typed();
        }
    }

    fn choose_plain<T>(
        &self,
        question: &str,
        items: Vec<Item<T>>,
        start: Option<usize>,
    ) -> Result<T, Unanswered> {
        loop {
            self.say(question);
            for item in &items {
                self.say(&format!("  {item}"));
            }
            let usual = start.and_then(|index| items.get(index)).map(|item| item.key);
            let hint = usual.map(|key| format!(" (Enter alone: {key})")).unwrap_or_default();
            let input = self.read_line(&format!("Type a letter or a word, then Enter{hint}: "))?;
            let input = input.trim();
            if input.is_empty() {
                if let Some(index) = start {
                    return items.into_iter().nth(index).map(|item| item.value).ok_or(Unanswered);
                }
                self.say("Nothing was chosen.");
                continue;
            }
            let best = (0..items.len())
                .filter_map(|index| Some((score(input, items[index].key, &items[index].label)?, index)))
                .max_by_key(|(score, index)| (*score, std::cmp::Reverse(*index)));
            match best {
                // A word from the middle may be meant for another: there is no cursor here that would show it.
                Some((score, index)) if score < BEGINNING => {
                    self.say(&format!("Do you mean '{}'? Then type its letter.", items[index]));
                }
                Some((_, index)) => {
                    return items.into_iter().nth(index).map(|item| item.value).ok_or(Unanswered);
                }
                None => self.say(&format!("'{input}' is none of these.")),
            }
        }
    }

    /// Asks for exactly one word before something is deleted.
    pub(crate) fn confirm_word(&self, question: &str, wanted: &str) -> Result<(), CommandError> {
        let word = wanted.to_owned();
        let check = move |text: &str| {
            if text == word { Ok(()) } else { Err(format!("type {word} to delete, or press Esc to leave")) }
        };
        match self.line(question, "Esc or Ctrl-C: delete nothing", None, check) {
            Ok(_) => Ok(()),
            Err(Unanswered) => {
                Err(CommandError::new(Kind::Interrupted, "stopped by you").means("Nothing was deleted."))
            }
        }
    }

    /// Asks yes or no; Enter alone means no.
    pub(crate) fn confirm(&self, question: &str) -> Result<bool, Unanswered> {
        self.forget_typed();
        if self.style().plain {
            loop {
                match self.read_line(&format!("{question} (y/N) "))?.trim().to_lowercase().as_str() {
                    "" | "n" | "no" => return Ok(false),
                    "y" | "yes" => return Ok(true),
                    other => self.say(&format!("'{other}' is neither yes nor no.")),
                }
            }
        }
        let (question, config) = (door::one_line(question), render(&self.style));
        self.ask(move || {
            inquire::Confirm::new(&question).with_default(false).with_render_config(config).prompt()
        })
    }

    /// Asks for text, checked by `check`, whose error is shown.
    pub(crate) fn line(
        &self,
        question: &str,
        help: &str,
        preset: Option<&str>,
        check: impl Fn(&str) -> Result<(), String> + Clone + Send + 'static,
    ) -> Result<String, Unanswered> {
        self.forget_typed();
        if self.style().plain {
            loop {
                if !help.is_empty() {
                    self.say(help);
                }
                let hint = preset.map(|p| format!(" (Enter alone: {p})")).unwrap_or_default();
                let typed = self.read_line(&format!("{question}{hint} "))?;
                let value = if typed.trim().is_empty() { preset.unwrap_or("") } else { typed.trim() };
                match check(value) {
                    Ok(()) => return Ok(value.to_owned()),
                    Err(why) => self.say(&why),
                }
            }
        }
        let (question, help) = (door::one_line(question), door::one_line(help));
        let preset = preset.map(door::one_line);
        let config = render(&self.style);
        self.ask(move || {
            let validator = move |text: &str| {
                Ok(match check(text.trim()) {
                    Ok(()) => inquire::validator::Validation::Valid,
                    Err(why) => inquire::validator::Validation::Invalid(door::one_line(&why).into()),
                })
            };
            let mut prompt =
                inquire::Text::new(&question).with_render_config(config).with_validator(validator);
            if !help.is_empty() {
                prompt = prompt.with_help_message(&help);
            }
            if let Some(preset) = &preset {
                prompt = prompt.with_initial_value(preset);
            }
            prompt.prompt().map(|text| text.trim().to_owned())
        })
    }

    /// Runs a prompt on a thread of its own, because nothing can end it once its terminal is gone: its reads then
    /// return at once, for ever. Whoever waits for it looks at signals and at the terminal meanwhile.
    fn ask<T: Send + 'static>(
        &self,
        prompt: impl FnOnce() -> Result<T, InquireError> + Send + 'static,
    ) -> Result<T, Unanswered> {
        self.called();
        if self.interrupt.is_set() || !self.is_interactive() {
            return Err(Unanswered);
        }
        tty::prompting(true);
        let answered = self.wait_for(prompt);
        tty::prompting(false);
        answered
    }

    fn wait_for<T: Send + 'static>(
        &self,
        prompt: impl FnOnce() -> Result<T, InquireError> + Send + 'static,
    ) -> Result<T, Unanswered> {
        let (sender, answer) = channel();
        let thread = std::thread::Builder::new().name("prompt".into());
        thread.spawn(move || sender.send(prompt())).map_err(|_| Unanswered)?;
        tokio::task::block_in_place(|| {
            loop {
                match answer.recv_timeout(LOOK) {
                    Ok(Ok(value)) => return Ok(value),
                    Err(RecvTimeoutError::Timeout) if !self.interrupt.is_set() && !hung_up() => {}
                    Err(RecvTimeoutError::Timeout) => {
                        // The prompt is left where it is; the terminal must not be.
                        tty::restore();
                        crate::ui::raw("\r\n\u{1b}[J");
                        return Err(Unanswered);
                    }
                    Ok(Err(_)) | Err(RecvTimeoutError::Disconnected) => {
                        // What is left of the question must not be mixed up with what is said next.
                        crate::ui::raw("\r\u{1b}[J");
                        return Err(Unanswered);
                    }
                }
            }
        })
    }

    /// Reads a line in the terminal's own line mode. Ends without an answer at the end of input or on Ctrl-C.
    fn read_line(&self, question: &str) -> Result<String, Unanswered> {
        if self.interrupt.is_set() || !self.is_interactive() {
            return Err(Unanswered);
        }
        let ask = || crate::ui::raw(&door::one_line(&self.style.paint(Paint::Command, question)));
        ask();
        let mut returns = tty::returns();
        tokio::task::block_in_place(|| {
            let stdin = std::io::stdin();
            let pause =
                rustix::event::Timespec::try_from(Duration::from_millis(100)).map_err(|_| Unanswered)?;
            loop {
                // Looked at in between, because a signal alone does not end a read.
                if self.interrupt.is_set() {
                    return Err(Unanswered);
                }
                if tty::returns() != returns {
                    returns = tty::returns();
                    ask();
                }
                let mut fds = [rustix::event::PollFd::new(&stdin, rustix::event::PollFlags::IN)];
                match rustix::event::poll(&mut fds, Some(&pause)) {
                    Ok(0) | Err(rustix::io::Errno::INTR) => continue,
                    Ok(_) => {}
                    Err(_) => return Err(Unanswered),
                }
                // Not through a buffer: lines that were pasted together must not answer later questions.
                let mut line = [0; 4096];
                return match rustix::io::read(&stdin, &mut line) {
                    Ok(n @ 1..) => Ok(String::from_utf8_lossy(&line[..n]).into_owned()),
                    _ => Err(Unanswered),
                };
            }
        })
    }
}

/// Whether the terminal has gone away without a word.
fn hung_up() -> bool {
    use rustix::event::{PollFd, PollFlags, poll};
    let stdin = std::io::stdin();
    let mut fds = [PollFd::new(&stdin, PollFlags::empty())];
    let now = rustix::event::Timespec { tv_sec: 0, tv_nsec: 0 };
    poll(&mut fds, Some(&now)).is_ok_and(|n| n > 0)
        && fds[0].revents().intersects(PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL)
}

/// How well the beginning of a label fits.
const BEGINNING: i64 = 50;

/// How well typed text fits an item: its letter, then the start of its label, then the start of a word in it.
fn score(input: &str, key: char, label: &str) -> Option<i64> {
    let input = input.trim().to_lowercase();
    let label = label.to_lowercase();
    let mut letters = input.chars();
    if input.is_empty() {
        return Some(0);
    }
    if let (Some(letter), None) = (letters.next(), letters.next()) {
        return (letter == key.to_ascii_lowercase()).then_some(100);
    }
    if label.starts_with(&input) {
        return Some(BEGINNING);
    }
    let starts_word = |at: usize| !label[..at].chars().next_back().is_some_and(char::is_alphanumeric);
    label.match_indices(&input).any(|(at, _)| starts_word(at)).then_some(10)
}

fn render(style: &Style) -> RenderConfig<'static> {
    let mut config = if style.color { RenderConfig::default_colored() } else { RenderConfig::empty() };
    let pointer = if style.unicode { "›" } else { ">" };
    config.prompt_prefix = Styled::new("?");
    config.answered_prompt_prefix = Styled::new(pointer);
    config.highlighted_option_prefix = Styled::new(pointer);
    if style.color {
        config.prompt_prefix = config.prompt_prefix.with_fg(Color::LightCyan);
        config.answered_prompt_prefix = config.answered_prompt_prefix.with_fg(Color::DarkGreen);
        config.highlighted_option_prefix = config.highlighted_option_prefix.with_fg(Color::LightCyan);
        config.help_message = StyleSheet::new().with_fg(Color::DarkGrey);
    }
    config
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_pick_by_key_and_words_by_label() {
        assert_eq!(score("r", 'r', "Run this step"), Some(100));
        assert_eq!(score("R", 'r', "Run this step"), Some(100));
        assert_eq!(score("s", 'q', "Quit and resume later"), None);
        assert!(score("run", 'r', "Run this step") > score("step", 'r', "Run this step"));
        assert_eq!(score("nonsense", 'r', "Run this step"), None);
        assert_eq!(score("is", 'r', "Run this step"), None, "the middle of a word means nothing");
        assert!(score("this step", 'r', "Run this step") < Some(BEGINNING));
        assert_eq!(score("", 'r', "Run this step"), Some(0));
    }
}
