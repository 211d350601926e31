"""How long `recipe-walk check` takes as a recipe of somebody's grows, in shapes that an enemy would choose; see scripts/bench.

A shape whose time grows much faster than its text fails: the lint goes through a recipe once, however much is wrong with it."""
import os, subprocess, sys

# How much longer twice as much may take, beyond what the program's start takes.
MOST = 2.8
# Below so many seconds a ratio says nothing.
LEAST = 0.15
# The longest recipe.toml that is read, in bytes.
LARGEST = 1024 * 1024

HEAD = 'format_version = 2\nid = "r"\ntitle = "R"\nsummary = "s"\n'
ESTIMATE = "estimate = { aws_seconds = 1, sandbox_seconds = 1 }\n"


def step(n, more="", phase="p", prose="a.md"):
    return f'[[step]]\nid = "s{n}"\ntitle = "S"\nphase = "{phase}"\nprose = "{prose}"\n{ESTIMATE}{more}'


def phase(n="p"):
    return f'[[phase]]\nid = "{n}"\ntitle = "P"\n'


def parameter(n):
    return f'[[parameter]]\nid = "p{n}"\nname = "p"\ntype = "text"\ndefault = "x"\nquestion = "?"\n'


def note(n, text="x"):
    return (f'[[step.make]]\nas = "m{n}"\nkind = "note"\npath = "/recipe-walk/{{{{session}}}}/m{n}"\n'
            f'description = "d"\ntext = "{text}"\n')


def question(n):
    return (f'[[question]]\nid = "q{n}"\nstep = "s{n}"\nask = "?"\nexplains = "e"\n'
            '[[question.option]]\nid = "a"\ntext = "a"\nright = true\n[[question.option]]\nid = "b"\ntext = "b"\n')


def each(n, make):
    return "".join(make(i) for i in range(n))


SHAPES = {
    "steps in a row": lambda n: phase() + each(n, lambda i: step(i, f'needs = ["s{i - 1}"]\n' if i else "")),
    "steps that need each other": lambda n: phase() + each(n, lambda i: step(i, f'needs = ["s{(i + 1) % n}", "s{i * 7 % n}"]\n')),
    "steps of unknown phases and needs": lambda n: each(n, lambda i: step(i, f'needs = ["x{i}"]\n', phase=f"y{i}")),
    "steps, each of a phase of its own": lambda n: each(n, lambda i: phase(f"p{i}")) + each(n, lambda i: step(i, phase=f"p{i}")),
    "notes in one step": lambda n: phase() + step(0) + each(n, note),
    "notes with parameters in them": lambda n: each(n, parameter) + phase() + step(0) + each(n, lambda i: note(i, f"{{{{p{i}}}}}")),
    "notes with unknown placeholders": lambda n: phase() + step(0) + each(n, lambda i: note(i, f"{{{{m{i}x.id}}}}")),
    "questions": lambda n: phase() + each(n, step) + each(n, question),
    "waits for what is not there": lambda n: phase() + step(0, f"wait = [{', '.join(repr(f'w{i}') for i in range(n))}]\n"),
    "names of a look-up": lambda n: phase() + step(0) + '[[step.look]]\nkind = "machine-image"\ninstance_type = "t3.micro"\nas = { '
        + ", ".join(f'a{i} = "b{i}"' for i in range(n)) + " }\n",
    "unknown keys": lambda n: each(n, lambda i: f"k{i} = 1\n") + phase() + step(0),
}


def seconds(program, home, recipe):
    """Processor time, least of three: what else the machine does counts least then."""
    times = []
    for _ in range(3):
        before = os.times()
        done = subprocess.run([program, "check", str(recipe)], env=home.env, cwd=home.dir, capture_output=True)
        if done.returncode not in (0, 9):
            sys.exit(f"{recipe}: exit {done.returncode}\n{done.stderr.decode()[-2000:]}")
        after = os.times()
        times.append(after.children_user + after.children_system - before.children_user - before.children_system)
    return min(times)


def lint(program, Home, figure):
    slow = []
    with Home() as home:
        recipe = home.dir / "recipe"
        recipe.mkdir()
        (recipe / "a.md").write_text("## Why\n")

        def time_of(shape, n):
            text = HEAD + SHAPES[shape](n)
            (recipe / "recipe.toml").write_text(text)
            return len(text), seconds(program, home, recipe)

        (recipe / "recipe.toml").write_text(HEAD)
        start = seconds(program, home, recipe)
        for shape in SHAPES:
            each_one = (len(SHAPES[shape](2000)) - len(SHAPES[shape](1000))) / 1000
            most = int((LARGEST - 2000) / each_one * 0.85)
            sizes = [(n, *time_of(shape, n)) for n in (3000, most // 2, most)]
            for n, size, time in sizes:
                figure(f"check, {n:,} {shape} ({size // 1000:,} KB)", [time], "s", 2)
            (_, _, half), (_, _, whole) = sizes[1:]
            ratio = (whole - start) / max(half - start, 0.001)
            if whole - start > LEAST and ratio > MOST:
                slow.append(f"{shape}: twice as much takes {ratio:.1f} times as long")
    if slow:
        sys.exit("\n".join(slow))
