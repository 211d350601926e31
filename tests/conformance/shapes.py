"""Compares answers with botocore's service models: what is missing, what is unknown, what cannot be read.

botocore drops elements that its model does not know, reads any odd boolean as false and never looks whether required
members are there. So the bytes are judged here, beside what the parser makes of them.
"""
import datetime
import io
import json
import re
from xml.etree import ElementTree

from botocore.parsers import RpcV2CBORParser

PYTHON = {
    "structure": dict, "map": dict, "list": list, "string": str, "character": str, "integer": int, "long": int,
    "boolean": bool, "float": float, "double": float, "timestamp": datetime.datetime, "blob": bytes,
}
WORDS = {
    "boolean": re.compile(r"true|false"),
    "integer": re.compile(r"-?\d+"),
    "long": re.compile(r"-?\d+"),
    "float": re.compile(r"-?\d+(\.\d+)?"),
    "double": re.compile(r"-?\d+(\.\d+)?"),
    "timestamp": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"),
}
# What AWS sends although its model does not allow it: an attached internet gateway is `available`, and a command without
# a notification has one of an empty type.
REALLY_SENT = re.compile(r"InternetGateways\[\d+\]\.Attachments\[\d+\]\.State=available$|\.NotificationType=$")


def lacks(shape, value, path=""):
    """What a parsed answer lacks: required members, and values of the wrong type."""
    if shape is None or value is None:
        return
    if shape.name == "policyDocumentType" and isinstance(value, dict):
        return  # boto3 decodes these by itself
    if not isinstance(value, PYTHON[shape.type_name]):
        yield f"{path or 'answer'}: {type(value).__name__} instead of {shape.type_name}"
        return
    if shape.type_name == "structure":
        for name in shape.required_members:
            if name not in value:
                yield f"{path}.{name}: required and absent"
        for name, inner in value.items():
            if name in shape.members:
                yield from lacks(shape.members[name], inner, f"{path}.{name}")
    elif shape.type_name == "list":
        for index, inner in enumerate(value):
            yield from lacks(shape.member, inner, f"{path}[{index}]")
    elif shape.type_name == "map":
        for key, inner in value.items():
            yield from lacks(shape.value, inner, f"{path}[{key}]")


def strange(operation, body, headers):
    """What the bytes of a good answer hold that the model does not know or allow."""
    shape = operation.output_shape
    kind = headers.get("content-type", "")
    if "json" in kind:
        yield from _json(shape, json.loads(body) if body else {}, operation.name)
        return
    if kind == "application/cbor":
        parser = RpcV2CBORParser()
        yield from _json(shape, parser.parse_data_item(io.BufferedReader(io.BytesIO(body))), operation.name)
        return
    metadata = operation.service_model.metadata
    root = ElementTree.fromstring(body)
    if _local(root) != f"{operation.name}Response":
        yield f"the root is {_local(root)}"
    # EC2 answers with a slash at the end of the namespace that its model names.
    if root.tag.split("}")[0].strip("{/") != metadata["xmlNamespace"].rstrip("/"):
        yield f"the namespace is {root.tag}"
    if metadata["protocol"] == "ec2":
        children = [child for child in root if _local(child) != "requestId"]
        if len(children) == len(root):
            yield "no requestId"
        yield from _members(shape, children, operation.name)
        return
    wrapper = shape.serialization.get("resultWrapper") if shape is not None else None
    known = {"ResponseMetadata"} | ({wrapper} if wrapper else set())
    for child in root:
        if _local(child) not in known and not (wrapper is None and _local(child) == f"{operation.name}Result"):
            yield f"unknown element {_local(child)}"
        if wrapper and _local(child) == wrapper:
            yield from _members(shape, list(child), operation.name)
    if root.find(".//{*}ResponseMetadata/{*}RequestId") is None:
        yield "no RequestId"
    if wrapper and root.find("{*}" + wrapper) is None:
        yield f"no {wrapper}"


def _local(element):
    return element.tag.rsplit("}", 1)[-1]


def _wire_name(name, shape):
    """The element's name, as botocore's parsers look for it."""
    if shape.type_name == "list" and shape.serialization.get("flattened"):
        inner = shape.member.serialization.get("name")
        if inner:
            return inner
    return shape.serialization.get("name", name)


def _members(shape, children, path):
    members = {} if shape is None else {_wire_name(name, s): (name, s) for name, s in shape.members.items()}
    seen = set()
    for child in children:
        wire = _local(child)
        if wire not in members:
            if wire == "return" and child.text == "true":
                continue  # EC2 sends it also where its model says nothing of it
            yield f"{path}: unknown element {wire}"
            continue
        name, inner = members[wire]
        flat = inner.serialization.get("flattened")
        if wire in seen and not flat:
            yield f"{path}: {wire} twice"
        seen.add(wire)
        yield from _element(inner.member if flat else inner, child, f"{path}.{name}")


def _element(shape, element, path):
    kind = shape.type_name
    if kind == "structure":
        yield from _members(shape, list(element), path)
    elif kind == "list":
        item = shape.member.serialization.get("name", "member")
        for index, child in enumerate(element):
            if _local(child) != item:
                yield f"{path}: {_local(child)} instead of {item}"
            yield from _element(shape.member, child, f"{path}[{index}]")
    elif kind == "map":
        for entry in element:
            if [_local(entry), *map(_local, entry)] != ["entry", "key", "value"]:
                yield f"{path}: {_local(entry)} of {[_local(part) for part in entry]} in a map"
                continue
            key, value = entry
            yield from _scalar(shape.key, key.text or "", f"{path} key")
            yield from _element(shape.value, value, f"{path}[{key.text}]")
    else:
        if len(element):
            yield f"{path}: elements where there should be text"
        yield from _scalar(shape, element.text or "", path)


def _scalar(shape, text, path):
    pattern = WORDS.get(shape.type_name)
    if pattern and not pattern.fullmatch(text):
        yield f"{path}: {text!r} is no {shape.type_name}"
    yield from _of_enum(shape, text, path)


def _of_enum(shape, text, path):
    allowed = getattr(shape, "enum", None)
    if allowed and text not in allowed and not REALLY_SENT.search(f"{path}={text}"):
        yield f"{path}: {text!r} is none of {allowed}"


def _json(shape, value, path):
    kind = None if shape is None else shape.type_name
    if shape is None:
        if value:
            yield f"{path}: something where there should be nothing"
    elif kind == "structure":
        if not isinstance(value, dict):
            yield f"{path}: no object"
            return
        known = {s.serialization.get("name", name): s for name, s in shape.members.items()}
        for key, inner in value.items():
            if key not in known:
                yield f"{path}: unknown member {key}"
            elif inner is None:
                yield f"{path}.{key}: null"
            else:
                yield from _json(known[key], inner, f"{path}.{key}")
    elif kind == "list":
        for index, inner in enumerate(value):
            yield from _json(shape.member, inner, f"{path}[{index}]")
    elif kind == "map":
        for key, inner in value.items():
            yield from _json(shape.value, inner, f"{path}[{key}]")
    elif kind == "timestamp" and shape.serialization.get("timestampFormat") == "iso8601":
        if not isinstance(value, str) or not WORDS["timestamp"].fullmatch(value):
            yield f"{path}: {value!r} is no time in ISO 8601"
    elif kind == "timestamp":
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            yield f"{path}: {value!r} is no time in seconds"
    elif kind in ("integer", "long"):
        if isinstance(value, bool) or not isinstance(value, int):
            yield f"{path}: {value!r} is no {kind}"
    elif kind == "boolean":
        if not isinstance(value, bool):
            yield f"{path}: {value!r} is no boolean"
    elif kind == "string":
        if not isinstance(value, str):
            yield f"{path}: {value!r} is no string"
        else:
            yield from _of_enum(shape, value, path)
