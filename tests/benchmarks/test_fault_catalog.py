"""The bench of faults itself: what is in it, that everything draws, and that siblings differ by the fault alone."""

import ast
import random
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
import torch
from faults.assembly import assemble
from faults.catalog import FAULTS, LOOK_ALIKES, WORLDS
from faults.fault import draw_pair, draw_world
from faults.look_alike import draw_look_alike
from faults.properties import leaks_over_batch, parameters_stand_still
from faults.scores import score, share
from faults.symptoms import raises
from faults.trace import changes, fingerprint
from faults.training import usual_step

CHECKS = frozenset({
    "inputs_finite", "input_scale", "labels_valid", "class_balance", "shuffling", "labels_follow_inputs",
    "validation_deterministic", "train_validation_overlap", "train_validation_shift", "worker_randomness",
    "augmentation_strength", "duplicate_examples", "label_noise", "initial_loss", "output_bias", "output_range",
    "softmax_twice", "loss_pairing", "loss_shapes", "loss_reduction", "batch_dependency", "time_dependency",
    "symmetric_initialization", "initialization_scale", "nonlinearity", "dead_units", "saturated_units",
    "vanishing_gradients", "exploding_gradients", "evaluation_deterministic", "train_eval_mode", "gradient_check",
    "parameters_trained", "gradients_cleared", "step_direction", "learning_rate", "learning_rate_schedule",
    "weight_decay_groups", "weight_decay_strength", "loss_clipping", "update_ratio", "overfit_one_batch",
    "input_independent_baseline", "capacity_lowers_loss", "seed_reproducible", "beats_prior_baseline",
    "replicas_equal",
})  # fmt: skip
FAULT = {fault.name: fault for fault in FAULTS}
LARGEST_NETWORK = 200_000
SEEDS = range(3, 9)
FOLDER = Path(__file__).parents[2] / "benchmarks" / "faults"


@pytest.fixture(autouse=True)
def only_embedded_data(monkeypatch):
    monkeypatch.delenv("ASSAY_DATA_DIR", raising=False)


def size(program):
    return sum(weight.numel() for weight in program.arguments["model"].parameters())


def test_there_are_as_many_as_were_asked_for():
    assert len(FAULTS) >= 70
    assert len(LOOK_ALIKES) + len(FAULTS) >= 70
    assert len(WORLDS) == 7
    names = Counter([*(fault.name for fault in FAULTS), *(odd.name for odd in LOOK_ALIKES)])
    assert max(names.values()) == 1
    assert {domain for fault in FAULTS for domain in fault.domains} == set(WORLDS)
    assert {domain for odd in LOOK_ALIKES for domain in odd.domains} == set(WORLDS)


def test_right_causes_are_ids_of_checks():
    assert all(fault.causes and fault.causes <= CHECKS for fault in FAULTS)


def test_every_file_of_faults_and_look_alikes_is_in_the_catalogue():
    told = (FOLDER / "catalog.py").read_text()
    imported = {
        (node.module, alias.name)
        for node in ast.walk(ast.parse(told)) if isinstance(node, ast.ImportFrom) for alias in node.names
    }  # fmt: skip
    for room in ("planted", "look_alikes"):
        files = {path.stem for path in (FOLDER / room).glob("*.py")} - {"__init__"}
        assert files == {name for module, name in imported if module == f"faults.{room}"}


def take_a_step(program):
    """One training step, and one validation batch as its user scores it."""
    arguments, parts = program.arguments, program.parts
    step = arguments.get("training_step") or usual_step(parts)
    step(arguments["model"].train(), next(iter(arguments["train_loader"])), arguments["optimizer"])
    inputs, _ = parts.form.unpack(next(iter(arguments["val_loader"])))
    with torch.no_grad():
        assert parts.prediction(arguments["model"].eval()(*inputs)).shape[0] == len(inputs[0])


def check_healthy(program, told):
    """Nothing is wrong with it, and after a step its weights are numbers."""
    assert program.healthy, told
    assert not program.causes, told
    assert size(program) < LARGEST_NETWORK, told
    take_a_step(program)
    assert all(weight.isfinite().all() for weight in program.arguments["model"].parameters()), told


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(FAULT))
@pytest.mark.filterwarnings("ignore:Using a target size")  # What the broadcasting faults are about.
def test_every_fault_draws_with_its_sibling_and_both_take_a_step(name):
    for seed in SEEDS:
        faulty, sibling = draw_pair(FAULT[name], WORLDS, seed)
        assert not faulty.healthy
        assert faulty.seed == sibling.seed
        assert faulty.domain == sibling.domain
        check_healthy(sibling, f"seed {seed}")
        if FAULT[name].symptom is raises:
            with pytest.raises((RuntimeError, IndexError, ValueError)):
                take_a_step(faulty)
        else:
            take_a_step(faulty)


@pytest.mark.slow
@pytest.mark.parametrize("look_alike", LOOK_ALIKES, ids=lambda odd: odd.name)
def test_every_look_alike_draws_and_takes_a_step(look_alike):
    for seed in SEEDS:
        check_healthy(draw_look_alike(look_alike, WORLDS, seed), f"seed {seed}")


@cache
def reader_of_two_inputs(form):
    """Healthy parts whose network takes tokens, and a mask or lengths beside them."""
    drawn = (draw_world(WORLDS["sequences"], seed) for seed in range(100))
    parts = next(parts for parts in drawn if {"masks", form, "classification"} <= parts.traits)
    assert len(parts.train.inputs) == 2
    return parts


@pytest.mark.parametrize("form", ["mapping", "pair"])
def test_dropout_behind_features_of_two_inputs(form):
    odd = next(odd for odd in LOOK_ALIKES if odd.name == "much_dropout")
    parts = reader_of_two_inputs(form)
    assert odd.applies(parts)
    take_a_step(assemble(odd.edit(parts, random.Random(0)), name=odd.name, seed=0))


@pytest.mark.slow
@pytest.mark.parametrize("form", ["mapping", "pair"])
@pytest.mark.parametrize("named", [*LOOK_ALIKES, *FAULTS], ids=lambda named: named.name)
def test_whatever_fits_a_network_of_two_inputs_takes_a_step(named, form):
    parts = reader_of_two_inputs(form)
    if not named.applies(parts) or getattr(named, "symptom", None) is raises:
        pytest.skip("cannot be drawn there, or is meant to raise")
    take_a_step(assemble((getattr(named, "edit", None) or named.plant)(parts, random.Random(0)), name="", seed=0))


@pytest.mark.parametrize("domain", sorted(WORLDS))
def test_a_seed_draws_the_same_program_and_leaves_random_numbers_alone(domain):
    before = torch.get_rng_state()
    one, other, another = (draw_world(WORLDS[domain], seed) for seed in (5, 5, 6))
    assert torch.equal(before, torch.get_rng_state())
    assert one.traits == other.traits
    assert torch.equal(one.train.inputs[0], other.train.inputs[0])
    assert one.train.inputs[0].shape != another.train.inputs[0].shape or not torch.equal(
        one.train.inputs[0], another.train.inputs[0]
    )


def test_a_fault_and_its_sibling_share_data_and_first_weights():
    faulty, sibling = draw_pair(FAULT["forgotten_zero_grad"], WORLDS, seed=1)
    ours, theirs = (program.arguments["model"].state_dict() for program in (faulty, sibling))
    assert all(torch.equal(ours[name], theirs[name]) for name in theirs)
    assert torch.equal(faulty.parts.train.inputs[0], sibling.parts.train.inputs[0])


def test_proofs_tell_faulty_from_healthy():
    faulty, sibling = draw_pair(FAULT["standardised_over_batch"], WORLDS, seed=1)
    assert leaks_over_batch(faulty, sibling).holds
    assert not leaks_over_batch(sibling, sibling).holds
    faulty, sibling = draw_pair(FAULT["zero_grad_after_backward"], WORLDS, seed=1)
    assert parameters_stand_still(faulty, sibling).holds
    assert not parameters_stand_still(sibling, sibling).holds


def test_a_fingerprint_sees_every_byte():
    _, program = draw_pair(FAULT["constant_weights"], WORLDS, seed=2)
    before = fingerprint(program)
    assert changes(before, fingerprint(program)) == []
    name, weight = next(iter(program.arguments["model"].named_parameters()))
    with torch.no_grad():
        weight.flatten()[0].add_(1e-6 * weight.flatten()[0].abs() + 1e-9)
    assert changes(before, fingerprint(program)) == [f"parameter.{name}"]
    torch.rand(1)
    assert "process.random_torch" in changes(before, fingerprint(program))
    program.arguments["model"].eval()
    assert any(change.startswith("module.") for change in changes(before, fingerprint(program)))


def test_scores_of_four_judged_programs():
    def row(name, causes, ids, status="done"):
        alerts = [{"words": "", "ids": [identity], "level": "suspect"} for identity in ids]
        return {"name": name, "causes": causes, "alerts": alerts, "seconds": 2.0, "peak_bytes": 2**20, "status": status,
                "domain": "tables", "fault": "x" if causes else ""}  # fmt: skip

    figures = score([row("a", ["loss_shapes"], ["loss_shapes"]), row("a", ["loss_shapes"], ["label_noise"]),
                     row("a", ["loss_shapes"], [], "too long"), row("b", [], ["label_noise"])])  # fmt: skip
    assert figures["right_cause_recall"]["hits"] == 1
    assert figures["any_alert_recall"]["hits"] == 2
    assert figures["healthy_with_an_alert"]["share"] == 1.0
    assert figures["not_finished"] == {"faulty: too long": 1}
    assert figures["by_fault"]["a"]["said"] == {"loss_shapes": 1, "label_noise": 1}
    assert figures["false_alarms_by_check"] == {"label_noise": 1}


def test_intervals_are_exact():
    # Clopper-Pearson for none of 100: 1 - .025^(1/100).
    assert share(0, 100)["interval"] == pytest.approx([0.0, 1.0 - 0.025**0.01])
    assert share(0, 0)["share"] is None
