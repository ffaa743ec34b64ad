"""Errors survive the way out of another process."""

import pickle

from assay.errors import ClashError


def test_a_clash_comes_whole_out_of_another_process():
    clash = pickle.loads(pickle.dumps(ClashError("Cosine and OneCycle both set it", "OneCycle")))
    assert (str(clash), clash.holder) == ("Cosine and OneCycle both set it", "OneCycle")
