"""The model file: it comes back whole, or not at all."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors import safe_open
from safetensors.torch import save_file

from assay.artifact import ENTRY, FILE, load_model, save_model
from assay.data.data import Data
from assay.errors import InputError
from assay.evaluation import predict
from assay.losses import MeanSquaredError
from assay.models.convnet import ConvNet
from assay.models.ensemble import Ensemble
from assay.models.mlp import MLP
from assay.models.resnet import ResNet
from assay.network import build_model
from assay.recipe import Recipe
from assay.tricks.architecture.resnet_d import ResNetD
from assay.tricks.average.ema import EMA
from assay.tricks.initialisation.output_bias_init import OutputBiasInit
from assay.tricks.initialisation.zero_gamma import ZeroGamma

RECIPE = Recipe(model=MLP(hidden=(8,))) | EMA()


def members_of(data: Data, recipe: Recipe, count: int = 1) -> list[torch.nn.Module]:
    return [build_model(recipe, data.specification, seed=seed).eval() for seed in range(count)]


@pytest.fixture
def saved(tiny_images: Data, tmp_path: Path) -> Path:
    return save_model(tmp_path, members_of(tiny_images, RECIPE), tiny_images.specification, RECIPE)


class TestRoundTrip:
    @pytest.mark.parametrize(
        "recipe",
        [
            RECIPE,
            Recipe(model=ConvNet(widths=(4, 8))) | OutputBiasInit(),
            Recipe(model=ResNet(depth=8, width=4)) | ResNetD() | ZeroGamma(),
        ],
        ids=["mlp", "convnet", "resnet"],
    )
    @pytest.mark.parametrize("count", [1, 3])
    def test_answers_are_the_same(self, tiny_images: Data, tmp_path: Path, recipe: Recipe, count: int) -> None:
        members = members_of(tiny_images, recipe, count)
        whole = members[0] if count == 1 else Ensemble(members, classes=True)
        save_model(tmp_path, members, tiny_images.specification, recipe)
        model = load_model(tmp_path)
        assert torch.equal(
            model.predict(tiny_images.test.inputs), predict(whole, tiny_images.test, tiny_images.specification)
        )
        assert (model.recipe, model.specification) == (recipe, tiny_images.specification)
        assert not any(module.training for module in model.module.modules())

    def test_regression_in_the_targets_own_units(self, tiny_table: Data, tmp_path: Path) -> None:
        recipe = Recipe(model=MLP(hidden=(8,)), loss=MeanSquaredError())
        members = members_of(tiny_table, recipe, 2)
        save_model(tmp_path, members, tiny_table.specification, recipe)
        answers = load_model(tmp_path).predict(tiny_table.test.inputs)
        assert answers.shape == (12, 1)
        whole = Ensemble(members, classes=False)
        assert torch.equal(answers, predict(whole, tiny_table.test, tiny_table.specification))

    def test_equal_models_are_equal_files(self, saved: Path, tiny_images: Data, tmp_path: Path) -> None:
        for number in range(4):  # an order of chance would be the same four times in 1 of 300,000 cases
            folder = tmp_path / str(number)
            folder.mkdir()
            again = save_model(folder, members_of(tiny_images, RECIPE), tiny_images.specification, RECIPE)
            assert again.read_bytes() == saved.read_bytes()

    def test_by_folder_or_by_file(self, saved: Path) -> None:
        assert load_model(saved).recipe == load_model(str(saved.parent)).recipe

    def test_written_whole_and_without_remains(self, saved: Path, tiny_images: Data) -> None:
        save_model(saved.parent, members_of(tiny_images, RECIPE), tiny_images.specification, RECIPE)
        assert [path.name for path in saved.parent.iterdir() if path.is_file()] == [FILE]

    def test_leaves_no_trace(self, saved: Path, random_state_untouched: None) -> None:
        load_model(saved)

    def test_odd_class_names(self, tiny_images: Data, tmp_path: Path) -> None:
        from dataclasses import replace

        names = ('quote"', "new\nline", "[bold]", "日本")
        specification = replace(tiny_images.specification, classes=names)
        save_model(tmp_path, members_of(tiny_images, RECIPE), specification, RECIPE)
        assert load_model(tmp_path).specification.classes == names


class TestDamage:
    def damage(self, path: Path, change: Callable[[bytes], bytes]) -> None:
        path.write_bytes(change(path.read_bytes()))

    def test_every_flipped_byte_of_the_weights_is_seen(self, saved: Path) -> None:
        whole = saved.read_bytes()
        start = 8 + int.from_bytes(whole[:8], "little")
        for place in np.linspace(start, len(whole) - 1, 9).astype(int):
            saved.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
            with pytest.raises(InputError, match="changed after it was written"):
                load_model(saved)

    def test_flipped_bytes_of_the_header_never_load(self, saved: Path) -> None:
        """Somewhere in the header a byte breaks the format, somewhere a value: always one clear refusal."""
        whole = saved.read_bytes()
        length = 8 + int.from_bytes(whole[:8], "little")
        for place in np.linspace(0, length - 1, 40).astype(int):
            if chr(whole[place]) == " ":
                continue
            saved.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
            with pytest.raises(InputError, match=r"changed after it was written|not a readable model|not a model that"):
                load_model(saved)

    @pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 0.999])
    def test_a_truncated_file(self, saved: Path, share: float) -> None:
        self.damage(saved, lambda whole: whole[: int(share * len(whole))])
        with pytest.raises(InputError, match="not a readable model file"):
            load_model(saved)

    def test_something_appended(self, saved: Path) -> None:
        self.damage(saved, lambda whole: whole + b"more")
        with pytest.raises(InputError, match="not a readable model file"):
            load_model(saved)

    def rewrite(self, path: Path, **changes: object) -> None:
        with safe_open(path, framework="pt") as file:
            header = json.loads(file.metadata()[ENTRY])
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        save_file(tensors, path, metadata={ENTRY: json.dumps({**header, **changes})})

    def test_an_edited_header(self, saved: Path, tiny_images: Data) -> None:
        values = json.loads(json.dumps(tiny_images.specification.to_dict()))
        values["classes"] = values["classes"][::-1]
        self.rewrite(saved, specification=values)
        with pytest.raises(InputError, match="changed after it was written"):
            load_model(saved)

    @pytest.mark.parametrize("changes", [{"recipe": "batch_size = 1\n"}, {"members": 0}, {"digest": "0"}, {"new": 1}])
    def test_an_edited_entry(self, saved: Path, changes: dict[str, object]) -> None:
        self.rewrite(saved, **changes)
        with pytest.raises(InputError, match="changed after it was written"):
            load_model(saved)

    @pytest.mark.parametrize("text", ["", "[]", "{}", "not json", "null"])
    def test_a_header_that_is_none(self, saved: Path, text: str) -> None:
        save_file({"weight": torch.zeros(2)}, saved, metadata={ENTRY: text})
        with pytest.raises(InputError, match="changed after it was written"):
            load_model(saved)

    def test_another_safetensors_file(self, tmp_path: Path) -> None:
        save_file({"weight": torch.zeros(2)}, tmp_path / FILE)
        with pytest.raises(InputError, match="not a model that Assay wrote"):
            load_model(tmp_path)

    def test_a_model_that_this_version_cannot_rebuild(self, tiny_images: Data, tmp_path: Path) -> None:
        """Whole, but weights and recipe do not fit each other."""
        save_model(tmp_path, [torch.nn.Linear(3, 2)], tiny_images.specification, RECIPE)
        with pytest.raises(InputError, match="another version of Assay"):
            load_model(tmp_path)

    def test_no_file(self, tmp_path: Path) -> None:
        for place in (tmp_path, tmp_path / "nowhere", tmp_path / FILE):
            with pytest.raises(InputError, match=r"no model there; a finished run leaves model\.safetensors"):
                load_model(place)

    def test_a_text_file(self, tmp_path: Path) -> None:
        (tmp_path / "notes.txt").write_text("nothing to see")
        with pytest.raises(InputError, match="not a readable model file"):
            load_model(tmp_path / "notes.txt")


class TestNewInputs:
    @pytest.mark.parametrize("shape", [(3, 1, 8, 9), (3, 3, 8, 8), (1, 8, 8), (3, 64)])
    def test_another_shape_is_refused_with_both(self, saved: Path, shape: tuple[int, ...]) -> None:
        with pytest.raises(InputError, match=r"inputs must have shape \(n, 1, 8, 8\), got \(" + str(shape[0])):
            load_model(saved).predict(torch.zeros(shape))

    def test_no_examples(self, saved: Path) -> None:
        assert load_model(saved).predict(torch.zeros(0, 1, 8, 8)).shape == (0, 4)

    def test_an_array_file(self, saved: Path, tiny_images: Data) -> None:
        path = saved.parent / "new.npy"
        np.save(path, tiny_images.test.inputs.numpy())
        model = load_model(saved)
        assert torch.equal(model.predict(model.read(path)), model.predict(tiny_images.test.inputs))

    def test_an_array_of_another_shape(self, saved: Path) -> None:
        path = saved.parent / "new.npy"
        np.save(path, np.zeros((2, 5, 5)))
        with pytest.raises(InputError, match=r"shape \(1, 8, 8\), got \(1, 5, 5\)"):
            load_model(saved).read(path)

    def test_a_file_of_another_kind(self, saved: Path) -> None:
        Image.new("L", (8, 8)).save(saved.parent / "picture.png")
        with pytest.raises(InputError, match=r"reads \.npz or \.npy arrays, got \.png"):
            load_model(saved).read(saved.parent / "picture.png")

    def test_no_such_file(self, saved: Path) -> None:
        with pytest.raises(InputError, match="no such file"):
            load_model(saved).read(saved.parent / "missing.npy")
