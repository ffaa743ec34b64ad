"""What a cleaning says: how much noise, which classes are confused, the worst suspects, and how good its judges are."""

from __future__ import annotations

import numpy as np
import torch

from assay.audit.cleaning.judging import Judged
from assay.audit.cleaning.reviewed import Reviewed, learnt_cut, precision_at_cuts
from assay.audit.decisions import Drawn
from assay.audit.labels.cut_off import CutOff
from assay.audit.labels.fusion import Fusion
from assay.audit.labels.noise import HOW, SOURCE, say_noise
from assay.audit.texts.passages import beginning_of
from assay.figure import Figure, Images, Table, encode_png
from assay.finding import Finding

SHOWN, SHOWN_LETTERS = 24, 60
MOST_CONFUSIONS = 8


def tell_noise(judged: Judged, fusion: Fusion) -> Finding:
    """How many labels seem wrong, and which classes are taken for which."""
    estimate, classes = fusion.noise_estimate, judged.data.specification.classes
    (low, high), agree = estimate.between, float((fusion.choices == fusion.labels[:, None]).mean())
    confusions = [(classes[given], classes[likely], count)
                  for given, likely, count in estimate.confusions(MOST_CONFUSIONS) if round(count)]  # fmt: skip
    first = f"; most often {confusions[0][1]} labelled {confusions[0][0]}" if confusions else ""
    rows = tuple((given, likely, f"{count:,.0f}") for given, likely, count in confusions)
    return Finding(
        "label_noise",
        "note",
        say_noise(estimate, agree) + (f"{first}." if estimate.has_least else "; the ranking says where to look first."),
        evidence={"n": estimate.n, "share": estimate.share, "low": low, "high": high,
                  "clear_share": estimate.clear_share, "count": estimate.count,
                  "confusions": [list(row) for row in confusions]},
        cause=HOW,
        source=SOURCE,
        figures=(Table("Classes confused", ("labelled", "looks like", "examples"), rows),) if rows else (),
    )  # fmt: skip


def tell_suspects(judged: Judged, fusion: Fusion) -> Finding:
    """How many to look at, how many all judges would relabel, and the worst."""
    flagged, relabel = int(fusion.flagged.sum()), int((fusion.action == "relabel").sum())
    shown = fusion.suspects[: min(SHOWN, max(flagged, 1))]
    splits = {name: int((judged.split[fusion.flagged] == name).sum()) for name in dict.fromkeys(judged.split.tolist())}
    where = ", ".join(f"{count:,} in {name}" for name, count in splits.items())
    if not flagged:
        summary = f"No label of {len(fusion):,} is flagged: the judges prefer none of them changed."
    else:
        summary = (f"{flagged:,} of {len(fusion):,} labels are suspicious ({where}); for {relabel:,} of these the "
                   "judges agree on another class and are sure.")  # fmt: skip
    return Finding(
        "suspicious_labels",
        "suspect" if relabel and fusion.noise_estimate.has_least else "note",
        summary,
        evidence={"n": len(fusion), "flagged": flagged, "relabel": relabel, "look": flagged - relabel,
                  "splits": splits, "cut_off": fusion.cut_off,
                  "worst": [_in_words(_worst(judged, fusion, row)) for row in shown.tolist()] if flagged else []},
        cause="Labels given in haste, by another rule, or to examples that fit two classes or none." if flagged else "",
        fix="Review them, the worst first; accept proposals.jsonl only after looking at some of it." if flagged else "",
        source="zhuanlan.zhihu.com/p/359960152 (several models vote on labels)",
        figures=(_worst_shown(judged, fusion, shown),) if flagged else (),
    )  # fmt: skip


def tell_judges(judged: Judged, fusion: Fusion) -> Finding:
    """Each member alone beside the pool."""
    most = int(fusion.flagged.sum())
    top = set(fusion.suspects[:most].tolist())
    rows, shared = list[tuple[str, ...]](), dict[str, int]()
    for place, (name, score) in enumerate(fusion.member_scores.items()):
        shared[name] = len(top & set(np.argsort(-score, kind="stable")[:most].tolist()))
        agrees = float((fusion.choices[:, place] == fusion.labels).mean())
        rows.append((name, f"{agrees:.1%}", f"{fusion.quality[name]:.3f}", f"{fusion.weights[name]:.2f}",
                     f"{shared[name]:,} of {most:,}"))  # fmt: skip
    best = fusion.best_member
    return Finding(
        "label_judges",
        "note",
        f"{len(fusion.members)} models judged every label without having seen it, in {judged.plan.folds} folds; the "
        f"best alone, {best}, shares {shared[best]:,} of the pool's {most:,} most suspicious.",
        evidence={"n": len(fusion), "folds": judged.plan.folds, "epochs": judged.plan.epochs, "best": best,
                  "quality": dict(fusion.quality), "weights": dict(fusion.weights), "shared": shared},
        figures=(Table("Judges", ("model", "agrees", "likelihood", "weight", "flagged"),
                       tuple(rows)),),
    )  # fmt: skip


def tell_review(fusion: Fusion, reviewed: Reviewed) -> list[Finding]:
    """Precision by the reviewed part of the random sample; before there is one, how to come by it."""
    cuts, drawn = precision_at_cuts(fusion, reviewed), reviewed.drawn
    if not cuts:
        drawn_in_all = int((reviewed.sample > 0).sum())
        if not drawn_in_all:
            return []
        return [Finding(
            "flags_not_reviewed", "note",
            f"How often a flag is right is not known: {_say_decided(drawn, drawn_in_all)}.",
            evidence={"drawn": drawn_in_all, "unsure": drawn.unsure, "conflicts": drawn.conflicts},
            fix="Decide those with a number in the column `sample`, in its order; then give --decisions here.",
        )]  # fmt: skip
    last = cuts[-1]
    rows = tuple((f"{cut.flagged:,}", f"{cut.wrong} of {cut.reviewed}",
                  f"{cut.precision:.0%} ({cut.low:.0%} to {cut.high:.0%})" if cut.reviewed else "none reviewed")
                 for cut in cuts)  # fmt: skip
    learnt = learnt_cut(fusion, reviewed)
    told = f" {learnt}." if isinstance(learnt, str) and len(reviewed.wrong) >= len(drawn.wrong) else ""
    return [Finding(
        "precision_of_flags", "note",
        f"Of {last.reviewed} flagged labels drawn at random and reviewed, {last.wrong} were wrong: "
        f"{last.precision:.0%} ({last.low:.0%} to {last.high:.0%}) of all {last.flagged:,}"
        f"{_say_passed(drawn)}.{told}",
        evidence={"n": last.reviewed, "wrong": last.wrong, "decided": drawn.decided, "unsure": drawn.unsure,
                  "conflicts": drawn.conflicts, "cut_offs": [vars(cut) for cut in cuts],
                  "reviewed_in_all": len(reviewed.wrong),
                  "learnt": dict(learnt.slopes) if isinstance(learnt, CutOff) else None},
        source="Wilson 1927, Journal of the American Statistical Association 22, 209-212",
        figures=(Table("Precision of the most suspicious", ("most suspicious", "wrong", "precision"), rows),),
    )]  # fmt: skip


def _say_decided(drawn: Drawn[int], of: int) -> str:
    """Of a draw of which no label is judged."""
    if not drawn.decided:
        return f"the first of the {of} drawn for review is not decided"
    return f"of the first {drawn.decided} of the {of} drawn for review no label is judged{_say_passed(drawn)}"


def _say_passed(drawn: Drawn[int]) -> str:
    told = [f"{count} {word}" for count, word in ((drawn.unsure, "unsure"), (drawn.conflicts, "in conflict")) if count]
    return (
        f" ({' and '.join(told)} {'is' if drawn.unsure + drawn.conflicts == 1 else 'are'} not counted)" if told else ""
    )


def votes_told(judged: Judged, fusion: Fusion, row: int) -> str:
    """`4 of 5 say cat`, of the pool's answer, as in the table; where more members say another class, that as well."""
    votes, classes = np.bincount(fusion.choices[row], minlength=fusion.classes), judged.data.specification.classes
    answer, most = int(fusion.answer[row]), int(votes.argmax())
    told = f"{votes[answer]} of {len(fusion.members)} say {classes[answer]}"
    return (
        told if votes[most] == votes[answer] else f"{told}, by their weights the answer; {votes[most]} {classes[most]}"
    )


def _worst(judged: Judged, fusion: Fusion, row: int) -> dict[str, object]:
    classes = judged.data.specification.classes
    return {"id": judged.ids[row], "split": str(judged.split[row]), "label": classes[fusion.labels[row]],
            "answer": classes[fusion.answer[row]], "votes": votes_told(judged, fusion, row),
            "score": float(fusion.score[row]), "action": str(fusion.action[row])}  # fmt: skip


def _in_words(one: dict[str, object]) -> str:
    return f"{one['id']}: labelled {one['label']}, {one['votes']}"


def _worst_shown(judged: Judged, fusion: Fusion, rows: np.ndarray) -> Figure:
    told = [_worst(judged, fusion, row) for row in rows.tolist()]
    if not judged.data.specification.is_image:
        cells = tuple((str(one["id"]), str(one["label"]), str(one["votes"]), f"{one['score']:.1f}") for one in told)
        head = ("example", "label", "judges", "score")
        if judged.data.texts is not None:
            begin = (beginning_of(judged.data, str(one["id"]), SHOWN_LETTERS) for one in told)
            head = (*head[:2], "text", *head[2:])
            cells = tuple((*row[:2], text, *row[2:]) for text, row in zip(begin, cells, strict=True))
        return Table("Most suspicious labels", head, cells)
    captions = tuple(f"labelled {one['label']}\n{one['votes']}\n{one['id']}" for one in told)
    starts = {name: int(np.flatnonzero(judged.split == name)[0]) for name in dict.fromkeys(judged.split.tolist())}
    pictures = []
    for row in rows.tolist():
        name = str(judged.split[row])
        pictures.append(getattr(judged.data, name).gather(torch.tensor([row - starts[name]]))[0])
    return Images("Most suspicious labels", tuple(map(encode_png, pictures)), captions)
