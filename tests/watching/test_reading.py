import pytest
import torch
from torch.utils.data import DataLoader
from watched_loops import loader

from assay.watching.moment import Moment
from assay.watching.reading import WatchedLoader, Wrapped


def test_each_batch_tells_whose_it_is_and_the_end_gives_way():
    moment, train, validation = Moment(), loader(), loader(1)
    watched = [WatchedLoader(train, "training", moment), WatchedLoader(validation, "validation", moment)]
    told = []
    for _ in train:
        told.append(moment.reading)
        for _ in validation:
            told.append(moment.reading)
        told.append(moment.reading)
        break
    assert told == ["training", *["validation"] * 6, "training"]
    assert moment.reading is None
    for one in watched:
        one.let_go()
    assert type(train) is type(validation) is DataLoader


def test_a_watched_loader_is_what_it_was():
    moment, train = Moment(), loader()
    expected = [inputs for inputs, _ in loader()]
    watched = WatchedLoader(train, "training", moment)
    assert watched.given is train
    assert isinstance(train, DataLoader)
    assert (type(train).__name__, len(train), train.batch_size) == ("DataLoader", 6, 16)
    assert len(iter(train)) == 6
    watched.let_go()
    watched.let_go()
    train.generator.manual_seed(0)
    again = WatchedLoader(train, "training", moment)
    assert all(torch.equal(old, new) for old, (new, _) in zip(expected, train, strict=True))
    again.let_go()


def test_next_of_an_iterator_and_an_exception_inside():
    moment, train = Moment(), loader()
    watched = WatchedLoader(train, "training", moment)
    batches = iter(train)
    next(batches)
    assert moment.reading == "training"
    del batches
    assert moment.reading is None
    watched.let_go()

    class Broken:
        def __iter__(self):
            yield 1
            raise OSError("no more")

    broken = Broken()
    told = WatchedLoader(broken, "training", moment)
    with pytest.raises(OSError, match="no more"):
        list(broken)
    assert moment.reading is None
    told.let_go()
    assert type(broken) is Broken


def test_a_list_is_read_through_a_wrapper():
    moment, batches = Moment(), [1, 2, 3]
    watched = WatchedLoader(batches, "validation", moment)
    assert isinstance(watched.given, Wrapped)
    assert [(value, moment.reading) for value in watched.given] == [(value, "validation") for value in batches]
    assert (len(watched.given), watched.given[1], watched.given.index(3)) == (3, 2, 2)
    watched.let_go()


def test_two_passes_at_once_do_not_disturb_each_other():
    moment = Moment()
    train = Wrapped(loader(), "training", moment)
    first, second = iter(train), iter(train)
    next(first)
    next(second)
    del second
    next(first)
    assert moment.reading == "training"
