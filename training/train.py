"""Trains the fine ranker on a rank log, distils the two towers from it, and writes a bundle.

    python3 training/train.py --log training/out/demo.kgrl --out models/demo
"""

import argparse
import copy
import time

import numpy as np
import torch
import torch.nn.functional as F

import bundle
import content_start
import rank_log
import vocabulary
from dataset import Requests, batches, request_auc
from networks import ItemTower, Ranker, Towers, UserTower

PARITY_ROWS = 8


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--log", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--version", help="name of the bundle; the log's world and the day without it")
    parser.add_argument("--dimension", type=int, default=64, help="components of an item vector")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--epochs", type=int, default=12, help="at most; training stops early")
    parser.add_argument("--batch", type=int, default=128, help="requests a step")
    parser.add_argument("--minimum", type=int, default=5, help="ids shown less often are unknown ids")
    parser.add_argument("--id-dropout", type=float, default=0.1)
    parser.add_argument("--dropout", type=float, default=0.2)
    parser.add_argument("--temperature", type=float, default=2.0, help="T of the distillation")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    torch.set_num_threads(options.threads)
    began = time.time()

    header, per_request, per_item, request_of = rank_log.load(options.log)
    options.version = options.version or f"{header['worldId']}-{time.strftime('%Y%m%d', time.gmtime())}"
    held_out = per_request["heldOut"][:, 0] == 1
    # Users, not requests, are kept apart for validation: a user's requests share a history.
    validation = ~held_out & (per_request["user"][:, 0].view(np.uint64) // np.uint64(16) % np.uint64(10) == 0)
    train = ~held_out & ~validation
    if not train.any() or not validation.any():
        raise SystemExit(
            f"{options.log} has {len(train)} requests, {train.sum()} to train on and {validation.sum()} to validate: training needs pages that were shown to some "
            "hundred users. Send impressions and replay later; until then kg-lab fit learns from likes and plays alone."
        )
    leave_out_empty(header, per_item, np.repeat(train, np.bincount(request_of, minlength=len(train))))
    vocabularies = vocabulary.build(header, per_request, per_item, request_of, train, options.minimum)
    vocabulary.encode(header, per_request, per_item, vocabularies)
    data = Requests([spec["name"] for spec in header["schema"]["inputs"]], per_request, per_item, request_of)
    sizes = {name: len(keys) for name, keys in vocabularies.items()}
    widths = {spec["name"]: spec["shape"][1] for spec in header["schema"]["inputs"]}
    objectives = len(header["objectives"])
    parts = {"train": np.flatnonzero(train), "validation": np.flatnonzero(validation), "held out": np.flatnonzero(held_out)}
    print({name: len(part) for name, part in parts.items()}, sizes)

    ranker = Ranker(sizes, widths, objectives, options.id_dropout, options.dropout)
    starts = content_start.tables(header, data, sizes)
    content_start.apply(starts, ranker.user, ranker.item)
    fit("ranker", ranker, data, parts, options, ranker_loss)
    data.teacher = predict(ranker, data, np.arange(len(per_request["at"])))
    towers = Towers(*(tower(sizes, widths, objectives, options.dimension, options.id_dropout, options.dropout) for tower in (UserTower, ItemTower)))
    content_start.apply(starts, towers.user.user, towers.item.item)
    fit("towers", towers, data, parts, options, lambda *a: tower_loss(*a, options.temperature))

    metrics = {}
    for name, network in [("ranker", ranker), ("towers", towers)]:
        for part in ["validation", "held out"]:
            for k, value in enumerate(gauc(network, data, parts[part])):
                metrics[f"{name}.gauc.{part.replace(' ', '')}.{header['objectives'][k]}"] = round(float(value), 4)
    print(metrics)
    seconds = round(time.time() - began)
    x, _, _, _ = data.batch(parts["held out"][:1])
    example = {name: tensor[:PARITY_ROWS] for name, tensor in x.items()}
    training_data = {"requests": int(train.sum()), "validationRequests": int(validation.sum()), "rows": int(data.counts[train].sum()), "seed": options.seed, "seconds": seconds}
    size = bundle.write(options.out, header, vocabularies, [towers.user, towers.item, ranker], options.version, options.dimension, metrics, training_data, example)
    print(f"{options.out}: {size / 1e6:.2f} MB, {seconds} s")


def leave_out_empty(header, per_item, trained_rows):
    """Drops objectives without a positive among the rows that are trained on, in place, and names them: a model could only learn that they never happen."""
    positives = (per_item["labels"] * (per_item["exposed"] == 1))[trained_rows].sum(0)
    kept = np.flatnonzero(positives > 0)
    for k in np.flatnonzero(positives == 0):
        print(f"objective {header['objectives'][k]} is left out: none of the items that were shown has it")
    if len(kept) == 0:
        raise SystemExit("no objective is left: nobody played, liked or shared what was shown")
    header["objectives"] = [header["objectives"][k] for k in kept]
    per_item["labels"] = per_item["labels"][:, kept]


def fit(name, network, data, parts, options, loss_of):
    """Trains until the validation loss has not improved for two epochs, and keeps the best epoch."""
    random = np.random.default_rng(options.seed)
    # Most ids are rare: what is learnt of them is mostly noise, and is held back more than what all rows share.
    tables = [p for n, p in network.named_parameters() if ".table." in n]
    shared = [p for n, p in network.named_parameters() if ".table." not in n]
    optimizer = torch.optim.AdamW([{"params": shared, "weight_decay": 1e-2}, {"params": tables, "weight_decay": 0.1}], lr=1e-3)
    best, kept, bad = float("inf"), None, 0
    for epoch in range(options.epochs):
        network.train()
        began, total, steps = time.time(), 0.0, 0
        for requests in batches(parts["train"], options.batch, random):
            loss = loss_of(network, data, requests)
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 5.0)
            optimizer.step()
            total, steps = total + loss.item(), steps + 1
        network.eval()
        with torch.no_grad():
            value = np.mean([loss_of(network, data, requests).item() for requests in batches(parts["validation"], options.batch)])
        print(f"{name} epoch {epoch + 1}: train {total / steps:.4f}, validation {value:.4f}, {time.time() - began:.0f} s", flush=True)
        if value < best - 1e-4:
            best, kept, bad = value, copy.deepcopy(network.state_dict()), 0
        elif (bad := bad + 1) == 2:
            break
    network.load_state_dict(kept)
    network.eval()


def ranker_loss(network, data, requests):
    x, request_of, _, rows = data.batch(requests)
    return exposed_loss(network(x, request_of), data, rows)


def exposed_loss(logits, data, rows):
    """Cross entropy per objective over what was shown."""
    exposed = data.exposed[rows].unsqueeze(1)
    return (F.binary_cross_entropy_with_logits(logits, data.labels[rows], reduction="none") * exposed).sum() / (exposed.sum() * logits.shape[1])


def tower_loss(network, data, requests, temperature):
    """Labels where there are any; everywhere the teacher: its probabilities and its order over each request's list, both softened by T."""
    x, request_of, place, rows = data.batch(requests)
    student, teacher = network(x, request_of), data.teacher[rows]
    soft = F.binary_cross_entropy_with_logits(student / temperature, torch.sigmoid(teacher / temperature))
    lists = torch.full((2, len(requests), int(place.max()) + 1, student.shape[1]), -1e4)
    lists[0][request_of, place], lists[1][request_of, place] = student / temperature, teacher / temperature
    log_student, log_teacher = F.log_softmax(lists[0], 1), F.log_softmax(lists[1], 1)
    listwise = (log_teacher.exp() * (log_teacher - log_student)).sum(1).mean()
    return exposed_loss(student, data, rows) + temperature**2 * (soft + listwise)


def predict(network, data, requests):
    """Logits of all items of some requests, which are consecutive in the log or all of it."""
    with torch.no_grad():
        return torch.cat([network(*data.batch(part)[:2]) for part in batches(requests, 512)])


def gauc(network, data, requests):
    logits = predict(network, data, requests).numpy()
    _, request_of, _, rows = data.batch(requests)
    shown = data.exposed[rows].numpy() == 1
    labels = data.labels[rows].numpy()
    return [request_auc(logits[shown, k], labels[shown, k], request_of.numpy()[shown]) for k in range(logits.shape[1])]


if __name__ == "__main__":
    main()
