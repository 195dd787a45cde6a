"""A second opinion on `jit-runners check`: random pairs of a module and a template, compared by the values that they give.

Terraform evaluates the modules, a small evaluator of intrinsics the templates, each under many assignments of the inputs. Two
sides that differ under any of them are not equivalent, whatever the check says; two that never differ may be.

`oracle JIT-RUNNERS --seed 18 --pairs 200` prints a table of verdicts, and writes each pair on which the check and the values
disagree to `--out`. It fails if the check calls a pair equivalent that is not, or tells constants apart that are the same.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from random import Random

import terraform
from comparison import Truth, assignments, expressions, truth
from constants import Constants
from pairs import Maker, Pair, slipped

# Values of one pair of constants.
CONSTANTS = 6
# Exit codes of the check.
EQUIVALENT, REFUSED, DIFFERENT = 0, 1, 5
VERDICTS = {EQUIVALENT: "equivalent", REFUSED: "refused", DIFFERENT: "different"}


def main() -> int:
    parser = argparse.ArgumentParser(prog="oracle", description=__doc__.split("\n")[0])
    parser.add_argument("program", type=Path, help="the program whose check is tried")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--pairs", type=int, default=200)
    parser.add_argument("--slips", type=float, default=0.5, help="the part of the pairs that get a mistake")
    parser.add_argument("--way", choices=["both", "constant", "constructed"], default="both", help="what expressions are made of")
    parser.add_argument("--terraform", default="terraform", help="the program that evaluates modules")
    parser.add_argument("--out", type=Path, help="a folder for the pairs on which both disagree")
    arguments = parser.parse_args()

    pairs = make(arguments)
    truths = evaluate(pairs, arguments.terraform)
    counts, wrong = Counter(), []
    with tempfile.TemporaryDirectory(prefix="jit-runners-oracle-") as scratch:
        for pair, (found, example) in zip(pairs, truths):
            folder = Path(scratch, pair.seed)
            write(pair, folder)
            verdict, said = check(arguments.program, folder)
            counts[found.value, verdict] += 1
            disagreement = {(Truth.DIFFERENT, "equivalent"): "false-equivalent", (Truth.SAME, "different"): "false-difference"}.get((found, verdict))
            if verdict == "failed":
                disagreement = "failed"
            if disagreement is None:
                continue
            wrong.append((disagreement, pair))
            print(f"{disagreement}: pair {pair.seed}{f', slip: {pair.slip}' if pair.slip else ''}")
            if arguments.out is not None:
                kept = arguments.out / disagreement / pair.seed
                write(pair, kept)
                (kept / "check.txt").write_text(said, encoding="utf-8")
                (kept / "values.txt").write_text(f"{example}\n", encoding="utf-8")
    print("| values | check | pairs |\n|---|---|---|")
    for (found, verdict), count in sorted(counts.items()):
        print(f"| {found} | {verdict} | {count} |")
    # Values that were tried may be too few to tell two expressions of inputs apart. Constants have no others.
    certain = [pair for disagreement, pair in wrong if disagreement != "false-difference" or pair.seed.startswith("constant")]
    return 1 if certain else 0


def make(arguments: argparse.Namespace) -> list[Pair]:
    """Pairs, some of them with a mistake."""
    names = []
    for index in range(arguments.pairs):
        kind = {"both": "constant" if index % 3 == 0 else "constructed"}.get(arguments.way, arguments.way)
        names.append(f"{kind}-{arguments.seed}-{index}")
    constant = [name for name in names if name.startswith("constant-")]
    candidates = {name: [candidate(name, number) for number in range(2 * CONSTANTS)] for name in constant}
    values = iter(terraform.values(arguments.terraform, [hcl for name in constant for hcl in candidates[name]]))
    known = {name: [(hcl, value) for hcl in candidates[name] if (value := next(values)) not in (terraform.FAILED, None)]
             for name in constant}
    pairs = []
    for name in names:
        maker = Maker(name)
        pair = maker.of_constants(known[name][:CONSTANTS]) if name in known else maker.by_construction()
        rng = Random(f"slip {name}")
        pairs.append(slipped(pair, rng) if rng.random() < arguments.slips else pair)
    return pairs


def candidate(name: str, number: int) -> str:
    """An expression without inputs."""
    rng = Random(f"{name} {number}")
    constants = Constants(rng)
    make = rng.choice([constants.text, constants.text, constants.any, lambda depth: f"tostring({constants.scalar(depth)})"])
    return make(rng.choice([1, 2, 2, 3]))


def evaluate(pairs: list[Pair], program: str) -> list[tuple[Truth, str]]:
    """What is true of each pair, with an example."""
    asked = [(pair, given) for pair in pairs for given in assignments(pair)]
    wanted = [expressions(pair, given) for pair, given in asked]
    # Most expressions need few of the inputs, so that assignments have many of them in common.
    once = list(dict.fromkeys(hcl for several in wanted for hcl in several))
    found = dict(zip(once, terraform.values(program, once)))
    values: dict[str, list] = {pair.seed: [] for pair in pairs}
    for (pair, given), several in zip(asked, wanted):
        values[pair.seed].append((given, [found[hcl] for hcl in several]))
    return [truth(pair, values[pair.seed]) for pair in pairs]


def write(pair: Pair, folder: Path) -> None:
    """Writes the files of a pair."""
    for name, text in pair.files().items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8", newline="")


def check(program: Path, folder: Path) -> tuple[str, str]:
    """What the check says of a pair, in a word, and in full."""
    template = next(folder.glob("template.*"))
    command = [str(program), "check", "--terraform", str(folder / "terraform"), "--cloudformation", str(template), "--format", "json"]
    run = subprocess.run(command, capture_output=True, text=True)
    return VERDICTS.get(run.returncode, "failed"), run.stdout + run.stderr


if __name__ == "__main__":
    sys.exit(main())
