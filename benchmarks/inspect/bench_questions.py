"""The questionnaire on images and signals of which the answers are known, and on real images.

Each kind of made-up inputs is told apart by one thing alone: colour, layout, texture, orientation, exposure; rhythm,
sign, strength. A question about that thing must be answered `lost`, one about anything else `kept`; `unsure` is counted
apart. Real data has no known answers: what is said of it is written down.

Asked: no wrong answer.

    bench_questions.py [--draws 3] [--real fashion-mnist --budget 600]
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import torch

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent.parent / "tests" / "audit" / "questionnaire")]

from known_inputs import TRUTHS, known_inputs  # noqa: E402
from machine import Record  # noqa: E402

from assay.audit.questionnaire.ask import ask  # noqa: E402
from assay.audit.questionnaire.measure import measure  # noqa: E402
from assay.audit.questionnaire.probe import probe_recipe  # noqa: E402
from assay.audit.questionnaire.sheet import sheet  # noqa: E402
from assay.data.data import Data  # noqa: E402
from assay.data.encoders import ArrayEncoder  # noqa: E402
from assay.data.open import open_data  # noqa: E402
from assay.data.specification import Specification  # noqa: E402
from assay.data.split import Split  # noqa: E402
from assay.data.statistics import normalization_of  # noqa: E402

SEED, EPOCHS, ROUNDS = 420, 12.0, 3
SIZES = {"train": 512, "validation": 400, "test": 2}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--draws", type=int, default=3, help="data sets of each kind")
    parser.add_argument("--real", help="a data set of images to ask about, too")
    parser.add_argument("--budget", type=float, default=600.0, help="seconds for it")
    options = parser.parse_args()
    record = Record("questions", "no wrong answer where the answer is known", threads=torch.get_num_threads())
    figures: dict[str, Any] = {"known": of_known(options.draws)}
    if options.real:
        figures[options.real] = of_real(options.real, options.budget)
    record.write(figures)


def of_known(draws: int) -> dict[str, Any]:
    """How many known answers were given, missed and contradicted."""
    counts, wrong = Counter[str](), list[str]()
    for seed in range(SEED, SEED + draws):
        for kind, truths in TRUTHS.items():
            data = make_data(kind, seed)
            questions = [question for question in sheet(data.specification.input_shape) if question.name in truths]
            recipe = probe_recipe(data, epochs=EPOCHS)
            measured = measure(data, questions, recipe, seed=seed, seconds=1e9, most_rounds=ROUNDS)
            for answer in measured.answers(questions):
                truth, name = truths[answer.question.name], f"{kind} {seed}: {answer.question.name}"
                right = "right" if answer.outcome == truth else "open" if answer.outcome == "unsure" else "wrong"
                counts[f"{truth}, {right}"] += 1
                wrong += [name] if right == "wrong" else []
            print(f"  {kind} {seed}: {dict(counts)}", flush=True)
    return {"n": sum(counts.values()), "draws": draws, "counts": dict(counts), "wrong": wrong}


def of_real(source: str, seconds: float) -> dict[str, Any]:
    """What is said of a real data set."""
    report = ask(open_data(source), budget_seconds=seconds, seed=SEED)
    for finding in report.findings:
        print(f"  {finding.summary}")
    return {"seconds": report.seconds, "budget": seconds, "skipped": [skip.id for skip in report.skipped],
            "findings": {finding.id: dict(finding.evidence) for finding in report.findings}}  # fmt: skip


def make_data(kind: str, seed: int) -> Data:
    """Balanced splits of one kind of inputs."""
    labels = torch.arange(sum(SIZES.values())) % 2
    inputs, start, splits = known_inputs(kind, labels, seed), 0, dict[str, Split]()
    for name, size in SIZES.items():
        part = slice(start, start + size)
        splits[name] = Split(inputs[part], labels[part], tuple(f"{name}-{number}" for number in range(size)))
        start += size
    shape, normalization = tuple(inputs.shape[1:]), normalization_of(splits["train"])
    specification = Specification("classification", shape, normalization, ArrayEncoder(shape), ("a", "b"), (0.5, 0.5))
    return Data(kind, specification, **splits)


if __name__ == "__main__":
    main()
