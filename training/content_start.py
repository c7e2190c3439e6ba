"""Starting points of id embeddings: what the works of a creator, on a song or with a tag sound like on average.

An id is shown a few dozen times; its works' content vectors say more about it than so few labels can. Both sides start in one space, the leading principal components of content, so that a followed creator
and a work of another one are comparable before the first step of training.
"""

import torch

from vocabulary import DIMENSIONS

DIMENSION = DIMENSIONS["creator"]
# Imagined works at the mean of the catalogue: an id with one work starts near it.
PRIOR = 2.0
# Ids by the item input and column that hold them; None for all columns.
SOURCES = {"creator": ("item_ids", 0), "song": ("item_ids", 1), "tag": ("item_tags", None)}


def tables(header, data, sizes):
    """A table (ids + 1, dimension) for each vocabulary of SOURCES, or none when the log carries no content."""
    dense = next(spec for spec in header["schema"]["inputs"] if spec["name"] == "item_dense")
    if dense["features"][0] != "item.content" or header["schema"]["contentDimension"] < DIMENSION:
        return {}
    content = data.per_item["item_dense"][:, : header["schema"]["contentDimension"]]
    centred = content - content.mean(0)
    # The covariance is small; its eigenvectors are the components, in rising order.
    _, vectors = torch.linalg.eigh(centred.T @ centred / len(centred))
    projected = centred @ vectors[:, -DIMENSION:]
    projected = projected / projected.std(0)
    return {name: _means(projected, data.per_item[source] if column is None else data.per_item[source][:, column : column + 1], sizes[name]) for name, (source, column) in SOURCES.items()}


def apply(starts, user=None, item=None):
    """Copies the tables into the embeddings of a user side and an item side."""
    with torch.no_grad():
        for name, table in starts.items():
            if user is not None:
                user.lists[name].table.weight.copy_(table)
            if item is not None:
                (item.tags if name == "tag" else item.ids[name]).table.weight.copy_(table)


def _means(projected, ids, size):
    sums, counts = torch.zeros(size + 1, DIMENSION), torch.zeros(size + 1, 1)
    for column in range(ids.shape[1]):
        sums.index_add_(0, ids[:, column], projected)
        counts.index_add_(0, ids[:, column], torch.ones(len(ids), 1))
    means = sums / (counts + PRIOR)
    means[0] = 0
    return means
