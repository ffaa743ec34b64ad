"""What to ask about signals: detail and order in time, level and strength, sign, direction.

Source: Karpathy 2019, A Recipe for Training Neural Networks, step 1, asked of time in place of the two sides of an
image.
"""

from __future__ import annotations

from functools import partial

from assay.audit.questionnaire import changes
from assay.audit.questionnaire.question import Advice, Question

LEAST_WINDOW = 4
"""Values: of fewer there is no course to look at."""
LEAST_COARSE = 8
MOVE = 0.25


def signal_questions(shape: tuple[int, ...]) -> tuple[Question, ...]:
    """The questions that make sense for signals of (channels, 1, length), the most telling first."""
    length = shape[-1]
    details = [_detail(length, factor) for factor in (2, 4, 8) if length // factor >= LEAST_COARSE]
    windows = [_windows(length, count) for count in (4, 16) if length // count >= LEAST_WINDOW]
    asked = [*details[:1], _order(), *windows[:1], _strength(), _place(length), _pooled()]
    return (*asked, _reversed(), _negated(), *details[1:], *windows[1:])


def _detail(length: int, factor: int) -> Question:
    small = round(length / factor)
    return Question(
        f"detail_{factor}",
        f"1/{factor} of the rate",
        f"Does the class survive with {small} instead of {length} values?",
        "without",
        Advice(f"Average {factor} neighbours first: {small} values do, and a step costs about {factor} times less."),
        Advice(f"Keep more than {small} values: what is fast in the signal matters."),
        lambda inputs, _: changes.coarsen(inputs, factor=factor),
    )


def _order() -> Question:
    return Question(
        "order",
        "one order for all",
        "Do neighbours belong together? (The values of all examples put in one and the same random order.)",
        "without",
        Advice(
            "Neighbours tell nothing more than any two values: these are columns rather than a signal; an MLP, or "
            "trees, will do as well as convolutions."
        ),
        Advice("Neighbours belong together: use convolutions or a recurrent network, not an MLP."),
        changes.scatter,
    )


def _windows(length: int, count: int) -> Question:
    window = length // count
    return Question(
        f"windows_{count}",
        f"{count} windows shuffled",
        f"Are windows of {window} values enough, wherever they lie, or is the whole course needed?",
        "without",
        Advice(
            f"Local features of {window} values suffice: a network that sees no farther, with an average over time "
            "at its end, will do, and cut-outs keep the class.",
            use=("time-mask", "global-average-pooling"),
        ),
        Advice(
            f"More than {window} values are needed: let the last maps see the whole signal (depth, dilation, or a "
            "recurrent network).",
        ),
        partial(changes.shuffle_patches, grid=count),
    )


def _strength() -> Question:
    return Question(
        "strength",
        "even level and strength",
        "Do the level and the strength of a whole example tell anything?",
        "without",
        Advice("Level and strength are no cue: scale each example to mean 0 and deviation 1, or vary them at random."),
        Advice(
            "Level or strength carry a part of the class: do not scale each example by its own; find out whether they "
            "are meant to tell (another sensor or gain for each class?)."
        ),
        lambda inputs, _: changes.even_exposure(inputs),
    )


def _place(length: int) -> Question:
    return Question(
        "place",
        "moved in time",
        f"Does it matter when things happen? (Moved by up to {int(MOVE * length)} of {length} values, end to start.)",
        "without",
        Advice("When things happen tells nothing: move signals freely.", use=("time-shift",)),
        Advice("When things happen helps: signals are cut alike, or the moment itself is the class; move them little."),
        partial(changes.move, share=MOVE),
    )


def _pooled() -> Question:
    return Question(
        "average_pool",
        "average over time",
        "May the last maps be averaged over time?",
        "pooled",
        Advice(
            "End in an average over time: fewer weights, and signals of any length.", use=("global-average-pooling",)
        ),
        Advice("Let the last layer see each moment (head='flatten').", avoid=("global-average-pooling",)),
    )


def _reversed() -> Question:
    return Question(
        "reversed",
        "reversed too",
        "Does a signal keep its class when it runs backwards?",
        "also",
        Advice("Signals that run backwards keep their class and are known without training."),
        Advice("Signals are told worse with reversed ones among them: time has a direction here."),
        lambda inputs, _: changes.mirror(inputs),
        _strange("Signals that run backwards"),
    )


def _negated() -> Question:
    return Question(
        "negated",
        "negated too",
        "Does a signal keep its class when its sign is exchanged?",
        "also",
        Advice("Negated signals keep their class and are known without training: the sign may be drawn at random."),
        Advice("Signals are told worse with negated ones among them: the sign matters."),
        lambda inputs, _: changes.negate(inputs),
        _strange("Negated signals"),
    )


def _strange(what: str) -> Advice:
    return Advice(
        f"{what} are unlike those here: networks learn both, yet whether their labels survive is for a person to say; "
        "leave them out unless such signals will be met."
    )
