"""The log as tensors, and batches of whole requests."""

import numpy as np
import torch


class Requests:
    """Requests with their items contiguous, so that a batch is a set of requests."""

    def __init__(self, inputs, per_request, per_item, request_of):
        self.per_request = {n: torch.from_numpy(np.ascontiguousarray(per_request[n])) for n in inputs if n in per_request}
        self.per_item = {n: torch.from_numpy(np.ascontiguousarray(per_item[n])) for n in inputs if n in per_item}
        self.labels = torch.from_numpy(per_item["labels"].astype(np.float32))
        self.exposed = torch.from_numpy(per_item["exposed"][:, 0].astype(np.float32))
        self.teacher = None
        self.counts = np.bincount(request_of, minlength=len(per_request["at"]))
        self.starts = np.concatenate([[0], np.cumsum(self.counts)[:-1]])

    def batch(self, requests):
        """Inputs, the request of every item (counted in the batch) and the items' rows."""
        counts = self.counts[requests]
        request_of = np.repeat(np.arange(len(requests)), counts)
        place = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        rows = torch.from_numpy(np.repeat(self.starts[requests], counts) + place)
        index = torch.from_numpy(requests)
        x = {name: table[index] for name, table in self.per_request.items()}
        x.update({name: table[rows] for name, table in self.per_item.items()})
        return x, torch.from_numpy(request_of), torch.from_numpy(place), rows


def batches(requests, size, random=None):
    """Cuts request numbers into batches, shuffled when a generator is given."""
    order = random.permutation(requests) if random is not None else requests
    for first in range(0, len(order), size):
        yield order[first : first + size]


def request_auc(scores, labels, request_of):
    """GAUC: the AUC within each request that has both labels, weighted by its items."""
    total, weight = 0.0, 0
    order = np.lexsort((scores, request_of))
    bounds = np.flatnonzero(np.diff(request_of[order], prepend=-1, append=-1))
    for begin, end in zip(bounds[:-1], bounds[1:]):
        y, s = labels[order[begin:end]], scores[order[begin:end]]
        positives = int(y.sum())
        if positives in (0, len(y)):
            continue
        # Ties count half: the rank of a score is the mean of its places.
        _, inverse, counts = np.unique(s, return_inverse=True, return_counts=True)
        ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
        auc = (ranks[y == 1].sum() - positives * (positives + 1) / 2) / (positives * (len(y) - positives))
        total, weight = total + auc * len(y), weight + len(y)
    return total / max(1, weight)
