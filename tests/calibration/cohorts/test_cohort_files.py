"""A cohort's file is the same however it was cut, shared out, stopped and damaged on the way."""

import dataclasses
import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest

from benchmarks.cheap_patients import CheapSolver, plan
from skinmech.numerics import Status
from skinmech_calibration.cohorts import (
    CohortError,
    CohortPlan,
    merge_cohort,
    open_cohort,
    run_cohort,
)
from skinmech_calibration.cohorts.chunk import rows_of
from skinmech_calibration.cohorts.sealed import is_whole
from skinmech_calibration.executors import ThreadExecutor

COUNT = 60
ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def reference(tmp_path_factory) -> bytes:
    """The undisturbed run in one piece."""
    path = tmp_path_factory.mktemp("reference") / "cohort.h5"
    run_cohort(plan(COUNT), path, size=COUNT)
    return path.read_bytes()


@pytest.mark.parametrize(("size", "workers"), [(7, 1), (7, 2), (25, 3), (None, 2)])
def test_chunks_and_workers_change_no_byte(tmp_path, reference, size, workers):
    with ThreadExecutor(workers) as executor:
        path = run_cohort(plan(COUNT), tmp_path / "c.h5", executor=executor, size=size)
    assert path is not None and path.read_bytes() == reference
    assert list(tmp_path.iterdir()) == [path]  # nothing is left beside it


def test_shards_in_any_order_make_the_same_file(tmp_path, reference):
    path = tmp_path / "c.h5"
    for number in (3, 1):
        assert run_cohort(plan(COUNT), path, shard=(number, 3), size=8) is None
    with pytest.raises(CohortError, match=r"[23] of 8 chunks are not there.*patients-000000008"):
        merge_cohort(path)
    assert run_cohort(plan(COUNT), path, shard=(2, 3), size=8) == path
    assert path.read_bytes() == reference
    path.unlink()
    assert merge_cohort(path).read_bytes() == reference  # the shards' files are still there
    assert list(tmp_path.iterdir()) == [path]


def test_values_are_those_of_the_closed_form(tmp_path, reference):
    path = tmp_path / "c.h5"
    path.write_bytes(reference)
    with open_cohort(path) as found:
        drawn = found.parameters()
        response = 1 / (1 + drawn["lesion.half"])
        days = found.days("dose 1")
        fall = response[:, None] * (1 - np.exp(-drawn["lesion.rate"][:, None] * days))
        # Rounding of two orders of the same few operations.
        np.testing.assert_allclose(found.values("dose 1", "fall"), fall, rtol=1e-12, atol=1e-15)
        assert found.count == COUNT and found.is_ok("dose 1").all() and not found.failures()
        assert ((found.weights() >= 30) & (found.weights() <= 200)).all()
        assert found.values("dose 0", "score", slice(3, 5)).shape == (2, len(days))
        with pytest.raises(CohortError, match="Expected one of score, fall"):
            found.values("dose 1", "tewl")


def test_a_bad_patient_is_explained_and_changes_no_other(tmp_path, reference):
    clean, mixed = tmp_path / "clean.h5", tmp_path / "mixed.h5"
    clean.write_bytes(reference)
    run_cohort(plan(COUNT, solver=CheapSolver(bad_every=13)), mixed, size=8)
    bad = [12, 25, 38, 51]
    with open_cohort(clean) as one, open_cohort(mixed) as other:
        good = np.setdiff1d(np.arange(COUNT), bad)
        for therapy in one.therapies:
            assert list(np.flatnonzero(~other.is_ok(therapy))) == bad
            assert (other.status(therapy)[bad] == Status.INVALID_INPUT).all()
            values = other.values(therapy, "score")
            assert np.isnan(values[bad]).all()
            np.testing.assert_array_equal(values[good], one.values(therapy, "score")[good])
        assert [index for index, _, _ in other.failures()] == [k for k in bad for _ in range(2)]
        assert all("outside its bounds" in reason for _, _, reason in other.failures())


@dataclasses.dataclass(frozen=True)
class Spoilt(CheapSolver):
    """Gives a number that is none, with a status that says all is well."""

    def solve(self, patient, therapy, start):
        found = super().solve(patient, therapy, start)
        if patient.index == 4:
            found.values[2, 0] = np.nan
        return found


def test_no_value_that_is_not_finite_is_called_good(tmp_path):
    path = run_cohort(plan(8, solver=Spoilt()), tmp_path / "c.h5")
    assert path is not None
    with open_cohort(path) as found:
        assert list(found.status("dose 1")) == [0, 0, 0, 0, Status.NONFINITE, 0, 0, 0]
        assert np.isnan(found.values("dose 1", "fall")[4]).all()


def test_a_worker_of_another_version_is_refused():
    cohort = plan(8)
    chunk = next(cohort.chunks(8, cohort.identity()))
    assert rows_of(chunk).status.shape == (8, 2)
    with pytest.raises(CohortError, match="another version"):
        rows_of(dataclasses.replace(chunk, make_solver=CheapSolver(bad_every=3)))


@pytest.mark.parametrize("damage", ["torn", "flipped", "empty", "of another cohort"])
def test_a_damaged_chunk_is_computed_again_and_only_that(tmp_path, reference, damage):
    path = tmp_path / "c.h5"
    run_cohort(plan(COUNT), path, shard=(1, 2), size=10)
    parts = sorted((tmp_path / "c.h5.parts").glob("patients-*.h5"))
    assert len(parts) == 3
    content = parts[1].read_bytes()
    if damage == "of another cohort":
        other = tmp_path / "o.h5"
        run_cohort(plan(COUNT, seed=2), other, shard=(1, 2), size=10)
        content = (tmp_path / "o.h5.parts" / parts[1].name).read_bytes()
    flipped = bytearray(content)
    flipped[len(content) // 2] ^= 1
    parts[1].write_bytes({"torn": content[:-100], "flipped": bytes(flipped), "empty": b"",
                          "of another cohort": content}[damage])  # fmt: skip
    before = {one.name: one.stat().st_mtime_ns for one in parts}
    run_cohort(plan(COUNT), path, shard=(1, 2), size=10)
    after = {one.name: one.stat().st_mtime_ns for one in parts}
    assert [name for name in after if after[name] != before[name]] == [parts[1].name]
    run_cohort(plan(COUNT), path)
    assert path.read_bytes() == reference


def test_a_flipped_bit_of_the_result_is_seen(tmp_path, reference):
    path = tmp_path / "c.h5"
    random = np.random.default_rng(0)
    for place in random.integers(0, len(reference), 20):
        changed = bytearray(reference)
        changed[place] ^= 1 << int(random.integers(8))
        path.write_bytes(changed)
        assert not is_whole(path)
    with pytest.raises(CohortError, match="sha256"):
        open_cohort(path)
    path.write_bytes(reference)
    with h5py.File(path, "r") as file:  # any HDF5 reader opens it
        assert file["dose 1/score"].attrs["unit"] == "points"  # type: ignore[union-attr]


def test_another_cohort_is_not_mixed_in(tmp_path):
    path = tmp_path / "c.h5"
    run_cohort(plan(COUNT), path, shard=(1, 2), size=10)
    for other, word in ((plan(COUNT, seed=2), "patients"), (plan(COUNT, points=5), "therapies"),
                        (plan(COUNT, solver=CheapSolver(bad_every=7)), "model")):  # fmt: skip
        with pytest.raises(CohortError, match=word):
            run_cohort(other, path)
    with pytest.raises(CohortError, match="chunks of 10"):
        run_cohort(plan(COUNT), path, size=11)


def test_what_cannot_be_run_is_refused_all_at_once():
    cohort = plan(4)
    with pytest.raises(CohortError) as caught:
        CohortPlan(dataclasses.replace(cohort.patients, count=0), (), CheapSolver())  # type: ignore[type-var]
    assert "one patient" in str(caught.value) and "one therapy" in str(caught.value)
    with pytest.raises(CohortError, match="named 'dose 1'"):
        CohortPlan(cohort.patients, (cohort.therapies[1],) * 2, CheapSolver())
    odd = dataclasses.replace(cohort.therapies[0], name="a/b")
    with pytest.raises(CohortError, match="a/b"):
        CohortPlan(cohort.patients, (odd,), CheapSolver())


def test_a_full_disk_is_told_before_anything_is_written_and_nothing_is_lost(
    tmp_path, reference, monkeypatch
):
    path = tmp_path / "c.h5"

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "posix_fallocate", full)
        with pytest.raises(OSError, match="No space"):
            run_cohort(plan(COUNT), path, size=10)
    assert not path.exists() and len(list((tmp_path / "c.h5.parts").glob("*.h5"))) == 6
    assert run_cohort(plan(COUNT), path) == path and path.read_bytes() == reference


@dataclasses.dataclass(frozen=True)
class Deadly(CheapSolver):
    """Ends its process at one patient, as long as a file is there; the values are the others'."""

    marker: str = ""

    def begin(self, patient):
        if patient.index == 33 and Path(self.marker).exists():
            os.kill(os.getpid(), signal.SIGKILL)
        return super().begin(patient)


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_a_killed_run_goes_on_with_what_is_done(tmp_path, reference):
    path, marker = tmp_path / "c.h5", tmp_path / "marker"
    marker.touch()
    code = (
        "from pathlib import Path\n"
        "from benchmarks.cheap_patients import plan\n"
        "from skinmech_calibration.cohorts import run_cohort\n"
        "from tests.calibration.cohorts.test_cohort_files import Deadly\n"
        f"run_cohort(plan({COUNT}, solver=Deadly(marker={str(marker)!r})), {str(path)!r}, size=5)"
    )
    paths = os.pathsep.join([str(ROOT), *(p for p in sys.path if p)])
    done = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | {"PYTHONPATH": paths}, cwd=ROOT,
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert not path.exists()
    kept = {p.name: p.stat().st_mtime_ns for p in (tmp_path / "c.h5.parts").glob("patients-*.h5")}
    assert 0 < len(kept) < 12
    seen = []
    run_cohort(plan(COUNT), path, shard=(1, 1), progress=lambda p: seen.append((p.done, p.total)))
    assert seen[0] == (5 * len(kept), COUNT) and seen[-1] == (COUNT, COUNT)
    for one in (tmp_path / "c.h5.parts").glob("patients-*.h5"):
        assert one.stat().st_mtime_ns == kept.get(one.name, one.stat().st_mtime_ns)
    assert path.read_bytes() == reference


def test_a_finished_cohort_is_not_computed_again(tmp_path, reference):
    path = tmp_path / "c.h5"
    path.write_bytes(reference)
    before = path.stat().st_mtime_ns
    assert run_cohort(plan(COUNT), path) == path and path.stat().st_mtime_ns == before
