"""Reads rank logs: what `kg-lab replay` and the server write. numpy only."""

import json
import struct
import zlib

import numpy as np

_DTYPES = {"float": "<f4", "int64": "<i8", "uint8": "u1"}


def records(path):
    """Yields the header (a dict), then per request a dict of arrays: (1, width) per request, (rows, width) per item."""
    with open(path, "rb") as file:
        if file.read(4) != b"KGRL":
            raise ValueError(f"{path} is not a rank log")
        header = json.loads(_payload(file))
        yield header
        while (payload := _payload(file)) is not None:
            (rows,) = struct.unpack_from("<i", payload)
            offset, record = 4, {}
            for column in header["columns"]:
                shape = (1 if column["perRequest"] else rows, column["width"])
                record[column["name"]] = np.frombuffer(payload, _DTYPES[column["type"]], shape[0] * shape[1], offset).reshape(shape)
                offset += record[column["name"]].nbytes
            yield record


def load(path):
    """The whole log: header, columns per request, columns per item, and for every item the number of its request."""
    reader = records(path)
    header = next(reader)
    requests = list(reader)
    columns = {c["name"]: np.concatenate([r[c["name"]] for r in requests]) for c in header["columns"]}
    per_request = {c["name"]: columns[c["name"]] for c in header["columns"] if c["perRequest"]}
    per_item = {c["name"]: columns[c["name"]] for c in header["columns"] if not c["perRequest"]}
    request_of = np.repeat(np.arange(len(requests)), [len(r["item"]) for r in requests])
    return header, per_request, per_item, request_of


def _payload(file):
    head = file.read(8)
    if not head:
        return None
    length, checksum = struct.unpack("<iI", head)
    payload = file.read(length)
    if len(payload) < length or zlib.crc32(payload) != checksum:
        raise ValueError("a record of the rank log does not match its checksum")
    return payload
