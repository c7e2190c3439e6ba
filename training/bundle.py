"""Writes bundles: ONNX graphs, vocabularies, manifest, and fixed inputs with their outputs."""

import datetime
import hashlib
import inspect
import json
import pathlib

import torch
from torch import nn

OPSET = 14


class _Named(nn.Module):
    """A network whose inputs come in a fixed order, as ONNX wants them."""

    def __init__(self, network, names):
        super().__init__()
        self.network, self.names = network, names

    def forward(self, *tensors):
        return self.network(dict(zip(self.names, tensors)))


def write(directory, header, vocabularies, networks, version, dimension, metrics, training_data, example):
    """`networks`: user tower, item tower, ranker. `example`: inputs of one request and some items, for the parity file."""
    directory = pathlib.Path(directory)
    (directory / "vocab").mkdir(parents=True, exist_ok=True)
    schema = header["schema"]
    specs = {spec["name"]: spec for spec in schema["inputs"]}
    parity = {"inputs": {n: {"rows": len(t), "values": t.flatten().tolist()} for n, t in example.items()}}
    hashes = {}
    for network, (graph, file, output) in zip(networks, [("userTower", "user_tower.onnx", "heads"), ("itemTower", "item_tower.onnx", "embeddings"), ("ranker", "ranker.onnx", "logits")]):
        names = schema["graphs"][graph]
        named = _Named(network, names).eval()
        inputs = tuple(_padded(example[n], specs[n]) for n in names)
        with torch.no_grad():
            rows = named(*inputs)
        parity[output] = rows[: max(len(example[n]) for n in names)].flatten().tolist()
        _export(named, inputs, directory / file, names, output)
        hashes[file] = _sha256(directory / file)
    for name, keys in vocabularies.items():
        file = directory / "vocab" / f"{name}.txt"
        file.write_text("".join(f"{int(key):016x}\n" for key in keys))
        hashes[f"vocab/{name}.txt"] = _sha256(file)
    manifest = {
        "formatVersion": 1,
        "version": version,
        "worldId": header["worldId"],
        "objectives": header["objectives"],
        "embeddingDimension": dimension,
        "contentDimension": schema["contentDimension"],
        "schema": schema,
        "vocabularies": {name: {"file": f"vocab/{name}.txt", "size": len(keys)} for name, keys in sorted(vocabularies.items())},
        "sha256": hashes,
        "metrics": metrics,
        "trainingData": {"source": header["source"], "trainedAt": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"), "torch": torch.__version__, **training_data},
    }
    (directory / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n")
    (directory / "parity.json").write_text(json.dumps(parity) + "\n")
    return sum(f.stat().st_size for f in directory.rglob("*") if f.is_file())


def _padded(tensor, spec):
    if len(tensor) == spec["shape"][0]:
        return tensor
    result = torch.zeros(spec["shape"], dtype=tensor.dtype)
    result[: len(tensor)] = tensor
    return result


def _export(named, inputs, path, names, output):
    # Newer versions of PyTorch export by tracing the program's graph by default; these networks need no more than the plain tracer.
    options = {"dynamo": False} if "dynamo" in inspect.signature(torch.onnx.export).parameters else {}
    torch.onnx.export(named, inputs, str(path), input_names=list(names), output_names=[output], opset_version=OPSET, do_constant_folding=True, **options)


def _sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()
