"""The stage that verifies hands the checks what training and validation really see."""

import torch

from assay.data.encoders import ArrayEncoder
from assay.data.specification import Normalization, Specification
from assay.data.split import Split
from assay.stages import WholeSplit

SPECIFICATION = Specification(
    task="classification",
    input_shape=(1,),
    normalization=Normalization((2.0,), (4.0,)),
    encoder=ArrayEncoder(shape=(1,)),
    classes=("a", "b"),
)


def test_every_validation_example_is_seen_also_those_of_the_last_smaller_batch():
    targets = torch.arange(19) % 2
    split = Split(torch.arange(19.0).unsqueeze(1), targets, tuple(map(str, range(19))))
    loader = WholeSplit(split, SPECIFICATION, batch_size=8)
    for _ in range(2):
        batches = list(loader)
        assert [len(batch.inputs) for batch in batches] == [8, 8, 3]
        assert len(loader) == 3
        seen = torch.cat([batch.inputs for batch in batches]).flatten()
        torch.testing.assert_close(seen, (torch.arange(19.0) - 2) / 4)
        assert torch.equal(torch.cat([batch.targets for batch in batches]), targets)
