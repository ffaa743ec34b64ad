import base64
import io

import numpy as np
import torch
from check_programs import digits_like, loader_of
from PIL import Image
from torch import nn

from assay.figure import Images, Table


def test_shows_what_the_training_step_hands_to_the_network(run):
    """A step that blacks out all but one pixel must show in the picture."""

    def masking_step(model, batch, optimizer):
        inputs, labels = batch
        masked = torch.zeros_like(inputs)
        masked[:, :, 2, 5] = 1.0
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(masked), labels)
        loss.backward()
        optimizer.step()
        return loss

    (finding,) = run("network_inputs", training_step=masking_step)
    (figure,) = finding.figures
    assert isinstance(figure, Images)
    assert len(figure.pngs) == len(figure.captions) == 16
    pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(figure.pngs[0]))))
    assert pixels[2, 5] == 255
    assert pixels.sum() == 255


def test_labels_stand_under_their_pictures(run):
    inputs, labels = digits_like()
    (finding,) = run("network_inputs", train_loader=loader_of(inputs, labels, shuffle=False))
    assert finding.level == "note"
    assert finding.figures[0].captions[:5] == ("0", "1", "2", "3", "0")


def test_vectors_become_a_table(run):
    inputs, labels = digits_like()
    model = nn.Linear(64, 4)
    (finding,) = run("network_inputs", model=model, train_loader=loader_of(inputs.flatten(1), labels, shuffle=False))
    (figure,) = finding.figures
    assert isinstance(figure, Table)
    assert figure.rows[0][:2] == ("0", f"{float(inputs[0].flatten()[0]):.4g}")
