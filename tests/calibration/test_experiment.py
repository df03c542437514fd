"""Experiments: what is refused, windows, tables, records."""

import math

import numpy as np
import pytest

import skinmech as sm
import skinmech_calibration as cal
from skinmech_calibration.record import cytokine_name
from skinmech_chip_adapters import Censor
from skinmech_chip_adapters.record import ChipRecord
from skinmech_chip_adapters.schema import (
    Chip,
    Device,
    Exposure,
    Measurement,
    Setting,
    Study,
)
from skinmech_chip_adapters.table import Table
from tests.calibration._fake import FIRST, SECOND

DAY = 86400.0
HEADER = "time,time_unit,observable,value,unit,sd,censor,limit_high\n"


def _experiment(observations, **options):
    return cal.Experiment("chip", sm.on_chip(), sm.Protocol(7.0), observations, **options)


def test_a_study_without_data_is_refused_in_words(model, formula):
    with pytest.raises(cal.CalibrationError, match="'chip' has no observations"):
        cal.CalibrationProblem(model, [_experiment([])], [FIRST])
    lost = [cal.Observation("tewl", 1.0, censor="missing")]
    with pytest.raises(cal.CalibrationError, match="failed or missing"):
        cal.CalibrationProblem(model, [_experiment(lost)], [FIRST])
    with pytest.raises(cal.CalibrationError, match="at least one experiment"):
        cal.CalibrationProblem(model, [], [FIRST])


def test_every_problem_is_told_at_once(model, formula):
    wrong = [
        cal.Observation("tweel", 1.0, 3.0),
        cal.Observation("tewl", 9.0, 3.0),
        cal.Observation("tewl", 1.0, math.nan),
        cal.Observation("tewl", 1.0, -2.0),
        cal.Observation("tewl", 1.0, 2.0, sd=0.0),
        cal.Observation("tewl", 1.0, 2.0, censor="below"),
    ]
    with pytest.raises(cal.CalibrationError) as caught:
        cal.CalibrationProblem(
            model, [_experiment(wrong, start="eczema", parameters={"tissue.assay_skale": 1.0})],
            ["tissue.nothing"], {"tissue.assay_scale": 1e9},
        )  # fmt: skip
    text = str(caught.value)
    for part in ("Nearest: tewl", "Lengthen the protocol", "expected a number", "negative",
                 "positive sd", "censor 'below'", "tissue.assay_scale", "tissue.nothing",
                 "outside its bounds", "start 'eczema'"):  # fmt: skip
        assert part in text, part


def test_a_parameter_cannot_be_fixed_and_free(model, formula):
    fixed = _experiment([cal.Observation("tewl", 0.0, 3.0)], parameters={FIRST: 0.5})
    with pytest.raises(cal.CalibrationError, match="is free, but experiment 'chip' fixes it"):
        cal.CalibrationProblem(model, [fixed], [FIRST])


def test_a_window_is_the_mean_over_it(model, formula):
    # Simpson's rule on eight intervals is exact to 1e-6 for this exponential.
    observed = [cal.Observation("tewl", 3.0, 5.0, window=(1.0, 3.0)), cal.Observation("tewl", 0, 9)]
    problem = cal.CalibrationProblem(model, [_experiment(observed)], [FIRST, SECOND])
    mean = 10 * (np.exp(-0.3) - np.exp(-0.9)) / (0.3 * 2.0)
    np.testing.assert_allclose(problem.predictions(np.zeros(2))["chip"], [mean, 10.0], rtol=1e-6)


def test_a_study_parameter_may_differ_between_experiments(model, formula):
    first = _experiment([cal.Observation("tewl", 0.0, 12.0)])
    second = cal.Experiment("other", sm.in_vivo(), sm.Protocol(2.0),
                            [cal.Observation("tewl", 0.0, 8.0)])  # fmt: skip
    names = [f"chip:{FIRST}", f"other:{FIRST}", SECOND]
    problem = cal.CalibrationProblem(model, [first, second], names)
    default = model.specifications()[FIRST].value
    z = problem.free.to_coordinates({names[0]: 1.2 * default, names[1]: 0.8 * default})
    found = problem.predictions(z)
    assert found["chip"] == pytest.approx([12.0]) and found["other"] == pytest.approx([8.0])
    jacobian = problem.evaluate([z])[0].jacobian
    assert jacobian[0, 1] == 0 and jacobian[1, 0] == 0 and jacobian[0, 0] > 0


def test_a_table_becomes_observations_in_the_model_s_units(model, tmp_path):
    path = tmp_path / "study.csv"
    rows = ["24,hour,tewl,12,g/m**2/h,,,", "2,day,epidermal_thickness,0.08,mm,0.01,,",
            "3,day,compartment_IL-13,,ng/mL,,left,0.02"]  # fmt: skip
    path.write_text(HEADER + "\n".join(rows) + "\n")
    found = cal.from_table(path, model, name="t", setting=sm.in_vivo(), protocol=sm.Protocol(7.0))
    first, second, third = found.observations
    assert (first.time, first.value, first.sd) == (1.0, 12.0, None)
    assert (second.value, second.sd) == (pytest.approx(80.0), pytest.approx(10.0))
    assert third.censor == "left" and third.limit_high == pytest.approx(20.0)


def test_every_problem_of_a_table_is_told_at_once(model):
    rows = [
        {"time": "1", "time_unit": "dya", "observable": "tewel", "value": "3", "unit": "g/m**2/h"},
        {"time": "1", "time_unit": "day", "observable": "tewl", "value": "<3", "unit": "pg/mL"},
        {"time": "", "time_unit": "day", "observable": "tewl", "value": "1_000",
         "unit": "g/m**2/h"},
    ]  # fmt: skip
    where = dict(name="t", setting=sm.in_vivo(), protocol=sm.Protocol(7.0))
    with pytest.raises(cal.CalibrationError) as caught:
        cal.from_table(rows, model, **where)
    text = str(caught.value)
    for part in ("row 1: unrecognized observable 'tewel'. Nearest: tewl", "'1 dya'",
                 "row 2, unit", "got '<3'", "censor 'left'", "row 3: expected a number in column "
                 "'time', got nothing", "got '1_000'"):  # fmt: skip
        assert part in text, part
    with pytest.raises(cal.CalibrationError, match="the column 'unit'"):
        cal.from_table([{k: v for k, v in rows[0].items() if k != "unit"}], model, **where)
    with pytest.raises(cal.CalibrationError, match="no rows"):
        cal.from_table([], model, **where)
    with pytest.raises(cal.CalibrationError, match="Unable to read nowhere.csv"):
        cal.from_table("nowhere.csv", model, **where)


def _measured(observable, value, day, **options):
    unit = {"teer": "ohm*cm**2", "concentration": "pg/mL", "ecis_rb": "ohm*cm**2"}[observable]
    return Measurement(chip_id="C1", observable=observable, value=value, unit=unit,
                       time_s=day * DAY, measurement_id=f"{observable}{day}{value}",
                       **options)  # fmt: skip


def _record(**changes):
    rows = [
        _measured("teer", 900.0, 0.0),
        _measured("teer", 400.0, 5.0),
        _measured("teer", 100.0, 6.0, excluded=True),
        _measured("ecis_rb", 5.0, 1.0),
        _measured("concentration", math.nan, 2.0, analyte="IFN-γ", location="effluent_basal",
                  censor=Censor.LEFT, limit_high=7.0),
        _measured("concentration", 60.0, 4.0, analyte="TSLP", location="effluent_basal"),
        _measured("concentration", math.nan, 4.0, analyte="CCL20", location="effluent_basal",
                  censor=Censor.MISSING),
    ]  # fmt: skip
    given = dict(
        study=Study(study_id="s"),
        devices={"D": Device(device_id="D", membrane_area_cm2=0.5, basal_volume_uL=150.0)},
        chips=Table.of(Chip, [Chip(chip_id="C1", device_id="D")]),
        settings=Table.of(Setting, [
            Setting(chip_id="C1", setting="flow", value=2.0, unit="uL/min", time_s=0.0),
            Setting(chip_id="C1", setting="flow", value=1.0, unit="uL/min", time_s=3 * DAY),
        ]),
        exposures=Table.of(Exposure, [
            Exposure(chip_id="C1", compound="IL4", value=10.0, unit="ng/mL", time_s=DAY,
                     duration_s=2 * DAY),
            Exposure(chip_id="C1", compound="upadacitinib", value=1.0, unit="umol/L",
                     time_s=2 * DAY),
        ]),
        measurements=Table.of(Measurement, rows),
    )  # fmt: skip
    return ChipRecord(**(given | changes))


def test_a_chip_of_a_record_becomes_an_experiment(model):
    found = cal.from_record(_record(), "C1", model, collection=1.0)
    around = found.setting.environment
    assert around["compartment_depth"] == pytest.approx(3000.0)  # 150 uL over 0.5 cm2
    assert around["medium_exchange"] == pytest.approx(19.2)  # 2 uL/min through 150 uL
    changes = [(s.time, dict(s.environment)) for s in found.protocol.steps() if s.environment]
    assert (1.0, {"inlet_cytokines[IL-4]": 10000.0}) in changes
    assert (3.0, {"inlet_cytokines[IL-4]": 0.0}) in changes
    assert (2.0, {"medium_drug[drug 1]": 1000.0}) in changes
    assert (3.0, {"medium_exchange": pytest.approx(9.6)}) in changes
    assert [drug.name for drug in found.protocol.drugs()] == ["upadacitinib"]
    states = {o.observable: o.censor for o in found.observations}
    assert states == {"teer": "none", "compartment_IFN-gamma": "left",
                      "compartment_TSLP": "none", "compartment_CCL20": "missing"}  # fmt: skip
    windows = {o.observable: o.window for o in found.observations}
    assert windows["compartment_TSLP"] == (3.0, 4.0) and windows["teer"] is None
    assert len(found.observations) == 5
    assert any("ecis_rb" in note for note in found.notes)
    assert any("excluded" in note for note in found.notes)


def test_what_a_record_does_not_state_is_asked_for_at_once(model):
    bare = _record(devices={"D": Device(device_id="D")}, settings=Table.of(Setting))
    with pytest.raises(cal.CalibrationError) as caught:
        cal.from_record(bare, "C1", model)
    for part in ("no area", "no volume", "no flow"):
        assert part in str(caught.value)
    given = cal.from_record(bare, "C1", model, area=0.5, volume=150.0, flow=2.0)
    assert given.setting.environment["medium_exchange"] == pytest.approx(19.2)
    strange = Table.of(Exposure, [Exposure(chip_id="C1", compound="unobtainium", value=1.0,
                                           unit="ng/mL", time_s=0.0)])  # fmt: skip
    with pytest.raises(cal.CalibrationError, match="unobtainium.*neither a cytokine nor a drug"):
        cal.from_record(_record(exposures=strange), "C1", model)


@pytest.mark.parametrize(
    ("text", "name"),
    [("IL4", "IL-4"), ("IFN-γ", "IFN-gamma"), ("TNF-alpha", "TNF"), ("il-17", "IL-17A"),
     ("IL-36γ", "IL-36gamma"), ("IL-6", None)],
)  # fmt: skip
def test_usual_spellings_of_cytokines_are_known(text, name):
    assert cytokine_name(text) == name
