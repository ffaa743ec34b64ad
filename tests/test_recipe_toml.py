"""Recipes as TOML: as written, there and back, and what a file may not say."""

from pathlib import Path

import pytest

from assay.errors import InputError
from assay.losses import MeanSquaredError
from assay.models.mlp import MLP
from assay.models.resnet import ResNet
from assay.optimizers import SGD
from assay.recipe import Recipe, RecipeError
from assay.recipe_toml import read_recipe, recipe_from_toml, recipe_to_toml, write_recipe
from assay.tricks.batch.mixup import Mixup
from assay.tricks.loss.focal import Focal
from assay.tricks.schedule.chain import Chain
from assay.tricks.schedule.cosine import Cosine
from assay.tricks.schedule.linear_decay import LinearDecay
from assay.tricks.schedule.one_cycle import OneCycle
from assay.tricks.schedule.product import Product
from assay.tricks.schedule.restart import Restart
from assay.tricks.schedule.step_decay import StepDecay
from assay.tricks.schedule.warmup import Warmup
from assay.tricks.target.label_smoothing import LabelSmoothing

STACK = Recipe(model=MLP(hidden=(32, 16)), optimizer=SGD(), epochs=20.0) | Cosine(warmup_epochs=2.0) | Mixup(0.3)


def test_a_recipe_as_it_is_written():
    assert recipe_to_toml(STACK) == (
        "batch_size = 128\nepochs = 20.0\n\n"
        '[model]\nkind = "MLP"\nhidden = [32, 16]\ndropout = 0.0\n\n'
        '[optimizer]\nkind = "SGD"\nlearning_rate = 0.1\nmomentum = 0.9\nnesterov = true\nweight_decay = 0.0\n\n'
        '[loss]\nkind = "CrossEntropy"\ntask = "classification"\n\n'
        '[[tricks]]\nkind = "Cosine"\nwarmup_epochs = 2.0\nfloor = 0.0\nof = "learning_rate"\n\n'
        '[[tricks]]\nkind = "Mixup"\nalpha = 0.3\n'
    )


@pytest.mark.parametrize(
    "recipe",
    [
        Recipe(),
        STACK,
        Recipe(model=ResNet(depth=14, norm="group"), optimizer=SGD()) | OneCycle(momentum=(0.95, 0.85)),
        Recipe(loss=MeanSquaredError(), batch_size=7, epochs=0.5),
        Recipe() | Focal(alpha=(0.75, 0.25)) | LabelSmoothing(0.2, form="others"),
        Recipe() | Focal(),
        Recipe()
        | Restart(Cosine(warmup_epochs=1.0), 5.0)
        | Chain((LinearDecay(0.2), Cosine()), (0.1 + 0.2,), "momentum"),
        Recipe() | Chain((Restart(Chain((OneCycle(), Warmup(0.5)), (0.5,)), 2.0, 1.0), Product((Cosine(),))), (0.6,)),
        Recipe() | Product((Restart(LinearDecay()), StepDecay()), of="weight_decay") | LabelSmoothing(0.2),
    ],
    ids=Recipe.describe,
)
def test_round_trip(recipe, tmp_path):
    path = tmp_path / "recipe.toml"
    write_recipe(recipe, path)
    again = read_recipe(str(path))
    assert again == recipe
    assert again.key() == recipe.key()
    assert again.describe() == recipe.describe()
    assert hash(again.tricks) == hash(recipe.tricks)


def test_schedules_inside_schedules_have_tables_of_their_own():
    inner = Restart(Chain((Cosine(floor=0.1), LinearDecay(0.5)), (0.5,)), period_epochs=2.0)
    tables = recipe_to_toml(Recipe() | Product((inner, Cosine()), of="momentum") | Mixup()).split("[[tricks]]\n", 1)[1]
    assert tables == (
        'kind = "Product"\nof = "momentum"\n\n'
        '[[tricks.schedules]]\nkind = "Restart"\nperiod_epochs = 2.0\nmultiplier = 2.0\n\n'
        '[tricks.schedules.schedule]\nkind = "Chain"\nat = [0.5]\n\n'
        "[[tricks.schedules.schedule.schedules]]\n"
        'kind = "Cosine"\nwarmup_epochs = 0.0\nfloor = 0.1\n\n'
        '[[tricks.schedules.schedule.schedules]]\nkind = "LinearDecay"\nend_factor = 0.5\n\n'
        '[[tricks.schedules]]\nkind = "Cosine"\nwarmup_epochs = 0.0\nfloor = 0.0\n\n'
        '[[tricks]]\nkind = "Mixup"\nalpha = 0.2\n'
    )


def test_schedules_inside_schedules_may_be_written_in_their_lines():
    text = '[[tricks]]\nkind = "Chain"\nat = [0.5]\nschedules = [{kind = "Warmup", epochs = 1}, {kind = "Cosine"}]\n'
    recipe = recipe_from_toml(text)
    assert recipe == Recipe() | Chain((Warmup(1.0), Cosine()), (0.5,))
    assert recipe.key() == recipe_from_toml(recipe_to_toml(recipe)).key()
    assert recipe.key() != recipe_from_toml(text.replace("epochs = 1", "epochs = 2")).key()


def test_what_is_left_out_takes_its_default_and_whole_numbers_are_numbers():
    recipe = recipe_from_toml('epochs = 20\n[[tricks]]\nkind = "Cosine"\nwarmup_epochs = 2\n')
    assert recipe == Recipe(epochs=20.0) | Cosine(warmup_epochs=2.0)
    assert isinstance(recipe.epochs, float)
    assert recipe.tricks[0].warmup_epochs.__class__ is float
    assert recipe_from_toml("") == Recipe()


def test_tricks_are_applied_in_the_order_of_the_file():
    text = '[[tricks]]\nkind = "Mixup"\n[[tricks]]\nkind = "Cosine"\n'
    assert [type(trick) for trick in recipe_from_toml(text).tricks] == [Mixup, Cosine]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("epochs = ]", r"recipe: this is not TOML: .*line 1"),
        ("epoch = 3", r"recipe: there is no entry 'epoch'; did you mean epochs\? known are batch_size, epochs, model"),
        ("batch_size = 1.5", r"recipe: batch_size must be a whole number, got 1.5"),
        ("batch_size = true", r"recipe: batch_size must be a whole number, got True"),
        ('epochs = "20"', r"recipe: epochs must be a number, got '20'"),
        ("batch_size = 0", r"recipe: batch_size must be at least 1, got 0"),
        ("model = 3", r'recipe: \[model\] must be a table with a line kind = "NAME", got 3'),
        ("[model]\ndepth = 3", r'recipe: \[model\] must be a table with a line kind = "NAME"'),
        ('[model]\nkind = "Resnet"', r"recipe: \[model\]: there is no kind 'Resnet'; did you mean ResNet\?"),
        ('[model]\nkind = "Bert"', r"there is no kind 'Bert'; known are MLP, ConvNet, ResNet"),
        (
            '[model]\nkind = "MLP"\nwidth = 3',
            r"recipe: \[model\] MLP has no field 'width'; .*known are hidden, dropout",
        ),
        ('[model]\nkind = "MLP"\nhidden = 8', r"\[model\] MLP: hidden must be a list, each a whole number, got 8"),
        ('[model]\nkind = "MLP"\nhidden = [8, "b"]', r"hidden must be a list, each a whole number, got \[8, 'b'\]"),
        ('[model]\nkind = "ResNet"\nnorm = "layer"', r'ResNet: norm must be one of "batch", "group", got \'layer\''),
        ('tricks = "Mixup"', r"recipe: tricks must be tables \[\[tricks\]\], with two brackets, got 'Mixup'"),
        ('[tricks]\nkind = "Mixup"', r"tricks must be tables \[\[tricks\]\]"),
        ('[[tricks]]\nkind = "Mixip"', r"\[\[tricks\]\] number 1: there is no kind 'Mixip'; did you mean Mixup\?"),
        ('[[tricks]]\nkind = "Mixup"\nalpa = 1', r"number 1 Mixup has no field 'alpa'; did you mean alpha\? known are"),
        ('[[tricks]]\nkind = "ZeroGamma"\nx = 1', r"ZeroGamma has no field 'x'; it has none"),
        ('[[tricks]]\nkind = "Mixup"\nalpha = "much"', r"number 1 Mixup: alpha must be a number, got 'much'"),
        (
            '[[tricks]]\nkind = "Mixup"\nalpha = -1',
            r"number 1 Mixup: alpha must be 0 or finite and at least 0.01, got -1",
        ),
        ('[[tricks]]\nkind = "Mixup"\nalpha = nan', r"alpha must be 0 or finite and at least 0.01, got nan"),
        (
            '[[tricks]]\nkind = "OneCycle"\nmomentum = [0.9]',
            r"momentum must be a list of 2, each a number, got \[0.9\]",
        ),
        ('[[tricks]]\nkind = "Restart"\nschedule = 3', "number 1 Restart: schedule must be a schedule trick, got 3"),
        (
            '[[tricks]]\nkind = "Restart"\n[tricks.schedule]\nfloor = 0.1',
            "must be a schedule trick, got {'floor': 0.1}",
        ),
        ('[[tricks]]\nkind = "Restart"\n[tricks.schedule]\nkind = "Mixup"', r"must be a schedule trick, got Mixup\("),
        (
            '[[tricks]]\nkind = "Restart"\n[tricks.schedule]\nkind = "Cosin"',
            r"Restart: schedule: there is no kind 'Cosin'",
        ),
        (
            '[[tricks]]\nkind = "Chain"\nat = []\n[[tricks.schedules]]\nkind = "Cosine"\nfloor = 2',
            r"number 1 Chain: schedules, number 1 Cosine: floor must be in \[0, 1\], got 2.0",
        ),
        (
            '[[tricks]]\nkind = "Restart"\nperiod_epochs = {kind = "Cosine"}',
            r"Restart: period_epochs must be a number, got Cosine\(",
        ),
        ('[[tricks]]\nkind = "Mixup"\n' * 2, r"recipe: Mixup is already in the recipe; use it once"),
        ('[[tricks]]\nkind = "Cosine"\n[[tricks]]\nkind = "StepDecay"', r"StepDecay and Cosine both set learning rate"),
        ('[loss]\nkind = "MeanSquaredError"\n[[tricks]]\nkind = "Focal"', r"Focal needs a classification task"),
    ],
)
def test_refusals_name_the_place_and_the_remedy(text, message):
    with pytest.raises(InputError, match=message):
        recipe_from_toml(text)


def test_errors_name_the_file(tmp_path):
    with pytest.raises(InputError, match=r"missing\.toml: .* cannot be read \(no such file or directory\); check"):
        read_recipe(tmp_path / "missing.toml")
    (tmp_path / "latin.toml").write_bytes(b"epochs = 1 # \xe9")
    with pytest.raises(InputError, match=r"latin\.toml: .* cannot be read \(not UTF-8 text\); save it as"):
        read_recipe(tmp_path / "latin.toml")
    wrong = Path(tmp_path / "wrong.toml")
    wrong.write_text("epochs = -1")
    with pytest.raises(InputError, match=r"wrong\.toml: epochs must be positive and finite, got -1"):
        read_recipe(wrong)


def test_a_part_a_file_cannot_name_is_refused_when_writing():
    class Strange:
        learning_rate, weight_decay = 0.1, 0.0

        def build(self, groups):
            raise NotImplementedError

    with pytest.raises(RecipeError, match="a recipe file can name as optimizer only SGD, Adam, AdamW; got Strange"):
        recipe_to_toml(Recipe(optimizer=Strange()))


def test_a_recipe_that_cannot_be_written_leaves_the_old_one(tmp_path, monkeypatch):
    path = tmp_path / "recipe.toml"
    write_recipe(Recipe(), path)
    whole = Path.write_text

    def break_off(self, text, *args, **kwargs):
        whole(self, text[:10], *args, **kwargs)
        raise OSError("no space left")

    monkeypatch.setattr(Path, "write_text", break_off)
    with pytest.raises(OSError, match="no space left"):
        write_recipe(Recipe(batch_size=7), path)
    assert read_recipe(path) == Recipe()
    assert [one.name for one in tmp_path.iterdir()] == ["recipe.toml"]
