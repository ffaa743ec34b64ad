"""The model that ships: weights, specification and recipe in one safetensors file.

The file holds no code. Its header carries what is needed to rebuild the network and to prepare new
data for it, and a digest over header and weights, so that a damaged or edited file is refused.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from assay.data.encoders import as_batch
from assay.data.specification import Specification
from assay.data.split import Split
from assay.errors import InputError
from assay.evaluation import predict
from assay.models.ensemble import Ensemble
from assay.network import build_model
from assay.recipe import Recipe
from assay.recipe_toml import recipe_from_toml, recipe_to_toml
from assay.run_folder import MODEL
from assay.whole_file import replacing

FILE, ENTRY = MODEL, "assay"


@dataclass(frozen=True, eq=False)
class Model:
    """A trained model with its own preprocessing. module: from normalised inputs to outputs."""

    module: nn.Module
    specification: Specification
    recipe: Recipe

    def predict(self, inputs: Tensor) -> Tensor:
        """(n, classes) probabilities, or (n, 1) values, of raw inputs as `read` gives them.

        Raises:
            InputError: the inputs have another shape than the model was trained on.
        """
        wanted = self.specification.input_shape
        if tuple(inputs.shape[1:]) != wanted:
            raise InputError(f"inputs must have shape (n, {', '.join(map(str, wanted))}), got {tuple(inputs.shape)}")
        ids = tuple(str(number) for number in range(len(inputs)))
        return predict(self.module, Split(inputs, torch.zeros(len(inputs), dtype=torch.int64), ids), self.specification)

    def read(self, path: str | Path) -> Tensor:
        """Raw inputs from a file of the kind the model was trained on.

        Raises:
            InputError: no such file, or its contents do not fit; says both shapes.
        """
        path = Path(path)
        if not path.is_file():
            raise InputError(f"{path}: no such file")
        return as_batch(self.specification.encoder, path)


def save_model(folder: Path, members: Sequence[nn.Module], specification: Specification, recipe: Recipe) -> Path:
    """Write the model file, whole or not at all; several members become an ensemble."""
    from safetensors.torch import save

    # A training that keeps snapshots gives an ensemble itself.
    members = [part for member in members for part in (member.members if isinstance(member, Ensemble) else [member])]
    tensors = {
        f"{number}.{name}": value.detach().cpu().contiguous()
        for number, member in enumerate(members)
        for name, value in member.state_dict().items()
    }
    header = {"specification": specification.to_dict(), "recipe": recipe_to_toml(recipe), "members": len(members),
              "format": 1}  # fmt: skip
    header["digest"] = digest_of(tensors, header)
    # One entry: safetensors writes several in an order of chance, and equal models should be equal files.
    metadata = {ENTRY: json.dumps(header, sort_keys=True)}
    path = folder / FILE
    with replacing(path) as unfinished:
        unfinished.write_bytes(save(tensors, metadata=metadata))
    return path


def load_model(folder: str | Path) -> Model:
    """The model of a finished run, from its folder or its file.

    Raises:
        InputError: no model there, or the file is damaged or was edited.
    """
    path = Path(folder) / FILE if Path(folder).is_dir() else Path(folder)
    if not path.is_file():
        raise InputError(f"{path}: no model there; a finished run leaves {FILE} in its folder")
    tensors, header = read_file(path)
    try:
        specification = Specification.from_dict(header["specification"])
        recipe = recipe_from_toml(header["recipe"])
        members = [rebuild(recipe, specification, tensors, f"{n}.") for n in range(header["members"])]
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        raise InputError(f"{path}: another version of Assay wrote this model ({error}); load it with that") from error
    module = members[0] if len(members) == 1 else Ensemble(members, classes=specification.task == "classification")
    return Model(module.eval(), specification, recipe)


def read_file(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Tensors and header, after checking the digest."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a dict
    except (SafetensorError, OSError) as error:
        raise InputError(f"{path}: not a readable model file ({error}); train again or copy it again") from error
    if ENTRY not in metadata:
        raise InputError(f"{path}: this is not a model that Assay wrote; name a run's folder or its {FILE}")
    header = read_header(metadata[ENTRY])
    digest = header.pop("digest", None)
    if digest is None or digest != digest_of(tensors, header):
        raise InputError(f"{path}: the file was changed after it was written (its digest does not fit); copy it again")
    return tensors, header


def read_header(text: str) -> dict[str, Any]:
    """The header; empty if the text is none, which no digest fits."""
    try:
        header = json.loads(text)
    except json.JSONDecodeError:
        return {}
    return header if isinstance(header, dict) else {}


def rebuild(recipe: Recipe, specification: Specification, tensors: dict[str, Tensor], prefix: str) -> nn.Module:
    """One member with its weights."""
    model = build_model(recipe, specification, seed=0)
    model.load_state_dict({name.removeprefix(prefix): v for name, v in tensors.items() if name.startswith(prefix)})
    return model.eval()


def digest_of(tensors: dict[str, Tensor], header: dict[str, Any]) -> str:
    """A digest over every name, value and header field."""
    digest = hashlib.blake2b(digest_size=16)
    digest.update(json.dumps(header, sort_keys=True).encode())
    for name in sorted(tensors):
        digest.update(f"{name} {tensors[name].dtype} {tuple(tensors[name].shape)}".encode())
        digest.update(tensors[name].contiguous().view(-1).view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()
