"""The epochs of `kg-lab bench fit` in NumPy: iALS as in "Revisiting iALS" (Rendle et al. 2022), a row at a time, solved in batches.

    kg-lab bench fit --reference "python3 training/ials_reference.py"

Reads the file that the command writes, and answers with one line of JSON: meanMs of an epoch, and scores to compare.
"""

import json
import sys
import time

import numpy as np

BATCH = 512


def half(offsets, columns, others, unobserved, regularisation):
    """Solves every row of one side for the vectors of the other."""
    d = others.shape[1]
    base = unobserved * (others.T @ others)
    eye = np.eye(d, dtype=np.float32)
    rows = len(offsets) - 1
    solved = np.zeros((rows, d), np.float32)
    for first in range(0, rows, BATCH):
        last = min(rows, first + BATCH)
        left = np.empty((last - first, d, d), np.float32)
        right = np.empty((last - first, d), np.float32)
        for row in range(first, last):
            picked = others[columns[offsets[row]:offsets[row + 1]]]
            left[row - first] = base + picked.T @ picked + regularisation * (len(picked) + unobserved * len(others)) * eye
            right[row - first] = picked.sum(0)
        solved[first:last] = np.linalg.solve(left, right[:, :, None])[:, :, 0]
    return solved


def transpose(offsets, columns, width):
    rows = np.repeat(np.arange(len(offsets) - 1, dtype=np.int32), np.diff(offsets))
    order = np.argsort(columns, kind="stable")
    counts = np.bincount(columns, minlength=width)
    return np.concatenate([[0], np.cumsum(counts)]), rows[order]


def main(path):
    with open(path, "rb") as file:
        users, items, likes, d, epochs = np.fromfile(file, np.int32, 5)
        unobserved, regularisation = np.fromfile(file, np.float64, 2).astype(np.float32)
        offsets = np.fromfile(file, np.int32, users + 1)
        columns = np.fromfile(file, np.int32, likes)
        item_vectors = np.fromfile(file, np.float32, items * d).reshape(items, d)
    by_item = transpose(offsets, columns, items)
    start = time.perf_counter()
    for _ in range(epochs):
        user_vectors = half(offsets, columns, item_vectors, unobserved, regularisation)
        item_vectors = half(*by_item, user_vectors, unobserved, regularisation)
    mean = (time.perf_counter() - start) * 1000 / int(epochs)
    scores = [float(user_vectors[n % users] @ item_vectors[n % items]) for n in range(1000)]
    print(json.dumps({"meanMs": mean, "scores": scores}))


if __name__ == "__main__":
    main(sys.argv[1])
