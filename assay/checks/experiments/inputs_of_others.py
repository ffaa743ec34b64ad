"""Are training targets the inputs of other examples, where validation targets are the inputs themselves?

    validation: target(i) = input(i) for every i
    training: target(i) is the input of some example, and seldom of i

What is to be drawn again is then paired with another example. The next moment of a series is another example's input
too, in training and validation alike.

Source: Goodfellow et al. 2016, chapter 14 (an autoencoder copies its input to its output).
"""

from __future__ import annotations

from assay.checks.given.loader_reading import Reading, training_passes, validation_passes
from assay.checks.given.pipeline import Pipeline

NEARLY_ALL, FEWEST = 0.99, 32


def inputs_of_others(pipeline: Pipeline) -> int:
    """Training examples whose target is the input of another one; 0 where targets are not mixed up like this.

    Raises:
        CannotCheckError: there is no validation loader.
    """
    checked, trained = pipeline.once(validation_passes)[0], pipeline.once(training_passes)[0]
    count = len(trained.inputs)
    if not trained.whole or min(count, len(checked.inputs)) < FEWEST or _own(checked) < len(checked.inputs):
        return 0
    inputs = set(trained.inputs)
    if sum(target in inputs for target in trained.targets) < NEARLY_ALL * count:
        return 0
    strangers = count - _own(trained)
    return strangers if strangers >= NEARLY_ALL * count else 0


def _own(reading: Reading) -> int:
    """Examples whose target is their own input, byte for byte."""
    return sum(given == wanted for given, wanted in zip(reading.inputs, reading.targets, strict=True))
