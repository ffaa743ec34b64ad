"""What is run is what was asked for, and no part of it is written over the whole."""

import json
import re

import bench_faults
import machine
import pytest
from faults.asked import jobs, read, record_name, settings
from faults.catalog import FAULTS, LOOK_ALIKES

WHOLE = 2 * len(FAULTS) + len(LOOK_ALIKES)


@pytest.mark.parametrize(
    ("asked", "name"),
    [("--programs 0", "faults"), ("--programs 9999", "faults"), ("--programs 0 --prove", "faults-proof"),
     ("", "faults-40-programs"), ("--programs 80 --rivals", "faults-rivals-80-programs"),
     ("--programs 0 --rivals", "faults-rivals"), ("--programs 0 --kind look-alike", "faults-look-alikes"),
     ("--programs 0 --prove --kind sibling --kind faulty", "faults-proof-faulty-siblings"),
     ("--programs 0 --kind faulty --kind sibling --kind look-alike", "faults"),
     ("--programs 0 --checkers torcheck assay", "faults-assay-torcheck"),
     ("--programs 0 --checkers torcheck", "faults-torcheck")],
)  # fmt: skip
def test_only_the_whole_catalogue_under_our_checks_is_called_faults(asked, name):
    assert record_name(read("", asked.split())) == name


def test_settings_say_what_was_run():
    told = settings(read("", ["--kind", "look-alike", "--instances", "2", "--programs", "10"]))
    assert (told["kinds"], told["programs"], told["programs_of_all"]) == (["look-alike"], 10, 2 * WHOLE)
    assert told["checkers"] == ["assay"]
    assert len(jobs(read("", ["--programs", "0"]))) == WHOLE


def test_several_names_at_once_or_one_by_one():
    together, apart = ["--only", "maximized", "nadam"], ["--only", "maximized", "--only", "nadam"]
    for asked in (together, apart):
        found = [(job.name, job.kind) for job in jobs(read("", asked))]
        assert found == [("maximized", "faulty"), ("maximized", "sibling"), ("nadam", "look-alike")]


@pytest.mark.parametrize(
    ("asked", "said"),
    [(["--only", "brodcast_loss"], r"no fault or look-alike 'brodcast_loss'; nearest: broadcast_loss"),
     (["--only", "maximized", "qqqq"], r"'qqqq'; nearest: none; --list prints all"),
     (["--only", "nadam", "--kind", "faulty"], r"nothing to run: none of nadam is faulty"),
     (["--instances", "0"], r"at least 1 and --programs at least 0, got 0 and 40"),
     (["--programs", "-1"], r"got 1 and -1")],
)  # fmt: skip
def test_what_does_not_exist_is_refused(asked, said, capsys):
    with pytest.raises(SystemExit):
        read("", asked)
    assert re.search(said, capsys.readouterr().err.replace("\n", " "))


def test_a_part_leaves_the_record_of_the_whole_alone(tmp_path, monkeypatch):
    def summarised(options, checker, journal, version):
        return [{"holds": True, "seconds": 1.0} for _ in jobs(options)]

    monkeypatch.setattr(machine, "RESULTS", tmp_path)
    monkeypatch.setattr(bench_faults, "run", summarised)
    written = {}
    for asked in ("--programs 0", "--kind faulty --programs 7", "--only maximized"):
        monkeypatch.setattr(
            "sys.argv", ["bench_faults.py", "--prove", "--journal", str(tmp_path / "j"), *asked.split()]
        )
        bench_faults.main()
        written[asked] = {path.name: json.loads(path.read_text()) for path in tmp_path.glob("*.json")}
    assert list(written["--programs 0"]) == ["faults-proof.json"]
    assert written["--only maximized"] == written["--kind faulty --programs 7"]
    assert set(written["--only maximized"]) == {"faults-proof.json", "faults-proof-faulty-7-programs.json"}
    assert written["--only maximized"]["faults-proof.json"]["figures"]["proof"]["n"] == WHOLE
