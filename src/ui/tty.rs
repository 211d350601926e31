//! The one gate to the terminal's modes. Only who has its foreground changes them: anybody else would be stopped by the
//! kernel (SIGTTOU) until somebody notices. However the program ends or is stopped, they are given back from here.

use rustix::process::{Signal, getpgrp, getpid, kill_process};
use rustix::termios::{
    LocalModes, OptionalActions, QueueSelector, SpecialCodeIndex, Termios, tcflush, tcgetattr, tcgetpgrp,
    tcsetattr,
};
use std::io::stdin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The modes as they were before a change, while there is one.
static BEFORE: Mutex<Option<Termios>> = Mutex::new(None);
/// Whether a prompt is open, which has modes of its own.
static PROMPT: AtomicBool = AtomicBool::new(false);
/// How often the program was stopped and went on.
static RETURNS: AtomicUsize = AtomicUsize::new(0);

/// What a prompt or a bar may have switched on: pasting in brackets, a hidden cursor.
const USUAL: &str = "\u{1b}[?2004l\u{1b}[?25h";

fn before() -> MutexGuard<'static, Option<Termios>> {
    BEFORE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether the program may change the terminal: it is in the foreground, or the terminal controls no jobs of ours.
pub(crate) fn is_foreground() -> bool {
    tcgetpgrp(stdin()).map_or(true, |group| group == getpgrp())
}

/// Lets single keys be read, without Enter and without an echo; Ctrl-C stays a signal. Whether it could be done.
pub(crate) fn single_keys() -> bool {
    let mut before = before();
    let Some(usual) = before.clone().or_else(|| tcgetattr(stdin()).ok()) else { return false };
    let done = set_single(&usual);
    if done {
        *before = Some(usual);
    }
    done
}

fn set_single(usual: &Termios) -> bool {
    let mut single = usual.clone();
    single.local_modes.remove(LocalModes::ICANON | LocalModes::ECHO);
    // A read never waits: Ctrl-C empties the queue, also between a key that was seen and its reading.
    single.special_codes[SpecialCodeIndex::VMIN] = 0;
    single.special_codes[SpecialCodeIndex::VTIME] = 0;
    is_foreground() && tcsetattr(stdin(), OptionalActions::Now, &single).is_ok()
}

/// Ends what [`single_keys`] began.
pub(crate) fn usual_keys() {
    if let Some(usual) = before().take()
        && is_foreground()
    {
        forget_input();
        let _ = tcsetattr(stdin(), OptionalActions::Now, &usual);
    }
}

/// Forgets what was typed and not read.
pub(crate) fn forget_input() {
    if is_foreground() {
        let _ = tcflush(stdin(), QueueSelector::IFlush);
    }
}

/// Says that a prompt is open, or no longer.
pub(crate) fn prompting(open: bool) {
    PROMPT.store(open, Ordering::SeqCst);
}

/// How often the program was stopped and went on: a question that was open then is asked anew.
pub(crate) fn returns() -> usize {
    RETURNS.load(Ordering::SeqCst)
}

/// Gives the terminal back as it was found, wherever the program is: at its end, in a panic, before it is stopped.
pub(crate) fn restore() {
    give_back();
    *before() = None;
    PROMPT.store(false, Ordering::SeqCst);
}

fn give_back() {
    if !is_foreground() {
        return;
    }
    if PROMPT.load(Ordering::SeqCst) {
        let _ = crossterm::terminal::disable_raw_mode();
        super::raw(USUAL);
    }
    // A panic may have come while the lock was held.
    let Ok(before) = BEFORE.try_lock() else { return };
    if let Some(usual) = &*before {
        let _ = tcsetattr(stdin(), OptionalActions::Now, usual);
    }
}

/// Stops the program as Ctrl-Z means it, with the terminal as it was found; returns once it goes on, in the modes that it
/// had.
pub(crate) fn stop() {
    give_back();
    let _ = kill_process(getpid(), Signal::STOP);
    if PROMPT.load(Ordering::SeqCst) && is_foreground() {
        let _ = crossterm::terminal::enable_raw_mode();
    }
    if let Some(usual) = &*before() {
        set_single(usual);
    }
    RETURNS.fetch_add(1, Ordering::SeqCst);
}

/// From now on a panic leaves the terminal as it was found.
pub(crate) fn watch_panics() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        restore();
        usual(panic);
    }));
}
