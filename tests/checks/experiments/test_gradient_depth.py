import pytest
from check_programs import pipeline_of, small_network
from torch import nn

from assay.checks.experiments.first_steps import first_steps
from assay.checks.experiments.gradient_depth import figures_of, sizes_by_depth
from assay.checks.given.cannot_check import CannotCheckError


def test_matrices_in_order_without_embeddings(program):
    model = small_network().insert(3, nn.Linear(24, 24))
    pipeline = pipeline_of(program(model=model))
    measured = first_steps(pipeline)
    sizes = sizes_by_depth(pipeline, measured)
    assert list(sizes) == ["1.weight", "3.weight", "4.weight"]
    assert all(size > 0 for size in sizes.values())
    bars, histograms = figures_of(measured, sizes)
    assert bars.labels == tuple(sizes)
    assert [series.name for series in histograms.series] == list(sizes)


def test_two_layers_have_no_depth(program):
    pipeline = pipeline_of(program())
    with pytest.raises(CannotCheckError, match="depth means nothing to 2"):
        sizes_by_depth(pipeline, first_steps(pipeline))
