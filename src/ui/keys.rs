//! Single keys, while bars move and nothing is asked. Ctrl-C stays a signal.

use super::tty;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::io::stdin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

/// How soon the reader notices that it should end.
const LOOK: Timespec = Timespec { tv_sec: 0, tv_nsec: 20_000_000 };

/// Reads keys until it is dropped; then the terminal is as it was, and what was typed too much is forgotten.
pub(crate) struct Keys {
    stop: Arc<AtomicBool>,
    reader: Option<JoinHandle<()>>,
}

impl Keys {
    /// Begins. Nothing where the terminal does not allow it.
    pub(crate) fn start(mut on_key: impl FnMut(u8) + Send + 'static) -> Option<Self> {
        if !tty::single_keys() {
            return None;
        }
        let stop = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&stop);
        let reader = std::thread::Builder::new().name("keys".into()).spawn(move || {
            while !told.load(Ordering::Relaxed) {
                let input = stdin();
                let mut fds = [PollFd::new(&input, PollFlags::IN)];
                match poll(&mut fds, Some(&LOOK)) {
                    Ok(0) | Err(rustix::io::Errno::INTR) => continue,
                    Ok(_) if fds[0].revents() == PollFlags::IN => {}
                    // Nothing comes any more from a terminal that has gone away.
                    _ => return,
                }
                let mut buffer = [0; 64];
                match rustix::io::read(&input, &mut buffer) {
                    // An arrow or a function key comes as several bytes, none of which is meant by itself.
                    Ok(n) if n > 1 && buffer[0] == 0x1b => {}
                    Ok(n) => buffer[..n].iter().for_each(|key| on_key(*key)),
                    Err(rustix::io::Errno::INTR) => {}
                    Err(_) => return,
                }
            }
        });
        Some(Self { stop, reader: reader.ok() })
    }
}

impl Drop for Keys {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(reader) = self.reader.take() {
            let _ = reader.join();
        }
        tty::usual_keys();
    }
}

/// Forgets what was typed or pasted before a question: an answer must be meant for what is asked.
pub(crate) fn forget_typed() {
    use crossterm::event;
    tty::forget_input();
    // The prompts' library keeps what it has read already.
    while event::poll(std::time::Duration::ZERO).unwrap_or(false) {
        if event::read().is_err() {
            return;
        }
    }
}
