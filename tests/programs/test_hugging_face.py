import pytest
import torch

from assay.checks.verify import verify
from assay.errors import InputError
from assay.programs.hugging_face import from_trainer, is_trainer

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]  # transformers warns of made-up configurations

TOKENS, LENGTH = 20, 12


def sentences(count, seed=0):
    """A chain of tokens whose next depends on the last."""
    generator = torch.Generator().manual_seed(seed)
    likely = torch.softmax(3 * torch.randn(TOKENS, TOKENS, generator=torch.Generator().manual_seed(5)), -1)
    rows = torch.randint(TOKENS, (count, 1), generator=generator)
    for _ in range(LENGTH - 1):
        rows = torch.cat([rows, torch.multinomial(likely[rows[:, -1]], 1, generator=generator)], 1)
    return rows


def language_trainer(folder, **changes):
    transformers = pytest.importorskip("transformers")
    settings = transformers.GPT2Config(
        vocab_size=TOKENS, n_positions=16, n_embd=16, n_layer=1, n_head=2, bos_token_id=0, eos_token_id=0
    )
    rows = [{"input_ids": row.tolist(), "labels": row.tolist()} for row in sentences(96)]
    return make_trainer(folder, transformers.GPT2LMHeadModel(settings), rows, **changes)


def classifier_trainer(folder):
    transformers = pytest.importorskip("transformers")
    settings = transformers.BertConfig(
        vocab_size=TOKENS, hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32,
        max_position_embeddings=16, num_labels=3,
    )  # fmt: skip
    rows = [
        {"input_ids": row.tolist(), "attention_mask": [1] * LENGTH, "labels": int(row[0]) % 3} for row in sentences(96)
    ]
    return make_trainer(folder, transformers.BertForSequenceClassification(settings), rows)


def make_trainer(folder, model, rows, **changes):
    transformers = pytest.importorskip("transformers")
    pytest.importorskip("accelerate")
    arguments = transformers.TrainingArguments(
        str(folder), per_device_train_batch_size=16, num_train_epochs=3, learning_rate=3e-3, report_to=[], use_cpu=True
    )
    return transformers.Trainer(model, arguments, **{"train_dataset": rows[:64], "eval_dataset": rows[64:], **changes})


@pytest.mark.parametrize("make", [language_trainer, classifier_trainer])
def test_loss_of_outputs_and_labels_is_that_of_the_trainer(make, tmp_path):
    trainer = make(tmp_path)
    program = from_trainer(trainer)
    model, batch = program["model"].eval(), next(iter(program["train_loader"]))
    own = trainer.compute_loss(model, {**batch.inputs, "labels": batch.labels})
    ours = program["loss_fn"](model(**batch.batch_inputs), batch.batch_targets)
    assert torch.allclose(own, ours)


def test_trainer_is_as_before_and_its_length_is_told(tmp_path):
    trainer = language_trainer(tmp_path)
    program = from_trainer(trainer)
    assert trainer.optimizer is None
    assert trainer.lr_scheduler is None
    assert program["epochs"] == 3
    assert program["scheduler_interval"] == "step"
    assert program["scheduler"].optimizer is program["optimizer"]


def test_language_model_is_verified_with_labels_of_the_next_place(tmp_path):
    report = verify(**from_trainer(language_trainer(tmp_path)), budget_seconds=60)
    assert report.ok, [finding.summary for finding in report.alerts]
    (initial,) = [finding for finding in report.findings if finding.id == "initial_loss"]
    assert f"for {TOKENS}" in initial.summary


def test_classifier_is_verified(tmp_path):
    report = verify(**from_trainer(classifier_trainer(tmp_path)), budget_seconds=60)
    assert report.ok, [finding.summary for finding in report.alerts]


def test_what_cannot_be_verified_is_refused(tmp_path):
    with pytest.raises(InputError, match="train_dataset is None"):
        from_trainer(language_trainer(tmp_path, train_dataset=None))
    unlabelled = language_trainer(tmp_path, train_dataset=[{"input_ids": [1, 2]}] * 4)
    with pytest.raises(InputError, match="a batch must hold labels, got input_ids"):
        from_trainer(unlabelled)
    assert is_trainer(unlabelled)
