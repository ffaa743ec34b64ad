"""Faulty and healthy programs, new from each seed, judged by `assay.verify`: what it catches, and its false alarms.

For every fault: a faulty program and its healthy sibling; and every healthy look-alike. Each is judged in a process of
its own under limits of time and memory, after its state was fingerprinted, and again afterwards: checking must change
no byte. Results are written down one by one; the same command goes on where it was ended. The record is named after
what was run: `results/faults.json` is the whole catalogue under `assay.verify`, a part is written beside it under a
longer name, and `--only`, for those who mend a check, writes none.

    bench_faults.py                                          forty programs, chosen at random
    bench_faults.py --seed 7 --instances 3 --programs 0      three draws of everything
    bench_faults.py --only broadcast_loss denoising          a fault and its sibling, or a look-alike, by name
    bench_faults.py --prove                                  that symptoms are real, and that healthy programs learn
    bench_faults.py --rivals --programs 0                    other checkers too, as far as installed: make bench-faults
    bench_faults.py --list                                   what there is

Asked: right-cause recall at least .90, any-alert recall at least .95, at most 1 % of the healthy programs with an
alert, a median of at most 15 s a program on two cores.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import torch
from faults.asked import PROVED, Job, jobs, read, record_name, settings
from faults.catalog import FAULTS, LOOK_ALIKES, WORLDS
from faults.comparison import compare, table
from faults.journal import DRAWN, JUDGED, Journal, version_of_code
from faults.learning import learns
from faults.program import Program
from faults.proof import Proof
from faults.rivals.catalog import CHECKERS, OURS, made_ready
from faults.rivals.judgement import Alert, Judgement
from faults.scores import names_cause, score
from faults.trace import changes, fingerprint
from faults.trial import Limits, run_apart
from faults.worlds.pictures import sources
from machine import Record

JOURNALS = Path(__file__).parents[1] / "assay-runs"
ASKED = "right cause >= .90, any alert >= .95, healthy with an alert <= .01, median <= 15 s"


def judge(job: Job, checker: Callable[[Program], Judgement]) -> dict[str, Any]:
    """Draw, fingerprint, judge, fingerprint again."""
    program, _ = job.make()
    about = describe(program)
    before, started = fingerprint(program), time.perf_counter()
    try:
        judgement = checker(program)
    except Exception as error:
        told = {"status": "raised", "alerts": [], "error": f"{type(error).__name__}: {error}"[:500]}
    else:
        told = {"alerts": plain(judgement.alerts), "warnings": plain(judgement.warnings),
                "not_checked": dict(judgement.not_checked)}  # fmt: skip
    seconds = time.perf_counter() - started
    changed = changes(before, fingerprint(program))
    if "changes_when_read" in program.parts.traits:
        # The program's own data set changes at each reading: that is its fault, or its way.
        changed = [name for name in changed if not name.endswith("loader.dataset")]
    return {**about, **told, "seconds": seconds, "changed": changed[:20]}


def plain(alerts: tuple[Alert, ...]) -> list[dict[str, Any]]:
    """Alerts as JSON."""
    return [{"words": alert.words[:300], "ids": list(alert.ids), "level": alert.level} for alert in alerts]


def prove(job: Job) -> dict[str, Any]:
    """That a fault's symptom is real, or that a healthy program learns."""
    program, sibling = job.make()
    fault = next((fault for fault in FAULTS if fault.name == job.name), None)
    started = time.perf_counter()
    proof: Proof = fault.symptom(program, sibling) if fault is not None and sibling is not None else learns(program)
    return {**describe(program), "holds": proof.holds, "words": proof.words, "numbers": proof.numbers,
            "seconds": time.perf_counter() - started}  # fmt: skip


def describe(program: Program) -> dict[str, Any]:
    """What is true about a program, for its row."""
    return {"domain": program.domain, "causes": sorted(program.causes), "fault": program.fault,
            "traits": sorted(program.parts.traits), "program_seed": program.seed}  # fmt: skip


def run(options: argparse.Namespace, checker: str, journal: Journal, version: str) -> list[dict[str, Any]]:
    """Every job, from the journal where it is there already."""
    rows, todo = [], jobs(options)
    for number, job in enumerate(todo, 1):
        key = (version, checker, job.kind, job.name, str(job.seed))
        row = journal.find(*key)
        if row is None:
            work = partial(prove, job) if options.prove else partial(judge, job, CHECKERS[checker])
            row = run_apart(work, Limits(options.limit_seconds, options.limit_gib))
            row = journal.add(key, {"checker": checker, "kind": job.kind, "name": job.name, "seed": job.seed,
                                    "domain": "unknown", "fault": "", **known_causes(job), **row})  # fmt: skip
        rows.append(row)
        print(f"  {number:4d}/{len(todo)} {told(row, options.prove)}", flush=True)
    return rows


def known_causes(job: Job) -> dict[str, Any]:
    """What is known of a job whose process did not live to tell."""
    fault = next((fault for fault in FAULTS if fault.name == job.name and job.kind == "faulty"), None)
    return {"causes": sorted(fault.causes) if fault else []}


def told(row: dict[str, Any], proving: bool) -> str:
    """One line for a person."""
    name = f"{row['kind']:10s} {row['name']:34s} {row['domain']:12s} {row['seconds']:6.1f} s"
    if row["status"] != "done":
        return f"{name}  {row['status'].upper()} {row.get('error', '')[:120]}"
    if proving:
        return f"{name}  {'proved' if row['holds'] else 'NOT PROVED'}: {row['words'][:120]}"
    said = ", ".join(sorted({identity for alert in row["alerts"] for identity in alert["ids"]})) or "-"
    verdict = ("right" if names_cause(row) else "other" if row["alerts"] else "MISSED") if row["causes"] else (
        "FALSE ALARM" if row["alerts"] else "quiet")  # fmt: skip
    changed = f"  CHANGED {', '.join(row['changed'][:3])}" if row["changed"] else ""
    return f"{name}  {verdict:11s} {said}{changed}"


def show(name: str, figures: dict[str, Any]) -> None:
    """The figures that were asked for."""
    print(f"  {name}:")
    for measure in ("right_cause_recall", "any_alert_recall", "healthy_with_an_alert", "programs_changed"):
        value = figures[measure]
        if value["n"]:
            low, high = value["interval"]
            print(f"    {measure:24s} {value['share']:.3f} [{low:.3f}, {high:.3f}], {value['hits']} of {value['n']}")
    if figures["median_seconds"] is not None:
        print(
            f"    median {figures['median_seconds']:.2f} s a program, largest {figures['largest_seconds']:.1f} s, "
            f"peak {figures['largest_peak_mebibytes']:.0f} MiB; not finished: {dict(figures['not_finished'])}"
        )
    print(f"    false alarms by check: {figures['false_alarms_by_check']}")


def main() -> None:
    options = read(__doc__ or "")
    if options.list:
        list_catalogue()
        return
    torch.set_num_threads(options.threads)
    pictures = "-".join(sorted(set(sources())))
    name = record_name(options)
    journal = Journal(
        options.journal or JOURNALS / f"{'faults-proof' if options.prove else 'faults'}-{options.seed}.jsonl"
    )
    record = Record(name, PROVED if options.prove else ASKED, **settings(options), pictures=pictures)
    version = f"{version_of_code(*([DRAWN] if options.prove else [DRAWN, JUDGED]))} {pictures}"
    figures = prove_all(options, journal, version) if options.prove else judge_all(options, journal, version, pictures)
    if not options.only:
        record.write({"version_of_code": version, **figures})


def prove_all(options: argparse.Namespace, journal: Journal, version: str) -> dict[str, Any]:
    """The proof of every job."""
    figures = summarise(run(options, "proof", journal, version))
    print(f"  proved: {figures['proved']} of {figures['n']}")
    return {"proof": figures}


def judge_all(options: argparse.Namespace, journal: Journal, version: str, pictures: str) -> dict[str, Any]:
    """Every checker on every job, and the checkers beside one another."""
    figures, beside = {}, {}
    for checker in list(CHECKERS) if options.rivals else options.checkers:
        ready = made_ready(checker)
        if ready is None:
            continue
        own = version if checker == OURS else f"{version_of_code(DRAWN)}{ready} {pictures}"
        rows = run(options, checker, journal, own)
        figures[checker], beside[checker] = score(rows), compare(rows)
        show(checker, figures[checker])
    if len(beside) > 1:
        figures["beside_one_another"] = beside
        print("\n".join(table(beside)))
    return figures


def summarise(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """How many proofs hold, and which do not."""
    held = [row for row in rows if row.get("holds")]
    return {"proved": len(held), "n": len(rows), "seconds": sum(row["seconds"] for row in rows),
            "not_proved": [[row["kind"], row["name"], row["seed"], row.get("words", row["status"])]
                           for row in rows if not row.get("holds")]}  # fmt: skip


def list_catalogue() -> None:
    """Names, right causes and words."""
    for fault in FAULTS:
        print(f"{fault.name:34s} {', '.join(sorted(fault.causes))}\n    {fault.words} [{', '.join(fault.domains)}]")
    for look_alike in LOOK_ALIKES:
        print(f"{look_alike.name:34s} healthy\n    {look_alike.words}")
    print(f"{len(FAULTS)} faults, {len(LOOK_ALIKES)} look-alikes, {len(WORLDS)} domains")


if __name__ == "__main__":
    main()
