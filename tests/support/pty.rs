//! The program in a pseudo-terminal, read as a person reads the screen.

use super::home::Home;
use super::process::PROGRAM;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, Winsize, tcgetattr, tcsetwinsize};
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::process::Child;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// How long something may take to appear.
const UP_TO: Duration = Duration::from_mins(1);
/// Lines of the terminal.
const ROWS: u16 = 50;

/// A terminal with the program in it.
pub(crate) struct Terminal {
    parser: vt100::Parser,
    bytes: Receiver<Vec<u8>>,
    keys: File,
    pub(crate) child: Child,
    bells: usize,
    seen: Vec<u8>,
}

impl Terminal {
    pub(crate) fn start(home: &Home, arguments: &[&str]) -> Self {
        Self::of_width(home, 80, arguments)
    }

    /// Starts the program in a terminal of its own: `setsid --ctty` makes it the controlling one, so that Ctrl-C signals.
    pub(crate) fn of_width(home: &Home, columns: u16, arguments: &[&str]) -> Self {
        Self::with(home, columns, arguments, &[])
    }

    /// The same, with more in its environment.
    pub(crate) fn with(home: &Home, columns: u16, arguments: &[&str], more: &[(&str, &str)]) -> Self {
        Self::of_size(home, (ROWS, columns), arguments, more)
    }

    /// Runs a command in a terminal high enough for all of its output, and returns it as text and with colours.
    pub(crate) fn shown(
        home: &Home,
        columns: u16,
        arguments: &[&str],
        more: &[(&str, &str)],
    ) -> (String, String) {
        let mut terminal = Self::of_size(home, (600, columns), arguments, more);
        terminal.read_to_the_end();
        assert!(terminal.child.wait().expect("it ends").success(), "{}", terminal.screen());
        (terminal.screen(), terminal.painted())
    }

    /// A terminal that is high enough for everything that a walk says.
    pub(crate) fn tall(home: &Home, arguments: &[&str]) -> Self {
        Self::of_size(home, (1000, 80), arguments, &[])
    }

    /// An interactive shell, with job control, in which the program is typed as a person types it.
    pub(crate) fn shell(home: &Home) -> Self {
        let mut terminal = Self::started(home, (ROWS, 80), &["sh", "-i"], &[("PS1", "ready> "), ("ENV", "")]);
        terminal.see("ready> ");
        terminal
    }

    /// A command of another program in a terminal of its own.
    pub(crate) fn running(home: &Home, command: &[&str]) -> Self {
        Self::started(home, (ROWS, 80), command, &[])
    }

    /// Everything that was written to the terminal until the program ended.
    pub(crate) fn all_bytes(mut self) -> String {
        self.read_to_the_end();
        let _ = self.child.wait();
        String::from_utf8_lossy(&self.seen).into_owned()
    }

    /// Whether what is typed shows, and waits for Enter.
    pub(crate) fn is_usual(&self) -> bool {
        let modes = tcgetattr(&self.keys).expect("the terminal").local_modes;
        modes.contains(LocalModes::ECHO | LocalModes::ICANON)
    }

    /// Whether the terminal would put brackets round what is pasted.
    pub(crate) fn brackets_pastes(&mut self) -> bool {
        while let Ok(bytes) = self.bytes.try_recv() {
            self.take(&bytes);
        }
        self.parser.screen().bracketed_paste()
    }

    fn of_size(home: &Home, size: (u16, u16), arguments: &[&str], more: &[(&str, &str)]) -> Self {
        Self::started(home, size, &[&[PROGRAM], arguments].concat(), more)
    }

    fn started(home: &Home, (rows, columns): (u16, u16), command: &[&str], more: &[(&str, &str)]) -> Self {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
        grantpt(&master).and_then(|()| unlockpt(&master)).expect("the terminal is ours");
        let size = Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(&master, size).expect("its size");
        let name = ptsname(&master, Vec::new()).expect("its name");
        let open = || File::options().read(true).write(true).open(name.to_str().expect("a path"));
        let child = home
            .command("setsid")
            .args(["--ctty", "--wait"])
            .args(command)
            .envs(more.iter().copied())
            .stdin(open().expect("in"))
            .stdout(open().expect("out"))
            .stderr(open().expect("err"))
            .spawn()
            .expect("the program starts");
        let keys = File::from(master);
        let mut reader = keys.try_clone().expect("a reader");
        let (sender, bytes) = channel();
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            // Reading ends with an error once nobody has the terminal open any more.
            while let Ok(n @ 1..) = reader.read(&mut buffer) {
                if sender.send(buffer[..n].to_vec()).is_err() {
                    break;
                }
            }
        });
        Self {
            parser: vt100::Parser::new(rows, columns, 5000),
            bytes,
            keys,
            child,
            bells: 0,
            seen: Vec::new(),
        }
    }

    fn take(&mut self, bytes: &[u8]) {
        self.bells += String::from_utf8_lossy(bytes).matches('\u{7}').count();
        self.parser.process(bytes);
        self.seen.extend(bytes);
    }

    /// How often the terminal's bell rang.
    pub(crate) fn bells(&self) -> usize {
        self.bells
    }

    /// Changes the terminal's width, as a window manager does.
    pub(crate) fn resize(&mut self, columns: u16) {
        let size = Winsize { ws_row: ROWS, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(&self.keys, size).expect("its size");
        self.parser.screen_mut().set_size(ROWS, columns);
    }

    /// The whole screen with its colours.
    pub(crate) fn painted(&self) -> String {
        let bytes = self
            .parser
            .screen()
            .rows_formatted(0, u16::MAX)
            .map(|row| String::from_utf8_lossy(&row).into_owned());
        bytes.collect::<Vec<_>>().join("\n")
    }

    /// Everything on the screen.
    pub(crate) fn screen(&self) -> String {
        self.parser.screen().contents()
    }

    /// The commands that are printed between the choice to see them and the next question.
    pub(crate) fn printed_commands(&self) -> String {
        let screen = self.screen();
        let from = screen.rfind("Show me the exact commands").expect("the choice");
        let to = screen.rfind("? In another terminal.").expect("the question");
        let lines = screen[from..to].lines().skip(1);
        lines.filter(|line| !line.ends_with("terminal:")).collect::<Vec<_>>().join("\n")
    }

    /// Waits until the screen shows the text; it fails with the whole screen.
    #[track_caller]
    pub(crate) fn see(&mut self, text: &str) {
        self.wait_for(text, |screen| screen.contains(text));
    }

    #[track_caller]
    fn wait_for(&mut self, what: &str, is_so: impl Fn(&str) -> bool) {
        let start = Instant::now();
        while !is_so(&self.screen()) {
            let left = UP_TO.saturating_sub(start.elapsed());
            match self.bytes.recv_timeout(left) {
                Ok(bytes) => self.take(&bytes),
                Err(e) => panic!("'{what}' did not appear ({e}) on:\n{}", self.screen()),
            }
        }
    }

    pub(crate) fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).and_then(|()| self.keys.flush()).expect("the program listens");
    }

    /// Waits until the question that is open says this.
    #[track_caller]
    pub(crate) fn asked(&mut self, question: &str) {
        self.wait_for(question, |screen| is_open(screen, question));
    }

    /// Chooses an entry of the question that is open by typing the beginning of its words.
    #[track_caller]
    pub(crate) fn choose(&mut self, entry: &str) {
        // What was typed before a question is forgotten, so the question has to be there, and it has to be the last thing.
        self.wait_for(entry, |screen| is_open(screen, entry));
        self.press(entry);
        self.press("\r");
    }

    /// Whether a question with this in it is open by now.
    pub(crate) fn is_asked(&mut self, question: &str) -> bool {
        while let Ok(bytes) = self.bytes.try_recv() {
            self.take(&bytes);
        }
        is_open(&self.screen(), question)
    }

    fn read_to_the_end(&mut self) {
        loop {
            match self.bytes.recv_timeout(UP_TO) {
                Ok(bytes) => self.take(&bytes),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {
                    let _ = self.child.kill();
                    panic!("it does not end:\n{}", self.screen());
                }
            }
        }
    }

    /// The exit code, after everything was read.
    pub(crate) fn end(mut self) -> (Option<i32>, String) {
        self.read_to_the_end();
        let status = self.child.wait().expect("it ends");
        // Whatever happened: the shell that comes back must echo and take lines again.
        let modes = tcgetattr(&self.keys).expect("the terminal").local_modes;
        assert!(self.is_usual(), "{modes:?}:\n{}", self.screen());
        (status.code(), self.screen())
    }
}

/// Whether the last thing on the screen is a question with this in it.
fn is_open(screen: &str, text: &str) -> bool {
    let screen = screen.trim_end();
    let begin = screen.rfind("\n? ").max(screen.rfind("What now?")).unwrap_or(0);
    let question = &screen[begin..];
    question.contains(text)
        && ["Esc quits]", "Enter:", "):", "(y/N)"].iter().any(|end| question.ends_with(end))
}

/// Ctrl-C.
pub(crate) const CTRL_C: &str = "\x03";
/// Ctrl-D.
pub(crate) const CTRL_D: &str = "\x04";
