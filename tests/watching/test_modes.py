import torch
from torch import nn
from watched_loops import alerts, found, loader, network, plain_step, run

from assay.watching.modes import mode_dependent
from assay.watching.watch import watch


def nothing(model: nn.Module) -> None:
    """Leave the mode as it is."""


def test_training_that_stays_in_evaluation_mode_after_validation_is_proved():
    report = run(before_epoch=nothing)
    assert alerts(report) == {"train_eval_mode": "proved"}
    finding = found(report, "train_eval_mode")
    assert "18 of 24 updates were made from forwards in evaluation mode (the first at step 6)" in finding.summary
    assert finding.evidence["layers"] == ["1", "3"]


def test_training_in_evaluation_mode_throughout_is_suspect():
    assert alerts(run(before_epoch=nn.Module.eval)) == {"train_eval_mode": "suspect"}


def test_evaluation_mode_matters_to_no_layer_that_is_not_there():
    plain = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 3))
    assert run(model=plain, before_epoch=nothing).ok


def test_validation_in_training_mode_is_proved_with_loaders_and_suspect_without():
    report = run(before_validation=nothing)
    assert alerts(report) == {"train_eval_mode": "proved"}
    assert "24 forwards over val_loader ran in training mode" in found(report, "train_eval_mode").summary
    assert alerts(run(before_validation=nothing, loaders=False)) == {"train_eval_mode": "suspect"}


def test_a_forward_without_gradient_in_every_step_is_healthy():
    def step(model, inputs, labels, optimizer):
        with torch.no_grad():
            model(inputs)  # what is generated, or a target
        plain_step(model, inputs, labels, optimizer)

    assert run(step, loaders=False).ok


def test_several_forwards_without_gradient_in_every_step_are_healthy():
    def step(model, inputs, labels, optimizer):
        with torch.no_grad():
            for _ in range(3):
                model(inputs)  # the fakes for three updates of a critic
        plain_step(model, inputs, labels, optimizer)

    assert run(step, loaders=False, before_validation=nothing).ok


def test_dropout_alone_awake_at_prediction_is_told_by_its_model_in_evaluation_mode():
    def monte_carlo(model: nn.Module) -> None:
        model.eval()
        model[3].train()

    assert run(before_validation=monte_carlo).ok


def test_validation_inside_the_training_loop_and_left_early():
    torch.manual_seed(0)
    model = network()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
    train, validation = loader(), loader(1)
    with watch(model, optimizer, train, validation) as block:
        for inputs, labels in train:
            model.eval()
            with torch.no_grad():
                for others, _ in validation:
                    model(others)
                    break
            model.train()
            plain_step(model, inputs, labels, optimizer)
    assert block.report().ok, [finding.summary for finding in block.report().alerts]
    assert found(block.report(), "train_eval_mode").evidence == {"updates": 6, "validation_forwards": 6}


def test_layers_that_differ():
    norms = [nn.BatchNorm1d(2), nn.BatchNorm1d(2, track_running_stats=False), nn.LayerNorm(2)]
    model = nn.Sequential(nn.Dropout(0.0), nn.Dropout(0.1), *norms, nn.LSTM(2, 2, 2, dropout=0.1))
    assert mode_dependent(model, training=True) == ["1", "2", "5"]
    assert mode_dependent(model.eval(), training=True) == []
