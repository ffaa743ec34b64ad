import threading
from types import SimpleNamespace

import pytest
import torch
import torch.nn.functional as F
from program_pieces import loader, network
from torch import nn

from assay.checks.verify import verify
from assay.errors import InputError
from assay.programs.lightning import from_lightning, is_lightning


class Data:
    """What of a DataModule is used."""

    def prepare_data(self):
        pass

    def setup(self, stage):
        self.stage = stage

    def train_dataloader(self):
        return loader()

    def val_dataloader(self):
        return [loader(1)]


class Module(nn.Module):
    """What of a LightningModule is used."""

    def __init__(self, optimizers=None, loss=F.cross_entropy):
        super().__init__()
        self.network, self.optimizers_of, self.loss = network(), optimizers or torch.optim.SGD, loss

    def forward(self, inputs):
        return self.network(inputs)

    def training_step(self, batch, batch_index):
        return {"loss": self.loss(self(batch[0]), batch[1])}

    def configure_optimizers(self):
        return self.optimizers_of(self.parameters(), lr=0.1)


def with_schedule(form):
    def make(parameters, lr):
        optimizer = torch.optim.SGD(parameters, lr=lr)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 5)
        forms = {
            "lists": ([optimizer], [schedule]),
            "mapping": {"optimizer": optimizer, "lr_scheduler": schedule},
            "by step": {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "step"}},
            "list of mappings": ([optimizer], [{"scheduler": schedule, "interval": "step"}]),
            "lone": [optimizer],
        }
        return forms[form]

    return make


@pytest.mark.parametrize(
    ("form", "interval", "scheduled"),
    [
        ("lists", "epoch", True),
        ("mapping", "epoch", True),
        ("by step", "step", True),
        ("list of mappings", "step", True),
        ("lone", "epoch", False),
    ],
)
def test_every_form_of_optimiser_and_schedule_is_understood(form, interval, scheduled):
    program = from_lightning(Module(with_schedule(form)), Data())
    assert isinstance(program["optimizer"], torch.optim.SGD)
    assert program["scheduler_interval"] == interval
    assert (program["scheduler"] is not None) == scheduled
    assert program["val_loader"] is not None


def test_step_is_that_of_the_module_clipped_as_the_trainer_does():
    trainer = SimpleNamespace(max_epochs=7, gradient_clip_val=1e-3, gradient_clip_algorithm=None)
    program = from_lightning(Module(), Data(), trainer=trainer)
    module, batch = program["model"].eval(), next(iter(program["train_loader"]))
    before = [parameter.detach().clone() for parameter in module.parameters()]
    loss = program["training_step"](module, batch, program["optimizer"])
    assert program["epochs"] == 7
    with torch.no_grad():
        assert torch.allclose(loss, F.cross_entropy(_with(module, before)(batch[0]), batch[1]))
        moved = torch.cat([(new - old).flatten() for new, old in zip(module.parameters(), before, strict=True)])
    assert moved.norm().item() == pytest.approx(0.1 * 1e-3, rel=1e-3)


def _with(module, values):
    twin = Module()
    twin.load_state_dict(dict(zip(twin.state_dict(), values, strict=True)))
    return twin.eval()


def test_a_healthy_module_is_verified_with_its_own_loss():
    report = verify(**from_lightning(Module(), Data()), budget_seconds=60)
    assert report.ok, [finding.summary for finding in report.alerts]
    (initial,) = [finding for finding in report.findings if finding.id == "initial_loss"]
    assert "for 3 balanced classes" in initial.summary


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # Lightning warns of what a trainer would do
def test_the_real_thing():
    lightning = pytest.importorskip("lightning")

    class RealModule(Module, lightning.LightningModule):
        def __init__(self):
            lightning.LightningModule.__init__(self)
            self.network, self.optimizers_of, self.loss = network(), torch.optim.SGD, F.cross_entropy

        def training_step(self, batch, batch_index):
            returned = Module.training_step(self, batch, batch_index)
            self.log("loss", returned["loss"])
            return returned

    class RealData(Data, lightning.LightningDataModule):
        pass

    trainer = lightning.Trainer(
        max_epochs=7, gradient_clip_val=0.5, logger=False, enable_checkpointing=False, accelerator="cpu"
    )
    program = from_lightning(RealModule(), RealData(), trainer=trainer)
    assert program["epochs"] == 7
    report = verify(**program)
    assert report.ok, [finding.summary for finding in report.alerts]
    assert not [skip for skip in report.skipped if "failed with" in skip.reason]


def test_an_unknown_loss_is_asked_for_and_taken():
    def own_loss(outputs, labels):
        return -outputs.log_softmax(1)[torch.arange(len(labels)), labels].mean() + 0

    with pytest.raises(InputError, match=r"applies no loss of torch.nn.functional .* pass loss_fn="):
        from_lightning(Module(loss=own_loss), Data())
    assert from_lightning(Module(loss=own_loss), loader(), loss_fn=own_loss)["loss_fn"] is own_loss


def test_several_optimisers_and_manual_steps_are_refused():
    def two(parameters, lr):
        kept = list(parameters)
        return [torch.optim.SGD(kept, lr=lr) for _ in range(2)]

    with pytest.raises(InputError, match="must give one optimiser, got"):
        from_lightning(Module(two), Data())
    module = Module()
    module.automatic_optimization = False
    with pytest.raises(InputError, match="automatic_optimization is off"):
        from_lightning(module, Data())
    assert is_lightning(module)
    assert not is_lightning(network())


def test_a_module_that_cannot_be_copied_is_refused_by_the_attribute():
    module = Module()
    module.lock = threading.Lock()
    with pytest.raises(InputError, match=r"model: it must be one that copy.deepcopy copies, .*because of lock "):
        from_lightning(module, Data())
