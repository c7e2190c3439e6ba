"""Vocabularies: which ids a model learns. An id that is not in one has row 0, a zero vector."""

import numpy as np

# Sizes of the embeddings by vocabulary: ids with many values get more room.
DIMENSIONS = {"item": 16, "creator": 16, "song": 16, "tag": 16, "community": 12, "region": 4, "language": 4, "tone": 4, "kind": 4}


def id_columns(header):
    """Per id input its name and the vocabulary of each of its columns."""
    for spec in header["schema"]["inputs"]:
        if spec["type"] != "int64":
            continue
        names = [header["vocabularies"][feature] for feature in spec["features"]]
        width = spec["shape"][1]
        yield spec["name"], names if len(names) == width else names * width


def build(header, per_request, per_item, request_of, train_requests, minimum):
    """Keys of each vocabulary, sorted: those that training requests show at least `minimum` times."""
    shown = np.isin(request_of, np.flatnonzero(train_requests)) & (per_item["exposed"][:, 0] == 1)
    on_items = {spec["name"] for spec in header["schema"]["inputs"] if spec["shape"][0] > 1}
    counted = {}
    for name, vocabularies in id_columns(header):
        values = per_item[name][shown] if name in on_items else per_request[name][train_requests]
        for column, vocabulary in enumerate(vocabularies):
            counted.setdefault((vocabulary, name in on_items), []).append(values[:, column])
    result = {}
    for vocabulary in sorted({v for v, _ in counted}):
        # Users' lists repeat over their requests: where items carry the id, they say how often it was really met.
        values = np.concatenate(counted.get((vocabulary, True)) or counted[(vocabulary, False)]).view(np.uint64)
        keys, counts = np.unique(values, return_counts=True)
        result[vocabulary] = keys[(counts >= minimum) & (keys != 0)]
    return result


def encode(header, per_request, per_item, vocabularies):
    """Replaces keys by rows, in place."""
    for name, columns in id_columns(header):
        table = per_item if name in per_item else per_request
        rows = np.zeros(table[name].shape, np.int64)
        for column, vocabulary in enumerate(columns):
            rows[:, column] = rows_of(table[name][:, column].view(np.uint64), vocabularies[vocabulary])
        table[name] = rows


def rows_of(keys, vocabulary):
    """Rows of keys: 1-based, 0 for a key that is not there."""
    if len(vocabulary) == 0:
        return np.zeros(len(keys), np.int64)
    at = np.minimum(np.searchsorted(vocabulary, keys), len(vocabulary) - 1)
    return np.where(vocabulary[at] == keys, at + 1, 0)
