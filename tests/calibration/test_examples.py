"""The scripts of examples/calibration run, and say what they promise."""

import runpy
from pathlib import Path

import numpy as np
import pytest

FOLDER = Path(__file__).parent.parent.parent / "examples" / "calibration"


def script(name):
    return runpy.run_path(str(FOLDER / name))["main"]


def test_all_views_name_what_is_open(capsys):
    pytest.importorskip("blackjax", reason="the extra sampling is not installed")
    pytest.importorskip("arviz", reason="the extra sampling is not installed")
    (k, dose, scale), normal, draws = script("open_ends.py")(draws=200)
    assert k.verdict == "identifiable"
    assert dose.verdict == scale.verdict == "structurally non-identifiable"
    for view in (normal, draws):
        (open_,) = view.sloppy
        assert open_.weights["dose"] * open_.weights["scale"] < -0.2
    assert "reached by 8 of 8 starts" in capsys.readouterr().out


def test_a_population_is_found_from_four_readings_a_donor():
    found, pooled = script("population.py")()
    assert found.is_converged
    # Twelve donors tell the spread to one part in √24; three standard errors of each.
    assert np.all(np.abs(found.mean - [0.5, -0.7]) < 3 * found.mean_error)
    assert np.all(found.mean_error > 0.9 * found.sd / np.sqrt(12))
    assert np.all(np.abs(found.sd / [0.4, 0.3] - 1) < 3 / np.sqrt(24))
    assert np.all(np.abs(pooled.z - found.mean) < 0.5)


def test_a_gain_moves_its_gene_and_not_the_signal():
    pytest.importorskip("SALib", reason="the extra sensitivity is not installed")
    signal, gene = script("matters.py")(size=4)
    assert signal.output.startswith("dish: pSTAT1_MFI") and signal.num_failed == 0
    gain = signal.names.index("expression.gain[CXCL10]")
    assert signal.total[gain] < 1e-6 * signal.total.max() and gene.total[gain] > 0.0
