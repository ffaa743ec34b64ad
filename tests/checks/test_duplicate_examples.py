import torch
from check_programs import digits_like, loader_of
from torch import nn
from torch.utils.data import DataLoader, Dataset, Subset, SubsetRandomSampler, TensorDataset, WeightedRandomSampler


class ForgetsItsIndex(Dataset):
    inputs, labels = digits_like()

    def __len__(self) -> int:
        return 240

    def __getitem__(self, index):
        return self.inputs[index % 2], self.labels[index]


def test_distinct_examples_are_told(run):
    (finding,) = run("duplicate_examples")
    assert finding.level == "note"
    assert finding.evidence["distinct"] == finding.evidence["examples"] == 240


def test_a_data_set_that_forgets_its_index_is_proved(run):
    (finding,) = run("duplicate_examples", train_loader=DataLoader(ForgetsItsIndex(), 40, generator=torch.Generator()))
    assert finding.level == "proved"
    assert "240 different indices give only 2 different inputs" in finding.summary


def test_one_buffer_for_all_rows_of_a_batch_is_proved_though_few_numbers_are_in_a_row(run):
    draw = torch.Generator().manual_seed(0)
    data = TensorDataset(torch.randn(240, 3, generator=draw), torch.randn(240, 1, generator=draw))

    def collate(rows):
        inputs, targets = zip(*rows, strict=True)
        return inputs[-1].repeat(len(rows), 1), torch.stack(targets)

    loader = DataLoader(data, 24, shuffle=True, collate_fn=collate, generator=torch.Generator())
    (finding,) = run("duplicate_examples", model=nn.Linear(3, 1), train_loader=loader, loss_fn=nn.MSELoss())
    assert finding.level == "proved"
    assert "240 different indices give only 10 different inputs, whose labels differ" in finding.summary


def test_a_sampler_that_draws_few_is_proved(run):
    sampler = WeightedRandomSampler([1.0] * 4 + [0.0] * 236, 240, generator=torch.Generator())
    loader = DataLoader(TensorDataset(*digits_like()), 40, sampler=sampler, generator=torch.Generator())
    (finding,) = run("duplicate_examples", train_loader=loader)
    assert finding.level == "proved"
    assert "only 4 different ones of 240" in finding.summary


def test_wanted_copies_are_notes(verdict):
    data, generator = TensorDataset(*digits_like()), torch.Generator()
    inputs, labels = digits_like(8)
    corners = torch.tensor([[0.0, 0], [0, 1], [1, 0], [1, 1]]).repeat(60, 1)
    loaders = [
        loader_of(inputs.repeat(30, 1, 1, 1), labels.repeat(30)),
        [(inputs, labels)] * 30,
        DataLoader(Subset(data, range(8)), 8, generator=generator),
        DataLoader(data, 8, sampler=SubsetRandomSampler(range(8), generator), generator=generator),
        DataLoader(data, 40, sampler=WeightedRandomSampler([1.0] * 240, 240, generator=generator), generator=generator),
    ]
    for loader in loaders:
        assert verdict("duplicate_examples", train_loader=loader) == "note"
    exclusive_or = loader_of(corners, torch.randint(4, (240,)))
    assert verdict("duplicate_examples", model=nn.Linear(2, 4), train_loader=exclusive_or) == "note"


def repeated(different, count, seed=0):
    inputs, labels = digits_like(different, seed=seed)
    rows = torch.arange(count) % different
    return loader_of(inputs[rows], labels[rows])


def test_an_index_modulo_a_wrong_length_is_suspect(run):
    (finding,) = run("duplicate_examples", train_loader=repeated(30, 240), val_loader=repeated(80, 80, 1))
    assert finding.level == "suspect"
    assert "240 different indices give only 30 different examples" in finding.summary
    assert "modulo" in finding.cause


def test_repetition_that_validation_does_not_contradict_is_a_note(verdict):
    few, many = repeated(30, 240), repeated(80, 80, 1)
    inputs, labels = digits_like(60)
    rows = torch.cat([torch.arange(60), torch.arange(20).repeat(9)])  # some twenty oversampled
    for train, validation in (
        (few, None),
        (few, repeated(20, 20, 1)),
        (few, repeated(40, 80, 1)),
        (repeated(200, 240), many),
        (loader_of(inputs[rows], labels[rows]), many),
    ):
        assert verdict("duplicate_examples", train_loader=train, val_loader=validation) == "note"


def test_inputs_that_are_all_nan_are_no_copies_of_each_other(run):
    loader = loader_of(torch.full((256, 64), torch.nan), torch.arange(256) % 4)
    skipped = run("duplicate_examples", train_loader=loader)
    assert skipped.reason.startswith("no input is finite")
