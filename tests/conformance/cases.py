"""How a case is written: what a service must answer and what it must refuse, under whichever client."""
import re
import sys
import traceback

import shapes
from drivers import Boto, NotSent, Refusal


class Record:
    """What was covered and what went wrong."""

    def __init__(self):
        self.successes = {}
        self.errors = {}
        self.refusals = {}
        self.pages = set()
        self.waiters = set()
        self.failures = []
        self.seen = set()
        self.checks = 0

    def merge(self, other):
        for key, clients in other.successes.items():
            self.successes.setdefault(key, set()).update(clients)
        for key, codes in other.errors.items():
            self.errors.setdefault(key, set()).update(codes)
        self.pages |= other.pages
        self.waiters |= other.waiters
        self.failures += other.failures
        self.checks += other.checks


class Bench:
    """One sandbox under one client."""

    def __init__(self, sandbox, client, record):
        self.sandbox, self.record = sandbox, record
        # boto3 is always there: for the models, for waiters and for pages.
        self.boto = Boto(sandbox)
        self.driver = self.boto if client is Boto else client(sandbox)

    def service(self, name):
        return Service(self, name)

    def check(self, good, text):
        """Notes a failure with the line of the case, and goes on: one deviation must not hide the next."""
        self.record.checks += 1
        if not good:
            failure = f"{_case()} [{self.driver.name}] {text}"
            # The third of a list deviates as the first does: once is enough to read.
            if _alike(failure) not in self.record.seen:
                self.record.seen.add(_alike(failure))
                self.record.failures.append(failure)
        return good

    def same(self, found, wanted, what="answer"):
        return self.check(found == wanted, f"{what}: {found!r}, wanted {wanted!r}")


class Service:
    """One service of a sandbox."""

    def __init__(self, bench, name):
        self.bench, self.name = bench, name
        self.model = None

    def _operation(self, operation):
        return self.bench.boto.client(self.name).meta.service_model.operation_model(operation)

    def ok(self, operation, **params):
        """A call that must succeed, with an answer that is whole. Returns it."""
        bench = self.bench
        driver = self._driver(operation, bench.record.successes)
        try:
            answer = driver.call(self.name, operation, params)
        except Refusal as refusal:
            bench.check(False, f"{operation} {params}: {refusal}")
            return Nothing()
        if driver is bench.boto:
            model = self._operation(operation)
            for what in shapes.lacks(model.output_shape, answer):
                bench.check(False, f"{operation}: {what}")
            for what in shapes.strange(model, bench.boto.body, bench.boto.headers):
                bench.check(False, f"{operation}: {what}")
        bench.check(True, "")
        bench.record.successes.setdefault((self.name, operation), set()).add(driver.name)
        return answer

    def _driver(self, operation, done):
        """The CLI builds a client for every call: it makes each operation's first one, and boto3 the others."""
        bench = self.bench
        return bench.boto if bench.driver.name in done.get((self.name, operation), ()) else bench.driver

    def no(self, code, status, operation, says=None, **params):
        """A call that must be refused with this code and status and, where given, with these very words."""
        bench = self.bench
        if self._driver(operation, bench.record.refusals) is not bench.driver:
            return
        try:
            answer = bench.driver.call(self.name, operation, params)
        except NotSent:
            return  # the CLI insists on required parameters; boto3 has asked without them
        except Refusal as refusal:
            found = (refusal.code, refusal.status or status)
            good = bench.check(found == (code, status), f"{operation} {params}: {refusal}, wanted {code} ({status})")
            if good:
                bench.record.errors.setdefault((self.name, operation), set()).add(code)
                if bench.driver is not bench.boto:
                    bench.record.refusals.setdefault((self.name, operation), set()).add(bench.driver.name)
            if good and says is not None:
                matches = says.fullmatch(refusal.message or "") if isinstance(says, re.Pattern) else \
                    (refusal.message or "") == says
                wanted = says.pattern if isinstance(says, re.Pattern) else says
                bench.check(matches, f"{operation}: said {refusal.message!r}, wanted {wanted!r}")
        else:
            bench.check(False, f"{operation} {params}: accepted, wanted {code}; {str(answer)[:200]}")

    def pages(self, operation, size, **params):
        """The same list in one piece and in pages, by botocore's own paginator."""
        bench = self.bench
        if bench.driver is not bench.boto:
            return
        from botocore import xform_name
        paginator = bench.boto.client(self.name).get_paginator(xform_name(operation))
        try:
            whole = paginator.paginate(**params).build_full_result()
            config = {"PageSize": size}
            pages = list(paginator.paginate(**params, PaginationConfig=config))
            again = paginator.paginate(**params, PaginationConfig=config).build_full_result()
        except Exception as error:
            bench.check(False, f"{operation} in pages of {size}: {error}")
            return
        key = paginator.result_keys[0]
        counts = [len(key.search(page) or []) for page in pages]
        bench.check(len(pages) > 1, f"{operation}: one page only of {counts}")
        bench.check(all(count <= size for count in counts), f"{operation}: pages of {counts} for {size}")
        bench.same(key.search(again), key.search(whole), f"{operation} in pages of {size}")
        bench.record.pages.add((self.name, operation))

    def wait(self, waiter, **params):
        """botocore's own waiter, at this sandbox's pace."""
        bench = self.bench
        try:
            bench.boto.client(self.name).get_waiter(waiter).wait(
                **params, WaiterConfig={"Delay": 0.1, "MaxAttempts": 600})
        except Exception as error:
            bench.check(False, f"{waiter} {params}: {error}")
            return
        bench.check(True, "")
        bench.record.waiters.add((self.name, waiter))


class Nothing(dict):
    """The answer of a call that failed: whatever is looked up in it is nothing too, so that the other cases go on."""

    def __missing__(self, _):
        return Nothing()

    def __getitem__(self, _):
        return Nothing()

    def __str__(self):
        return "nothing"


def run(scenario, bench):
    """Runs one module's cases; a broken one is a failure, not the end."""
    try:
        scenario(bench)
    except Exception:
        bench.check(False, traceback.format_exc(limit=-3))


def _alike(failure):
    return re.sub(r"\[\d+\]", "[]", failure)


def _case():
    """File and line of the case that is running."""
    frame = sys._getframe(1)
    while frame and frame.f_globals.get("__name__") == __name__:
        frame = frame.f_back
    return f"{frame.f_code.co_filename.rsplit('/', 1)[-1]}:{frame.f_lineno}" if frame else "?"
