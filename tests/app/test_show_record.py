"""`skinmech show`: the summary is short, and the picture shows states and flags."""

import numpy as np
import pytest

from skinmech_app.cli import run
from skinmech_chip_adapters import (
    Censor,
    Chip,
    ChipRecord,
    Flag,
    Measurement,
    Series,
    Spectrum,
    Study,
    Table,
    save,
)
from skinmech_chip_adapters.schema import LogEntry

pytest.importorskip("matplotlib")

from skinmech_app.plots.courses import FLAGGED  # noqa: E402  # after the check
from skinmech_app.plots.plate import plates  # noqa: E402
from skinmech_app.plots.record import draw_record  # noqa: E402

DAY = 86400.0


def reading(index: int, **changes) -> Measurement:
    given = {"chip_id": "C1", "observable": "absorbance", "unit": "dimensionless", "plate_id": "P",
             "method": "450 nm", "well": f"{'ABCDEFGH'[index // 12]}{index % 12 + 1:02d}",
             "time_s": DAY, "value": 0.1 * index}  # fmt: skip
    return Measurement(measurement_id=f"p{index}", **(given | changes))


@pytest.fixture(scope="module")
def record() -> ChipRecord:
    """A plate with every state, a time course, sweeps and a logger."""
    rows = [reading(i) for i in range(90)]
    rows[3] = reading(3, value=np.nan, censor=Censor.LEFT)
    rows[4] = reading(4, value=np.nan, censor=Censor.RIGHT, limit_low=4.0)
    rows[5] = reading(5, value=np.nan, censor=Censor.FAILED)
    rows[6] = reading(6, value=np.nan, censor=Censor.MISSING)
    rows[7] = reading(7, flags=int(Flag.VENDOR_WARNING))
    rows[8] = reading(8, excluded=True)
    rows += [
        Measurement(measurement_id=f"t{day}", chip_id="C2", observable="teer", unit="ohm*cm**2",
                    time_s=day * DAY, value=1000.0 + day, sd=20.0)
        for day in range(5)
    ]  # fmt: skip
    frequency = np.geomspace(1, 1e5, 20)
    sweeps = tuple(
        Spectrum(frequency_Hz=frequency, z_ohm=50 + 500 / (1 + 1j * frequency / 100),
                 point_time_s=np.full(20, np.nan), spectrum_id=f"s{i}", chip_id="C2",
                 time_s=i * DAY, flags=int(Flag.NEGATIVE_REAL) if i else 0)
        for i in range(2)
    )  # fmt: skip
    flow = Series(time_s=np.arange(50.0), value=np.arange(50.0), channel="pump", chip_id="C1",
                  status_text=np.full(50, "", dtype=object), observable="flow",
                  unit="uL/min")  # fmt: skip
    return ChipRecord(
        study=Study(study_id="S", title="everything"),
        chips=Table.of(Chip, [Chip(chip_id="C1"), Chip(chip_id="C2")]),
        measurements=Table.of(Measurement, rows),
        spectra=sweeps,
        series=(flow,),
        log=Table.of(LogEntry, [LogEntry(level="warning", code="x", text="a remark")] * 40),
    )


def test_the_picture_holds_plate_courses_logger_spectra_and_remarks(record):
    figure = draw_record(record)
    titles = [axis.get_title(loc="left") or axis.get_title() for axis in figure.axes]
    for word in ("absorbance", "TEER", "flow", "Nyquist", "Bode"):
        assert any(word in title for title in titles), (word, titles)
    below = figure.texts[-1].get_text()
    assert "a remark" in below and "1 flagged vendor warning" in below


def test_a_plate_shows_every_well_and_marks_flagged_ones(record):
    (plate,) = plates(record, ["C1"], 9)
    assert len(plate.wells) == 90 and plate.wells[0, 7].flags
    figure = draw_record(record, ["C1"])
    (axis,) = [one for one in figure.axes if "absorbance" in one.get_title(loc="left")]
    from matplotlib.colors import to_rgba

    rings = [one for one in axis.collections if tuple(one.get_edgecolor()[:1].ravel())[:3]
             == to_rgba(FLAGGED)[:3]]  # fmt: skip
    assert [len(one.get_offsets()) for one in rings] == [2]  # the flagged and the excluded one
    drawn = [one for one in axis.collections if one.get_array() is not None]
    assert len(drawn[0].get_offsets()) == 90 - 4  # a state is no colour


def test_an_empty_record_and_chips_without_values_are_drawn():
    empty = ChipRecord(chips=Table.of(Chip, [Chip(chip_id="C")]))
    assert "no values" in draw_record(empty).texts[0].get_text()
    assert draw_record(ChipRecord()).texts


def test_the_command_prints_a_short_summary_and_writes_the_picture(record, tmp_path, capsys):
    path = save(record, tmp_path / "study.h5")
    picture = tmp_path / "study.png"
    assert run(["show", str(path), "--picture", str(picture)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) < 20 and max(map(len, lines)) < 220
    assert sum("a remark" in line for line in lines) == 1  # forty times the same is said once
    assert any(line.startswith("absorbance") and "90 wells" in line for line in lines)
    assert picture.read_bytes().startswith(b"\x89PNG") and picture.stat().st_size > 20_000
