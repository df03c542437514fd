"""From instrument files to the likelihood without code: read, then a study file."""

import math
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from skinmech_app import runtime
from skinmech_app.assemble import experiments_of
from skinmech_app.failures import UserError
from skinmech_app.study_reader import read_study
from skinmech_calibration.noise import data_of, log_likelihood
from skinmech_chip_adapters import load
from skinmech_chip_adapters.instruments.autolab_nova import writer as nova
from skinmech_chip_adapters.instruments.generic_table.writer import write as table

CAR = """
[study]
id = "AD-chip"
targets = ["IL-4", "IFN-γ", "TSLP", "CCL20"]
[device.OOC1]
membrane_area_cm2 = 0.5
area_source = "maker drawing"
basal_volume_uL = 150.0
electrodes = 4
[chip.C07]
device = "OOC1"
t0 = "2026-03-01T09:00:00+01:00"
t0_event = "air_lift"
[[exposure]]
chip = "C07"
compound = "IL-4"
value = 10.0
unit = "ng/mL"
time = "1 d"
duration = "2 d"
location = "{where}"
[[setting]]
chip = "C07"
setting = "flow"
value = 2.0
unit = "uL/min"
time = "0 h"
[[setting]]
chip = "C07"
setting = "flow"
value = 60.0
unit = "uL/h"
time = "3 d"
[[file]]
path = "measured/sweep"
chip = "C07"
time = "24 h"
[[file]]
path = "measured/elisa.csv"
adapter = "generic_table"
chip = "C07"
timezone = "Europe/Berlin"
location = "effluent_basal"
[file.columns]
"taken" = {{ role = "timestamp" }}
"analyte" = {{ role = "analyte" }}
"result" = {{ observable = "concentration", unit = "pg/mL" }}
[file.limits]
"TSLP" = {{ high = "2000 pg/mL" }}
"""
ELISA = [
    ("2026-03-03 09:00", "IFN-γ", "<7"),
    ("2026-03-05 09:00", "TSLP", "OVRFLW"),
    ("2026-03-05 09:00", "CCL20", "n/a"),
    ("2026-03-05 09:00", "IL-4", "60"),
]
STUDY = """
[study]
id = "AD-1"
[donor]
code = "P07"
disease = "healthy"
[[chip]]
record = "study.h5"
chip = "C07"
collection = "24 h"
[fit]
free = ["barrier.tight_junction_resistance"]
"""


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> Path:
    """A folder of instrument files, a side-car and a study file."""
    folder = tmp_path_factory.mktemp("lab")
    measured = folder / "measured"
    measured.mkdir()
    frequency = np.geomspace(5e4, 2.0, 29)
    z = 20.0 + 1200.0 / (1.0 + 2j * np.pi * frequency * 1200.0 * 1e-6)
    (measured / "sweep").write_bytes(nova.write([(frequency, z)], date(2026, 3, 22)))
    rows = table(("taken", "analyte", "result"), ELISA, encoding="utf-8")
    (measured / "elisa.csv").write_bytes(rows)
    (folder / "study.toml").write_text(STUDY, encoding="utf-8")
    return folder


def read_into_record(folder: Path, skinmech, where: str = "basal", *more: str):
    (folder / "chip.toml").write_text(CAR.format(where=where), encoding="utf-8")
    done = skinmech("read", folder / "measured", "--sidecar", folder / "chip.toml", "-o",
                    folder / "study.h5", *more)  # fmt: skip
    assert done.code == 0, done.err


def test_files_become_a_protocol_and_values_with_their_states(written, skinmech):
    read_into_record(written, skinmech)
    record = load(written / "study.h5")
    (teer,) = record.measurements.select(observable="teer")
    assert teer.derivation_id and teer.value == pytest.approx(0.5 * 1200.0, rel=0.02)

    study = read_study(written / "study.toml")
    (experiment,) = experiments_of(study, runtime.model())
    around = experiment.setting.environment
    assert around["compartment_depth"] == pytest.approx(3000.0)  # 150 uL over 0.5 cm2, in um
    assert around["medium_exchange"] == pytest.approx(19.2)  # 2 uL/min through 150 uL, per day
    changes = [(one.time, dict(one.environment)) for one in experiment.protocol.steps()]
    assert (1.0, {"inlet_cytokines[IL-4]": 10000.0}) in changes
    assert any(day == 3.0 and around.get("inlet_cytokines[IL-4]") == 0.0
               for day, around in changes)  # fmt: skip
    assert any(day == 3.0 and around.get("medium_exchange") == pytest.approx(9.6)
               for day, around in changes)  # fmt: skip

    found = {one.observable: one for one in experiment.observations}
    assert {name: (one.time, one.censor) for name, one in found.items()} == {
        "teer": (1.0, "none"),
        "compartment_IFN-gamma": (2.0, "left"),
        "compartment_TSLP": (4.0, "right"),
        "compartment_CCL20": (4.0, "missing"),
        "compartment_IL-4": (4.0, "none"),
    }
    assert found["compartment_IFN-gamma"].limit_high == 7.0
    assert found["compartment_TSLP"].limit_low == 2000.0
    assert found["compartment_TSLP"].window == (3.0, 4.0)
    assert experiment.num_informative == 4


def test_states_reach_the_likelihood(written, skinmech):
    """A value below its limit is likelier the lower the prediction; a missing one says nothing."""
    read_into_record(written, skinmech, "basal", "--no-teer")
    model = runtime.model()
    (experiment,) = experiments_of(read_study(written / "study.toml"), model)
    specs = model.observables()
    names = [one.observable for one in experiment.observations]
    data = data_of([one.row(specs[one.observable]) for one in experiment.observations])
    base = {"compartment_IFN-gamma": 5.0, "compartment_TSLP": 2500.0,
            "compartment_CCL20": 100.0, "compartment_IL-4": 60.0}  # fmt: skip

    def likelihood(**changes):
        values = base | {f"compartment_{name}": value for name, value in changes.items()}
        return float(log_likelihood(np.array([values[name] for name in names]), data).sum())

    at = likelihood()
    assert math.isfinite(at)
    assert likelihood(**{"IFN-gamma": 1.0}) > at > likelihood(**{"IFN-gamma": 50.0})
    assert likelihood(TSLP=9000.0) > at > likelihood(TSLP=200.0)
    assert likelihood(CCL20=1.0) == at == likelihood(CCL20=1e6)
    assert likelihood(**{"IL-4": 30.0}) < at > likelihood(**{"IL-4": 120.0})


def test_an_exposure_where_the_model_has_no_fluid_is_refused(written, skinmech):
    read_into_record(written, skinmech, "apical", "--no-teer")
    with pytest.raises(UserError) as caught:
        experiments_of(read_study(written / "study.toml"), runtime.model())
    assert "at 'apical'" in str(caught.value) and "Correct the location" in str(caught.value)
