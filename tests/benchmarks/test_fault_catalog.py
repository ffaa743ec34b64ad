"""The bench of faults itself: what is in it, that everything draws, and that siblings differ by the fault alone."""

import ast
from collections import Counter
from pathlib import Path

import pytest
import torch
from faults.catalog import FAULTS, LOOK_ALIKES, WORLDS
from faults.fault import draw_pair, draw_world
from faults.look_alike import draw_look_alike
from faults.properties import leaks_over_batch, parameters_stand_still
from faults.scores import score, share
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


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(FAULT))
def test_every_fault_draws_with_its_sibling(name):
    faulty, sibling = draw_pair(FAULT[name], WORLDS, seed=3)
    assert sibling.healthy
    assert not faulty.healthy
    assert not sibling.causes
    assert faulty.seed == sibling.seed
    assert faulty.domain == sibling.domain
    assert size(sibling) < LARGEST_NETWORK
    first, again = next(iter(sibling.arguments["train_loader"])), next(iter(sibling.arguments["val_loader"]))
    assert type(first) is type(again)


@pytest.mark.slow
@pytest.mark.parametrize("look_alike", LOOK_ALIKES, ids=lambda odd: odd.name)
def test_every_look_alike_draws_and_takes_a_step(look_alike):
    program = draw_look_alike(look_alike, WORLDS, seed=3)
    assert program.healthy
    assert size(program) < LARGEST_NETWORK
    arguments = program.arguments
    step = arguments.get("training_step") or usual_step(program.parts)
    step(arguments["model"].train(), next(iter(arguments["train_loader"])), arguments["optimizer"])
    assert all(weight.isfinite().all() for weight in arguments["model"].parameters())


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
