"""Reads recorded requests with botocore's service models, and judges them by everything that the models say of inputs.

The AWS SDK for Rust is generated from the same models by another generator and checks almost nothing before it sends: an
unknown name, a value outside an enum or a text that is too long would be AWS's to refuse.
"""
import io
import json
import urllib.parse

import regex
from botocore.parsers import RpcV2CBORParser
from botocore.serialize import create_serializer

import re

TARGETS = {"AmazonSSM": "ssm", "ResourceGroupsTaggingAPI_20170126": "tagging", "secretsmanager": "secretsmanager",
           "ServiceQuotasV20190624": "servicequotas", "AWSFreeTierService": "freetier"}


class Request:
    """One recorded request: service, operation, parameters."""

    def __init__(self, sent, model_of):
        kind = sent.headers.get("content-type", "")
        if sent.headers.get("smithy-protocol") == "rpc-v2-cbor":
            _, _, target, _, self.operation = sent.path.split("/")
            self.service, self.protocol = TARGETS[target], "cbor"
            self.model = model_of(self.service).operation_model(self.operation)
            stream = io.BufferedReader(io.BytesIO(sent.body))
            self.parameters = RpcV2CBORParser().parse_data_item(stream) if sent.body else {}
        elif kind.startswith("application/x-amz-json"):
            target, self.operation = sent.headers["x-amz-target"].split(".")
            self.service, self.protocol = TARGETS[target], "json"
            self.model = model_of(self.service).operation_model(self.operation)
            self.parameters = json.loads(sent.body)
        else:
            self.service = re.search(r"Credential=[^/]+/\d+/[^/]+/([^/]+)/", sent.headers["authorization"])[1]
            pairs = urllib.parse.parse_qsl(sent.body.decode(), keep_blank_values=True, strict_parsing=True)
            self.form = dict(pairs)
            self.twice = len(pairs) != len(self.form)
            self.operation = self.form.pop("Action")
            model = model_of(self.service)
            self.protocol = model.metadata["protocol"]
            self.model = model.operation_model(self.operation)
            self.version = self.form.pop("Version")
            self.parameters = _structure(self.model.input_shape, "", self.form, self.protocol == "ec2")

    def faults(self):
        """What the model would not allow. Values are never told: some are secrets."""
        shape = self.model.input_shape
        if self.protocol in ("ec2", "query"):
            if self.version != self.model.service_model.metadata["apiVersion"]:
                yield f"version {self.version}"
            if self.twice:
                yield "a parameter twice"
            known = create_serializer(self.protocol, include_validation=False).serialize_to_request(
                self.parameters, self.model)["body"]
            for name in self.form.keys() - known.keys():
                yield f"unknown parameter {name}"
            for name in self.form.keys() & known.keys():
                if str(known[name]) != self.form[name]:
                    yield f"{name} is written in another way than botocore does"
        yield from (f"{self.service}:{self.operation}{fault}" for fault in _faults(shape, self.parameters, ""))


def _structure(shape, prefix, form, ec2):
    """The structure whose parameters begin with `prefix`; the opposite of botocore's query serialisers."""
    found = {}
    for name, inner in (shape.members if shape is not None else {}).items():
        key = f"{prefix}.{_key(name, inner, ec2)}" if prefix else _key(name, inner, ec2)
        if key in form or any(other.startswith(key + ".") for other in form):
            found[name] = _value(inner, key, form, ec2)
    return found


def _key(name, shape, ec2):
    if ec2:
        said = shape.serialization
        if "queryName" in said:
            return said["queryName"]
        if "name" in said:
            return said["name"][0].upper() + said["name"][1:]
    elif shape.type_name == "list" and shape.serialization.get("flattened"):
        return shape.member.serialization.get("name", name)
    return shape.serialization.get("name", name)


def _value(shape, key, form, ec2):
    if shape.type_name == "structure":
        return _structure(shape, key, form, ec2)
    if shape.type_name == "list":
        if form.get(key) == "":
            return []
        flat = ec2 or shape.serialization.get("flattened")
        head = key if flat else f"{key}.{shape.member.serialization.get('name', 'member')}"
        numbers = sorted({int(m[1]) for m in (re.match(re.escape(head) + r"\.(\d+)(?:\.|$)", k) for k in form) if m})
        # A gap would be another list on another service: only an unbroken count from one is a list.
        whole = [n for at, n in enumerate(numbers, 1) if n == at]
        return [_value(shape.member, f"{head}.{n}", form, ec2) for n in whole]
    text = form.get(key, "")
    if shape.type_name == "boolean":
        return {"true": True, "false": False}.get(text, text)
    if shape.type_name in ("integer", "long"):
        return int(text) if re.fullmatch(r"-?\d+", text) else text
    if shape.type_name in ("float", "double"):
        return float(text)
    return text


SCALARS = {"string": str, "boolean": bool, "integer": int, "long": int, "float": (int, float), "double": (int, float)}


def _faults(shape, value, path):
    kind = shape.type_name if shape is not None else "structure"
    if kind == "structure":
        members = shape.members if shape is not None else {}
        if not isinstance(value, dict):
            yield f"{path}: no structure"
            return
        for name in shape.required_members if shape is not None else []:
            if name not in value:
                yield f"{path}.{name}: required and absent"
        for name, inner in value.items():
            if name not in members:
                yield f"{path}.{name}: unknown"
            else:
                yield from _faults(members[name], inner, f"{path}.{name}")
    elif kind == "list":
        yield from _size(shape, len(value), path)
        for index, inner in enumerate(value):
            yield from _faults(shape.member, inner, f"{path}[{index}]")
    elif kind == "map":
        yield from _size(shape, len(value), path)
        for key, inner in value.items():
            yield from _faults(shape.key, key, f"{path}[key]")
            yield from _faults(shape.value, inner, f"{path}[{key}]")
    elif kind in SCALARS:
        wanted = SCALARS[kind]
        if not isinstance(value, wanted) or (kind != "boolean" and isinstance(value, bool)):
            yield f"{path}: no {kind}"
            return
        if kind == "string":
            yield from _size(shape, len(value), path)
            pattern = shape.metadata.get("pattern")
            if pattern and not regex.fullmatch(pattern, value):
                yield f"{path}: does not match {pattern}"
            if shape.enum and value not in shape.enum:
                yield f"{path}: not in the enum"
        elif kind != "boolean":
            yield from _size(shape, value, path)


def _size(shape, size, path):
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None and size < least:
        yield f"{path}: {size} is under the minimum {least}"
    if most is not None and size > most:
        yield f"{path}: {size} is over the maximum {most}"
