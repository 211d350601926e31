"""From a key press to what it does on the screen, in a pseudo-terminal as a person has one; see scripts/bench."""
import fcntl, os, pty, re, select, signal, statistics, struct, sys, termios, time

# A key must have done something after this many milliseconds.
LIMIT = 50
PRESSES = 40


class Terminal:
    """The program in a terminal of 80 columns; what it prints is read at once."""

    def __init__(self, program, home, *arguments):
        self.child, self.keys = pty.fork()
        if self.child == 0:
            os.chdir(home.dir)
            os.execve(program, [str(program), *arguments], home.env | {"TERM": "xterm-256color"})
        fcntl.ioctl(self.keys, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 80, 0, 0))
        self.text = ""

    def read(self, seconds):
        """Something more of what it prints; nothing if there is none in time."""
        if not select.select([self.keys], [], [], seconds)[0]:
            return ""
        try:
            new = os.read(self.keys, 65536).decode(errors="replace")
        except OSError:
            return ""
        # The cursor's place is asked for by the prompts' library; a terminal answers.
        for _ in range(new.count("\x1b[6n")):
            os.write(self.keys, b"\x1b[50;1R")
        self.text += new
        return new

    def wait(self, words, seconds=120):
        """Reads until it has said this since the last wait, and then falls silent."""
        until = time.monotonic() + seconds
        while words not in plain(self.text):
            if time.monotonic() > until:
                sys.exit(f"'{words}' did not come:\n{plain(self.text)[-2000:]}")
            self.read(1)
        self.still()
        self.text = ""

    def still(self):
        while self.read(0.2):
            pass

    def press(self, keys, words=None):
        """Milliseconds until it prints something, or until it has said this."""
        self.text = ""
        start = time.perf_counter()
        os.write(self.keys, keys.encode())
        while not self.text or (words and words not in plain(self.text)):
            if not self.read(5):
                sys.exit(f"nothing came of {keys!r}:\n{plain(self.text)}")
        took = (time.perf_counter() - start) * 1000
        return took

    def end(self):
        os.kill(self.child, signal.SIGINT)
        while self.read(1):
            pass
        os.waitpid(self.child, 0)
        os.close(self.keys)


def plain(text):
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text)


def keys(program, home_of, figure):
    """At a step's menu, while a step waits, and from Enter to what it chooses."""
    all = []

    def told(name, times):
        figure(name, times, "ms")
        all.extend(times)

    with home_of() as home:
        # Slow enough that the wait outlasts the pages that are turned.
        terminal = Terminal(program, home, "--sandbox", "--pace", "0.2")
        terminal.wait("Esc quits")
        terminal.press("\r", "What now?")
        terminal.wait("Esc quits")
        arrows, letters, menus = [], [], []
        for _ in range(PRESSES):
            arrows.append(terminal.press("\x1b[B"))
            terminal.still()
        for _ in range(PRESSES):
            letters.append(terminal.press("m"))
            terminal.still()
            letters.append(terminal.press("\x7f"))
            terminal.still()
        for _ in range(10):
            terminal.press("m")
            terminal.still()
            menus.append(terminal.press("\r", "In production"))
            terminal.still()
        told("an arrow at a menu, to the menu drawn anew", arrows)
        told("a letter at a menu, to the menu drawn anew", letters)
        told("Enter on Read more, to what there is to read", menus)
        for step in range(1, 8):
            terminal.press("r")
            terminal.still()
            os.write(terminal.keys, b"\r")
            if step == 2:
                terminal.wait("What do you think?")
                os.write(terminal.keys, b"\r")
            terminal.wait(f"Step {step + 1} of")
            terminal.still()
        os.write(terminal.keys, b"r")
        terminal.still()
        os.write(terminal.keys, b"\r")
        terminal.text = ""
        while "Space turns a page" not in plain(terminal.text):
            terminal.read(1)
        pages = []
        for page in ["Why all three at once", "Cache-aside in four lines", "What is the second one for?", "What TTL and jitter do"]:
            pages.append(terminal.press(" ", page))
        told("Space while a step waits, to the page", pages)
        terminal.end()
    within = sum(took <= LIMIT for took in all)
    print(f"{f'within {LIMIT} ms':58} {within:9} of {len(all)} presses")
