from check_programs import digits_like, loader_of


def test_finite_inputs_pass(verdict):
    assert verdict("inputs_finite") == "note"


def test_one_nan_is_proved_and_placed(run):
    inputs, labels = digits_like()
    inputs[45, 0, 3, 3] = float("nan")
    inputs[46] = float("inf")
    (finding,) = run("inputs_finite", train_loader=loader_of(inputs, labels, shuffle=False))
    assert finding.level == "proved"
    assert finding.evidence["bad_examples"] == 2
    assert finding.evidence["first"] == [[1, 5], [1, 6]]


def test_integer_inputs_are_finite(verdict):
    import torch
    from torch import nn

    tokens, labels = torch.arange(80).reshape(40, 2) % 5, torch.arange(40) % 4
    model = nn.Sequential(nn.Embedding(5, 8), nn.Flatten(), nn.Linear(16, 4))
    assert verdict("inputs_finite", model=model, train_loader=loader_of(tokens, labels)) == "note"
