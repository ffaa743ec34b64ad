"""One training from first step to evaluated model: same seed, same weights, also when it was interrupted."""

import math
import os
import random
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from PIL import Image
from torch import Tensor, nn

from assay.data.data import Data
from assay.data.open import open_data
from assay.errors import InputError
from assay.evaluation import evaluate
from assay.learner import parameter_groups
from assay.losses import MeanSquaredError
from assay.models.mlp import MLP
from assay.models.resnet import ResNet
from assay.network import build_model
from assay.optimizers import SGD, AdamW
from assay.recipe import Recipe, RecipeError, Trick
from assay.training import train as training_module
from assay.training.train import Run, Training, train
from assay.tricks.architecture.resnet_d import ResNetD
from assay.tricks.average.ema import EMA
from assay.tricks.average.swa import SWA
from assay.tricks.batch.crop import Crop
from assay.tricks.batch.cutmix import CutMix
from assay.tricks.batch.cutout import Cutout
from assay.tricks.batch.flip import Flip
from assay.tricks.batch.mixup import Mixup
from assay.tricks.drop.dropout import Dropout
from assay.tricks.gradient.gradient_clip import GradientClip
from assay.tricks.initialisation.output_bias_init import OutputBiasInit
from assay.tricks.initialisation.zero_gamma import ZeroGamma
from assay.tricks.loss.flooding import Flooding
from assay.tricks.loss.focal import Focal
from assay.tricks.optimizer.linear_scaling import LinearScaling
from assay.tricks.optimizer.no_bias_decay import NoBiasDecay
from assay.tricks.optimizer.weight_decay import WeightDecay
from assay.tricks.precision.mixed_precision import MixedPrecision
from assay.tricks.schedule.constant import ConstantLR
from assay.tricks.schedule.cosine import Cosine
from assay.tricks.schedule.one_cycle import OneCycle
from assay.tricks.schedule.warmup import Warmup
from assay.tricks.stopping.early_stopping import EarlyStopping
from assay.tricks.target.label_smoothing import LabelSmoothing

MANY: tuple[Trick, ...] = (
    *(Flip("alternating"), Crop(1), Cutout(3), Mixup(0.4), CutMix()),
    *(LabelSmoothing(), Focal(), Flooding(0.01)),
    *(ResNetD(), ZeroGamma(), OutputBiasInit(), Dropout(0.3)),
    *(WeightDecay(), NoBiasDecay(), LinearScaling()),
    *(OneCycle(momentum=(0.95, 0.85)), Warmup(0.5)),
    *(GradientClip(), MixedPrecision("bf16"), EMA(0.9), EarlyStopping(patience_epochs=3)),
)


def home(epochs: float = 6.0) -> Recipe:
    """A recipe that every trick can join: 3 steps an epoch on the tiny images."""
    return Recipe(model=ResNet(width=4), optimizer=SGD(learning_rate=0.05), batch_size=8, epochs=epochs)


def stacked(tricks: tuple[Trick, ...], epochs: float = 6.0) -> Recipe:
    recipe = home(epochs)
    for trick in tricks:
        recipe = recipe | trick
    return recipe


def plain() -> Recipe:
    return Recipe(model=MLP((16,)), optimizer=SGD(), batch_size=8, epochs=4)


def assert_same_weights(first: nn.Module, second: nn.Module) -> None:
    """Equal bit for bit, buffers included."""
    one, other = first.state_dict(), second.state_dict()
    assert list(one) == list(other)
    assert not [name for name in one if not torch.equal(one[name], other[name])]


def assert_same_run(first: Run, second: Run) -> None:
    assert_same_weights(first.model, second.model)
    assert_same_weights(first.last_model, second.last_model)
    # Which steps are sampled depends on how long steps take; nothing else does.
    assert replace(first.history, samples=[]) == replace(second.history, samples=[])
    assert (first.steps, first.stopped_early) == (second.steps, second.stopped_early)
    assert first.validation.value == second.validation.value
    assert torch.equal(first.validation.outputs, second.validation.outputs)


def interrupted(recipe: Recipe, data: Data, checkpoint: Path, moments: list[int], *, seed: int = 0) -> Run:
    """Train with a new process' worth of objects after each of these steps."""
    for moment in moments:
        training = Training(recipe, data, seed=seed, checkpoint=checkpoint)
        for step in training:
            if step.number + 1 >= moment:
                break
        training.save()
    training = Training(recipe, data, seed=seed, checkpoint=checkpoint)
    assert training.step == moments[-1] or training.stopped_early
    for _ in training:
        pass
    return training.finish()


# Same seed, same weights


@pytest.mark.usefixtures("random_state_untouched")
def test_many_tricks_together_resume_to_the_same_weights(tiny_images: Data, tmp_path: Path):
    seed = random.SystemRandom().randrange(2**32)
    print(f"seed {seed}")
    recipe = stacked(MANY)
    moments = sorted(random.Random(seed).sample(range(1, 18), 4))
    undisturbed = train(recipe, tiny_images, seed=seed)
    assert_same_run(undisturbed, train(recipe, tiny_images, seed=seed))
    assert_same_run(undisturbed, interrupted(recipe, tiny_images, tmp_path / "t", moments, seed=seed))


def test_regression_resumes_to_the_same_weights(tiny_table: Data, tmp_path: Path):
    recipe = Recipe(MLP((8,)), MeanSquaredError(), AdamW(0.01), batch_size=10, epochs=5)
    recipe = recipe | Mixup(0.3) | Dropout(0.2) | EMA(0.9) | OneCycle(momentum=(0.95, 0.85)) | EarlyStopping()
    assert_same_run(train(recipe, tiny_table), interrupted(recipe, tiny_table, tmp_path / "t", [1, 8]))


def test_fp16_keeps_its_scale(tiny_images: Data, tmp_path: Path):
    """Its first steps overflow: a fresh scale after each interruption would skip them again."""
    recipe = plain() | MixedPrecision("fp16")
    training = Training(recipe, tiny_images)
    for _ in training:
        pass
    scaler = training.learner.scaler
    assert scaler is not None
    assert_same_run(training.finish(), interrupted(recipe, tiny_images, tmp_path / "t", [3, 5]))


def test_another_seed_gives_other_weights(tiny_images: Data):
    first, second = train(plain(), tiny_images, seed=0), train(plain(), tiny_images, seed=1)
    assert not torch.equal(first.model[1].weight, second.model[1].weight)


def test_global_random_state_is_neither_read_nor_changed(tiny_images: Data):
    recipe = stacked(MANY, epochs=1)
    first = train(recipe, tiny_images)
    with torch.random.fork_rng():
        torch.manual_seed(12345)
        before = torch.get_rng_state()
        assert_same_run(first, train(recipe, tiny_images))
        assert torch.equal(before, torch.get_rng_state())


def test_looking_at_validation_changes_nothing(tiny_images: Data):
    recipe = stacked((Dropout(0.3), Mixup(0.2), EMA(0.9)))
    runs = [train(recipe, tiny_images, evaluations=count) for count in (1, 18)]
    assert [len(run.history.looks) for run in runs] == [1, 18]
    assert_same_weights(runs[0].model, runs[1].model)


@pytest.fixture
def png_folder(tmp_path: Path) -> Path:
    """40 noisy PNGs of two classes."""
    generator = torch.Generator().manual_seed(0)
    for number in range(40):
        low = 100 * (number % 2)
        pixels = torch.randint(low, low + 150, (6, 6), generator=generator, dtype=torch.uint8)
        path = tmp_path / "images" / ("dark", "bright")[number % 2] / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels.numpy()).save(path)
    return tmp_path / "images"


@pytest.mark.usefixtures("random_state_untouched")
def test_any_number_of_workers_gives_the_weights_of_memory(png_folder: Path, tmp_path: Path):
    recipe = plain().change(epochs=2) | Flip() | Mixup(0.4) | CutMix() | Dropout(0.2)
    held = open_data(png_folder)
    assert held.train.in_memory
    expected = train(recipe, held, evaluations=1)
    lazy = open_data(png_folder, memory_limit_bytes=1)
    assert not lazy.train.in_memory
    for workers in (0, 1, 2):
        assert_same_run(expected, train(recipe, lazy, workers=workers, evaluations=1))
    # Interrupted with one number of workers, it goes on with another.
    training = Training(recipe, lazy, workers=2, evaluations=1, checkpoint=tmp_path / "t")
    for _ in zip(range(3), training, strict=False):
        pass
    training.save()
    resumed = Training(recipe, lazy, workers=1, evaluations=1, checkpoint=tmp_path / "t")
    assert resumed.step == 3
    for _ in resumed:
        pass
    assert_same_run(expected, resumed.finish())


# Interruptions


def test_stopped_within_a_step_it_goes_on_from_the_last_whole_one(tiny_images: Data, tmp_path: Path):
    """Ctrl-C comes when it wants: here the weights are already changed and the step is not yet counted."""
    recipe, checkpoint = stacked((EMA(0.9),)), tmp_path / "t"
    training = Training(recipe, tiny_images, checkpoint=checkpoint)
    updates = 0

    def stop_after_ten(*_: object) -> None:
        nonlocal updates
        updates += 1
        if updates == 10:
            raise KeyboardInterrupt

    training.learner.optimizer.register_step_post_hook(stop_after_ten)
    for _ in zip(range(5), training, strict=False):
        pass
    training.save()
    with pytest.raises(KeyboardInterrupt):
        list(training)
    assert training.step == 9
    training.save()
    resumed = Training(recipe, tiny_images, checkpoint=checkpoint)
    assert resumed.step == 5, "half a step must not be written over a whole one"
    for _ in resumed:
        pass
    assert_same_run(train(recipe, tiny_images), resumed.finish())


def test_stopped_within_the_first_step_nothing_is_written(tiny_images: Data, tmp_path: Path):
    training = Training(plain(), tiny_images, checkpoint=tmp_path / "t")

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    training.learner.optimizer.register_step_post_hook(stop)
    with pytest.raises(KeyboardInterrupt):
        next(iter(training))
    training.save()
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("leave", ["break", "throw"])
def test_between_steps_it_can_always_be_saved(tiny_images: Data, tmp_path: Path, leave: str):
    training = Training(plain(), tiny_images, checkpoint=tmp_path / "t")
    training.save()
    assert Training(plain(), tiny_images, checkpoint=tmp_path / "t").step == 0
    try:
        for step in training:
            if step.number == 4:
                if leave == "break":
                    break
                raise KeyboardInterrupt
    except KeyboardInterrupt:
        pass
    training.save()
    assert Training(plain(), tiny_images, checkpoint=tmp_path / "t").step == 5


def test_a_finished_training_is_not_trained_again(tiny_images: Data, tmp_path: Path):
    for recipe in (plain(), stacked((EarlyStopping(patience_epochs=1),), epochs=20)):
        path = tmp_path / recipe.key()
        training = Training(recipe, tiny_images, checkpoint=path)
        for _ in training:
            pass
        training.save()
        again = Training(recipe, tiny_images, checkpoint=path)
        assert list(again) == []
        assert_same_run(training.finish(), again.finish())


def test_the_checkpoint_is_written_by_the_clock(tiny_images: Data, tmp_path: Path):
    always = Training(plain(), tiny_images, checkpoint=tmp_path / "always", checkpoint_seconds=0.0)
    never = Training(plain(), tiny_images, checkpoint=tmp_path / "never", checkpoint_seconds=1e9)
    for step, _ in zip(always, never, strict=True):
        found = Training(plain(), tiny_images, checkpoint=tmp_path / "always")
        assert found.step == step.number + 1
    assert os.listdir(tmp_path) == ["always"]


def test_seconds_of_all_sittings_add_up(tiny_images: Data, tmp_path: Path):
    training = Training(plain(), tiny_images, checkpoint=tmp_path / "t")
    next(iter(training))
    training.seconds = 100.0
    training.save()
    resumed = Training(plain(), tiny_images, checkpoint=tmp_path / "t")
    next(iter(resumed))
    assert 100.0 < resumed.seconds < 160.0


@pytest.mark.parametrize(
    ("change", "named"),
    [({"seed": 1}, "seed"), ({"recipe": plain().change(epochs=9)}, "recipe"), ({"data": None}, "data")],
)
def test_another_trainings_checkpoint_is_refused(tiny_images: Data, tmp_path: Path, change: dict, named: str):
    Training(plain(), tiny_images, checkpoint=tmp_path / "t").save()
    other = replace(tiny_images, train=tiny_images.train.select(torch.arange(23)))
    arguments = {"recipe": plain(), "data": tiny_images, "seed": 0, **change}
    arguments["data"] = arguments["data"] or other
    with pytest.raises(InputError, match=f"belongs to another {named}; use another --out"):
        Training(**arguments, checkpoint=tmp_path / "t")


# What a run says


def test_it_learns_and_its_validation_is_the_models(tiny_images: Data):
    run = train(stacked((), epochs=15), tiny_images)
    assert run.validation.value == 1.0
    assert run.steps == 45
    again = evaluate(run.model, tiny_images.validation, tiny_images.specification)
    assert torch.equal(again.outputs, run.validation.outputs)
    assert run.history.validation_values[-1] == run.validation.value
    assert run.history.losses[-1] < 0.3 < run.history.losses[0]
    assert run.seconds_per_step == run.seconds / 45
    assert not run.model.training
    assert run.last_model is run.model


@pytest.mark.parametrize(
    ("epochs", "evaluations", "looks"),
    [(4, 10, [2, 4, 6, 8, 10, 12]), (4, 3, [4, 8, 12]), (4, 1, [12]), (1.5, 10, [1, 2, 3, 4]), (0.1, 10, [1])],
)
def test_looks_are_even_and_the_last_step_is_always_seen(tiny_images: Data, epochs, evaluations: int, looks: list[int]):
    run = train(plain().change(epochs=epochs), tiny_images, evaluations=evaluations)
    assert run.history.looks == looks
    assert run.steps == looks[-1]


@pytest.mark.parametrize(
    ("trick", "again"),
    [(Flip(), 0), (EMA(), 0), (SWA(0.0, 0.34), 0), (EarlyStopping(restore_best=False), 0), (EarlyStopping(), 1)],
    ids=repr,
)
def test_the_last_look_is_not_repeated(tiny_images: Data, trick: Trick, again: int, monkeypatch: pytest.MonkeyPatch):
    """Only best weights of an earlier look are evaluated once more."""
    seen: list[nn.Module] = []
    monkeypatch.setattr(
        training_module, "evaluate", lambda model, *a, **o: seen.append(model) or evaluate(model, *a, **o)
    )
    training = Training(plain().change(epochs=4) | trick, worsening(tiny_images), monitored=False)
    for _ in training:
        pass
    run = training.finish()
    assert len(seen) == len(run.history.looks) + again
    assert not any(module.training for module in run.model.modules())
    assert_same_weights(run.model, training.evaluation_model())
    fresh = evaluate(run.model, training.data.validation, training.data.specification)
    assert torch.equal(fresh.outputs, run.validation.outputs)
    assert torch.equal(training.finish().validation.outputs, run.validation.outputs)


def test_a_training_that_goes_on_after_its_last_look_is_evaluated_anew(tiny_images: Data):
    training = Training(plain().change(epochs=1), tiny_images)
    for _ in training:
        pass
    training.end_after(training.total_steps + 1)
    for step in training:
        assert step.number + 1 == training.total_steps
        break
    fresh = evaluate(training.evaluation_model(), tiny_images.validation, tiny_images.specification)
    assert torch.equal(training.finish().validation.outputs, fresh.outputs)


@pytest.mark.parametrize("epochs", [2, 0.1])
def test_no_evaluations_are_one_at_the_end(tiny_images: Data, epochs: float):
    training = Training(plain().change(epochs=epochs), tiny_images, evaluations=0)
    for _ in training:
        pass
    assert training.finish().history.looks == [training.total_steps]
    with pytest.raises(ValueError, match="evaluations must be at least 0, got -1; 10 are usual, 0 is only at the end"):
        Training(plain(), tiny_images, evaluations=-1)


def test_a_batch_larger_than_the_split_is_the_split(tiny_images: Data):
    run = train(plain().change(batch_size=1000, epochs=3), tiny_images)
    assert run.steps == 3


def test_the_averaged_model_is_the_average(tiny_images: Data):
    training = Training(plain() | EMA(decay=0.5, warmup=False), tiny_images)
    name = "1.weight"
    average = training.learner.model.state_dict()[name].clone()
    for _ in training:
        average = 0.5 * average + 0.5 * training.learner.model.state_dict()[name]
    run = training.finish()
    torch.testing.assert_close(run.model.state_dict()[name], average)
    assert not torch.equal(run.model.state_dict()[name], run.last_model.state_dict()[name])


def worsening(data: Data) -> Data:
    """Validation labels that contradict training: its loss rises as soon as anything is learnt."""
    assert isinstance(data.validation.targets, Tensor)
    return replace(data, validation=replace(data.validation, targets=(data.validation.targets + 1) % 4))


def test_early_stopping_keeps_the_best_and_stops(tiny_images: Data):
    training = Training(stacked((EarlyStopping(patience_epochs=2),), epochs=20), worsening(tiny_images))
    kept: dict[int, dict[str, Tensor]] = {}
    for step in training:
        kept[step.number + 1] = {name: value.clone() for name, value in training.learner.model.state_dict().items()}
    run = training.finish()
    losses = run.history.validation_losses
    best = run.history.looks[losses.index(min(losses))]
    assert run.stopped_early
    assert run.steps == best + 6 < 60, "two epochs of three steps after the best"
    assert all(torch.equal(value, kept[best][name]) for name, value in run.model.state_dict().items())
    assert run.validation.loss == pytest.approx(min(losses))
    assert_same_weights(run.last_model, training.learner.model)
    assert not torch.equal(run.model.state_dict()["linear.bias"], run.last_model.state_dict()["linear.bias"])


def test_early_stopping_can_end_with_the_last_weights(tiny_images: Data):
    trick = EarlyStopping(patience_epochs=2, restore_best=False)
    run = train(stacked((trick,), epochs=20), worsening(tiny_images))
    assert run.stopped_early
    assert run.model is run.last_model


def test_early_stopping_looks_at_the_average_of_now(tiny_images: Data):
    """While the average improves it goes on: the best so far must not be what is looked at again."""
    run = train(stacked((EMA(0.5), EarlyStopping(patience_epochs=1)), epochs=6), tiny_images)
    losses = run.history.validation_losses
    assert losses[0] > losses[1], "nothing improved, so nothing was tested"
    assert len(set(losses)) == len(losses)
    assert run.steps > 6
    assert run.validation.loss == pytest.approx(min(losses))


# Building


def test_the_loss_must_be_for_the_datas_task(tiny_images: Data, tiny_table: Data):
    with pytest.raises(RecipeError, match=r"the loss MeanSquaredError.* is for regression, the data is classification"):
        Training(Recipe(loss=MeanSquaredError()), tiny_images)
    with pytest.raises(RecipeError, match=r"the loss CrossEntropy.* is for classification, the data is regression"):
        Training(Recipe(), tiny_table)


@pytest.mark.usefixtures("random_state_untouched")
def test_a_network_is_a_function_of_recipe_and_seed(tiny_images: Data):
    one, same, other = (build_model(home(), tiny_images.specification, seed=seed) for seed in (3, 3, 4))
    assert_same_weights(one, same)
    assert not torch.equal(one.state_dict()["linear.weight"], other.state_dict()["linear.weight"])


def test_rules_put_each_parameter_in_one_group():
    shared = nn.Linear(4, 4)
    model = nn.Sequential(shared, nn.ReLU(), shared, nn.BatchNorm1d(4), nn.Linear(4, 2))
    model[3].bias.requires_grad_(False)
    rules = (
        lambda module, name, parameter: {"weight_decay": 0.0} if parameter.ndim == 1 else {},
        lambda module, name, parameter: {"learning_rate_factor": 0.25} if isinstance(module, nn.BatchNorm1d) else {},
        lambda module, name, parameter: {"weight_decay_factor": 0.5} if isinstance(module, nn.BatchNorm1d) else {},
        lambda module, name, parameter: {"weight_decay_factor": 0.5} if parameter.ndim == 2 else {},
    )
    groups = parameter_groups(model, rules, SGD(2.0, weight_decay=0.5))
    found = {tuple(sorted((k, v) for k, v in group.items() if k != "params")): group["params"] for group in groups}
    assert {settings: len(parameters) for settings, parameters in found.items()} == {
        (("weight_decay", 0.25),): 2, (("weight_decay", 0.0),): 2, (("lr", 0.5), ("weight_decay", 0.0)): 1,
    }  # fmt: skip
    parameters = [parameter for group in groups for parameter in group["params"]]
    assert len({id(parameter) for parameter in parameters}) == len(parameters) == 5
    assert parameter_groups(model, (), SGD()) == [{"params": [p for p in model.parameters() if p.requires_grad]}]


def test_a_scheduled_group_keeps_its_own_rate(tiny_images: Data):
    """The schedule multiplies each group's own base, not one for all."""

    def slower(module: nn.Module, name: str, parameter: nn.Parameter) -> dict[str, float]:
        return {"lr": 0.01} if name == "bias" else {}

    recipe = replace(plain() | ConstantLR(), parameter_rules=(slower,))
    training = Training(recipe, tiny_images)
    next(iter(training))
    assert sorted(group["lr"] for group in training.learner.optimizer.param_groups) == [0.01, 0.1]


@pytest.mark.parametrize("end", [9, 15])
def test_a_training_of_another_length_ends_there_and_resumes_there(tiny_images: Data, tmp_path: Path, end: int) -> None:
    recipe = Recipe(MLP((8,)), batch_size=8, epochs=4) | Cosine()

    def moved(stop: int | None) -> Training:
        training = Training(recipe, tiny_images, checkpoint=tmp_path / f"{stop}-{end}.checkpoint")
        for step in training:
            if step.number == 2:
                training.end_after(end)
            if step.number == stop:
                training.save()
                break
        return training

    whole = moved(None)
    assert whole.step == whole.total_steps == end
    moved(5)
    resumed = Training(recipe, tiny_images, checkpoint=tmp_path / f"5-{end}.checkpoint")
    steps = list(resumed)
    assert [step.number for step in steps] == list(range(6, end))
    # Cosine of the new length, not of 12.
    assert steps[-1].learning_rate == pytest.approx(
        recipe.optimizer.learning_rate * 0.5 * (1 + math.cos(math.pi * (end - 1) / end))
    )
    for name, value in whole.learner.model.state_dict().items():
        assert torch.equal(value, resumed.learner.model.state_dict()[name]), name


@pytest.mark.parametrize("total_steps", [-1, 0, 2])
def test_end_after_refuses_a_length_behind_the_step(tiny_images: Data, total_steps: int) -> None:
    training = Training(Recipe(MLP((8,)), batch_size=8, epochs=4), tiny_images)
    for step in training:
        if step.number == 2:
            break
    with pytest.raises(ValueError, match=f"must be at least 3, got {total_steps}"):
        training.end_after(total_steps)
