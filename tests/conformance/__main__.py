"""Conformance from outside: AWS's own clients against the sandbox, and the walk's requests against AWS's own models.

    python tests/conformance            everything; fails when docs/sandbox-operations.md is out of date
    python tests/conformance --write    the same, and writes that file
    python tests/conformance ec2 walk   some parts only, without the table
"""
import importlib
import sys
import time
from concurrent.futures import ProcessPoolExecutor

import coverage_table
import engines
import faults
import letters
import presigned
import processes
import terraform
import walk
from cases import Bench, Record, run
from drivers import Boto, Cli
from listing import SERVICES, implemented
from sandbox import Sandbox

# The longest first: two parts run at a time.
PARTS = ["walk", "ec2", "elasticache", "rds", "ssm", "iam", "engines", "terraform", "presigned", "letters", "faults",
         "processes"]
# Parts that are about no service in particular.
ALONE = {"engines": engines, "terraform": terraform, "presigned": presigned, "letters": letters, "faults": faults,
         "processes": processes}


def service(name):
    """One service's cases, under each client on a sandbox of its own."""
    record = Record()
    try:
        module = importlib.import_module(name)
    except ModuleNotFoundError:
        record.failures.append(f"{name}: the sandbox has this service and tests/conformance has no cases for it")
        return record
    for client in [Boto, Cli]:
        with Sandbox() as sandbox:
            bench = Bench(sandbox, client, record)
            run(module.run, bench)
    if hasattr(module, "slow"):
        with Sandbox(pace="real") as sandbox:
            run(module.slow, Bench(sandbox, Boto, record))
    return record


def part(name):
    """Runs one part; returns its name, its record, what the walk has sent, and how long it took."""
    begun = time.monotonic()
    judged = {}
    if name == "walk":
        record, judged = walk.run()
    elif name in ALONE:
        record = ALONE[name].run()
    else:
        record = service(name)
    return name, record, judged, time.monotonic() - begun


def listing():
    with Sandbox() as sandbox:
        return implemented(sandbox, Boto(sandbox))


def main(arguments):
    begun = time.monotonic()
    names = [a for a in arguments if not a.startswith("--")]
    names = names or PARTS + [name for name in SERVICES if name not in PARTS]
    total, judged = Record(), {}
    with ProcessPoolExecutor(2) as pool:
        for name, record, sent, seconds in pool.map(part, names):
            print(f"{name:16} {record.checks:5} checks, {len(record.failures):3} failed, {seconds:5.1f} s", flush=True)
            total.merge(record)
            judged.update(sent)
    if not [a for a in arguments if not a.startswith("--")]:
        total.failures += coverage_table.check(total, judged, *listing(), write="--write" in arguments)
    for failure in total.failures:
        print(failure[:1000])
    print(f"conformance: {time.monotonic() - begun:.0f} s")
    # One line that any reader of test logs knows.
    print(f"{total.checks - len(total.failures)} passed, {len(total.failures)} failed")
    return bool(total.failures)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
