"""The table of docs/sandbox-operations.md: what was covered, by operation, and why the rest is not."""
import re

import botocore.session

from drivers import NAMES
from reasons import NO_PAGES, NO_SUCCESS, NOT_MET
from sandbox import ROOT

FILE = ROOT / "docs/sandbox-operations.md"
HEAD = """# Operations of the sandbox

<!-- Written by `python tests/conformance --write`, checked by every run of it. -->

Every operation that the sandbox implements, with what AWS's own clients saw of it: boto3 with botocore's waiters and
paginators, and the AWS CLI. A good answer is read member by member against botocore's service model (required members,
types, enums, nothing unknown); a refusal has the code and the HTTP status that AWS sends, and its words where they are
known. Operations that are not listed are refused with an error that says so.
"""


def check(total, judged, found, unknown, write):
    """What is wrong with the coverage or with the file, which is written first when `write` says so."""
    faults = [f"operations.txt lacks {name}, which botocore knows" for name in unknown]
    loader = botocore.session.get_session()
    lines = [HEAD]
    for service in sorted(found):
        model = loader.get_service_model(NAMES.get(service, service))
        lists = loader.get_component("data_loader").load_service_model(model.service_name, "paginators-1")["pagination"]
        lines += [f"## {service}: {len(found[service])}", "", "| operation | boto3 | CLI | pages | refusals |",
                  "|---|---|---|---|---|"]
        missed = {}
        for operation in sorted(found[service]):
            key = service, operation
            clients, codes = total.successes.get(key, set()), total.errors.get(key, set())
            for client in {"boto3", "CLI"} - clients:
                if operation not in NO_SUCCESS:
                    faults.append(f"{service} {operation}: no success with {client}")
            if not codes:
                faults.append(f"{service} {operation}: no refusal")
            paged = operation in lists
            if paged and key not in total.pages and operation not in NO_PAGES:
                faults.append(f"{service} {operation}: never more than one page")
            for code in _declared(model, operation) - codes:
                missed.setdefault(code, []).append(operation)
            pages = ("yes" if key in total.pages else "(2)") if paged else ""
            marks = ["yes" if client in clients else "(1)" for client in ("boto3", "CLI")]
            lines.append(f"| {operation} | {marks[0]} | {marks[1]} | {pages} | {', '.join(sorted(codes))} |")
        lines += [""] + _notes(found[service], total, service, lists)
        lines += _missed(service, missed, faults)
        waiters = sorted(name for owner, name in total.waiters if owner == service)
        if waiters:
            lines += [f"Waiters: {', '.join(waiters)}.", ""]
    text = "\n".join(lines).rstrip() + "\n"
    if write and not faults:
        FILE.write_text(text)
    elif not FILE.exists() or FILE.read_text() != text:
        faults.append(f"{FILE.relative_to(ROOT)} is not what this run saw; run python tests/conformance --write")
    count = sum(len(operations) for operations in found.values())
    pairs = sum(len(codes) for codes in total.errors.values())
    print(f"{count} operations, {pairs} pairs of operation and refusal, {len(total.waiters)} waiters, {len(total.pages)} "
          f"paginators; {sum(judged.values())} requests of the walk judged, of {len(judged)} operations")
    return faults


def _declared(model, operation):
    shapes = model.operation_model(operation).error_shapes
    return {shape.metadata.get("error", {}).get("code") or shape.name for shape in shapes}


def _notes(operations, total, service, lists):
    notes = [f"(1) {name}: {NO_SUCCESS[name]}." for name in sorted(operations)
             if name in NO_SUCCESS and (service, name) not in total.successes]
    notes += [f"(2) {name}: {NO_PAGES[name]}." for name in sorted(operations)
              if name in NO_PAGES and name in lists and (service, name) not in total.pages]
    return [line for note in notes for line in (note, "")]


def _missed(service, missed, faults):
    """The codes that the model declares and no case met, by reason."""
    reasons = {}
    for code, operations in sorted(missed.items()):
        why = next((why for pattern, why in NOT_MET.get(service, []) if re.fullmatch(pattern, code)), None)
        if why is None:
            faults.append(f"{service}: {code} of {', '.join(operations)} is not met, and reasons.py does not say why")
            continue
        reasons.setdefault(why, []).append(f"{code} ({', '.join(operations)})")
    if not reasons:
        return []
    lines = ["Declared by the model and not met here:", ""]
    return lines + [f"- {why}: {', '.join(codes)}." for why, codes in sorted(reasons.items())] + [""]
