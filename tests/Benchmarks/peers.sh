#!/usr/bin/env bash
# Our kernels beside faiss, OpenBLAS and NumPy, on this machine, in one run, on one core: prints a Markdown table.
# Needs python3-faiss, python3-numpy and libopenblas0-pthread (Debian packages; without OpenBLAS faiss is ten times slower at 64 users) and the peers' scripts: ../shared/peers beside the repository, or $KG_SHARED/peers.
# usage: tests/Benchmarks/peers.sh [rows = 2000000] [repeat = 5]
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
peers=${KG_SHARED:-$root/../shared}/peers
rows=${1:-2000000}
repeat=${2:-5}
python=/usr/bin/python3
[ -x "$python" ] || python=python3

[ -f "$peers/dot_topk.py" ] || { echo "no peers at $peers: set KG_SHARED to the folder that holds peers/" >&2; exit 2; }
"$python" -c 'import faiss, numpy' 2>/dev/null || { echo "faiss and numpy are missing: apt-get install python3-faiss python3-numpy libopenblas0-pthread" >&2; exit 2; }
"$python" -c 'import faiss, sys; sys.exit("openblas" not in open("/proc/self/maps").read())' || { echo "faiss runs without OpenBLAS, which would flatter us: apt-get install libopenblas0-pthread" >&2; exit 2; }

out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
dotnet build -c Release "$root/src/Cli" -v quiet -nologo >&2
# One run of each, one after the other: neither side gets a second try. The rows of two threads, over half as many rows, have a name of their own.
for queries in 1 64; do
  "$python" "$peers/dot_topk.py" --n "$rows" --queries "$queries" --repeat "$repeat" >>"$out/peers.jsonl"
  dotnet exec "$root/src/Cli/bin/Release/net10.0/kg.dll" bench kernels --json --rows "$rows" --repeat "$repeat" --only "scan" | grep "\"queries\":$queries,\"threads\":1" >>"$out/ours.jsonl"
done
"$python" "$peers/dpp_reference.py" --bench >>"$out/peers.jsonl"
dotnet exec "$root/src/Cli/bin/Release/net10.0/kg.dll" bench kernels --json --rows "$rows" --repeat "$repeat" --only "dpp" >>"$out/ours.jsonl"

"$python" - "$out/ours.jsonl" "$out/peers.jsonl" <<'PY'
import json, sys

ours, peers = ([json.loads(line) for line in open(path)] for path in sys.argv[1:])


def least(found):
    return min(found, key=lambda x: x[0]) if found else None


def own(name, queries):
    return least([(x["ms_per_query"], x["ratio_to_floor"]) for x in ours if x["name"] == name and x["queries"] == queries and x["threads"] == 1])


def peer(name, queries):
    return least([(x["median_ms_per_query"],) for x in peers if x["peer"] == name and x.get("queries") == queries])


cpu = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "unknown")
print(f"{cpu}, one core, {max(x['n'] for x in ours)} rows of 64; one run each, medians; milliseconds a query\n")
print("| work | KgOrleans | of its floor | peer | peer's ms | ours is faster by |\n|---|---|---|---|---|---|")
for work, name, queries, names in (
    ("8-bit, 1 user", "8-bit scan", 1, ("faiss SQ8", "faiss IndexFlatIP", "OpenBLAS + argpartition")),
    ("8-bit, 64 users", "8-bit scan", 64, ("faiss SQ8", "faiss IndexFlatIP")),
):
    mine = own(name, queries)
    for other in names:
        theirs = peer(other, queries)
        if mine and theirs:
            print(f"| {work} | {mine[0]:.2f} | {mine[1]:.2f} | {other} | {theirs[0]:.2f} | {theirs[0] / mine[0]:.1f}x |")
mine = own("greedy dpp", 1)
numpy = least([(x["best_ms"],) for x in peers if "best_ms" in x])
if mine and numpy:
    print(f"| greedy DPP, M = 1000, N = 50, d = 64 | {mine[0]:.2f} | | numpy, kernel included (best) | {numpy[0]:.2f} | {numpy[0] / mine[0]:.0f}x |")
PY
