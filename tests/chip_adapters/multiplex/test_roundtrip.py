"""Written and read again: the same numbers under every encoding, line end and decimal sign."""

import math

import pytest
from hypothesis import given, settings, strategies as st

from skinmech_chip_adapters.instruments.bioplex_manager import writer as bioplex
from skinmech_chip_adapters.instruments.luminex_intelliflex import writer as intelliflex
from skinmech_chip_adapters.instruments.msd_methodical_mind import writer as methodical
from skinmech_chip_adapters.instruments.olink import writer as olink
from tests.chip_adapters.multiplex.support import finite, layouts, names, rows, rows_of_layout

ALL = (",", ";", "\t")


@settings(max_examples=600, deadline=None)
@given(
    layout=layouts(ALL),
    declare=st.booleans(),
    values=st.lists(st.tuples(names, finite, finite, st.integers(0, 500)), min_size=1, max_size=4),
    named=st.booleans(),
)
def test_intelliflex(layout, declare, values, named):
    wells = [
        intelliflex.WellValues(
            f"{'ABCD'[i]}1", sample, {"R25": a, "R27": b}, {"R25": b, "R27": a},
            {"R25": n, "R27": n + 1}, dilution=2.5,
        )
        for i, (sample, a, b, n) in enumerate(values)
    ]  # fmt: skip
    analytes = {"R25": "IL-6", "R27": "IL-8"} if named else None
    content = intelliflex.write("P 1", "2026-02-25 04:42:08 PM", wells, names=analytes, **layout)
    targets = ("IL-6", "IL-8") if named else ("R25", "R27")
    found = rows_of_layout("luminex_intelliflex", content, layout, declare, "", targets)
    got = {(one.well, one.observable, one.analyte): (one.value, one.n) for one in found}
    expected = {}
    for i, (_, a, b, n) in enumerate(values):
        well = f"{'ABCD'[i]}01"
        for analyte, median, net, count in ((targets[0], a, b, n), (targets[1], b, a, n + 1)):
            expected[well, "mfi", analyte] = (median, count)
            expected[well, "net_mfi", analyte] = (net, count)
    assert got == expected
    assert all(one.dilution == 2.5 for one in found)


@settings(max_examples=500, deadline=None)
@given(
    layout=layouts(("\t",)),
    declare=st.booleans(),
    numbers=st.lists(finite, min_size=1, max_size=6),
    spots=st.integers(1, 3),
    wide=st.booleans(),
    plates=st.integers(1, 2),
)
def test_methodical_mind(layout, declare, numbers, spots, wide, plates):
    wells = [f"{letter}{i:02d}" for letter in "ABCD" for i in range(1, 7)]
    made = []
    for plate in range(plates):
        signal = {
            (well, spot): numbers[(i + 7 * spot + plate) % len(numbers)]
            for i, well in enumerate(wells)
            for spot in range(1, spots + 1)
        }
        read = f"09/28/2023\t13:39:3{plate} EDT"
        made.append(methodical.PlateValues(f"B{plate}", read, signal, 24))
    content = methodical.write(
        made, wide=wide, **{key: layout[key] for key in ("decimal", "newline", "encoding")}
    )
    targets = [f"Spot {i}" for i in range(1, spots + 1)]
    found = rows_of_layout("msd_methodical_mind", content, layout, declare, "", targets)
    got = {(one.plate_id, one.well, one.analyte): one.value for one in found}
    assert got == {
        (plate.barcode, well, f"Spot {spot}"): value
        for plate in made
        for (well, spot), value in plate.signal.items()
    }


@settings(max_examples=500, deadline=None)
@given(
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "latin-1", "cp1252"]),
    newline=st.sampled_from(["\r\n", "\n", "\r"]),
    packed=st.booleans(),
    values=st.lists(st.tuples(finite, st.none() | finite), min_size=1, max_size=4),
    label=st.sampled_from(["X1", "Größe", "a<b & c", 'in "quotes"']),
)
def test_bioplex(encoding, newline, packed, values, label):
    wells = [
        bioplex.WellValues(f"{'ABCD'[i]}{i + 1}", label, {"IL-6": a, "é": a}, {"IL-6": c}, 40 + i)
        for i, (a, c) in enumerate(values)
    ]
    content = bioplex.write(
        "P", wells, unit="pg/mL", newline=newline, encoding=encoding, packed=packed
    )
    found = rows("bioplex_manager", content, "", ("IL-6", "é"))
    got = {
        (one.well, one.observable, one.analyte): None if math.isnan(one.value) else one.value
        for one in found
    }
    expected = {}
    for i, (a, c) in enumerate(values):
        well = f"{'ABCD'[i]}{i + 1:02d}"
        expected |= {(well, "mfi", name): a for name in ("IL-6", "é")}
        expected[well, "concentration", "IL-6"] = c
        expected[well, "concentration", "é"] = None
    assert got == expected


npx_values = st.lists(st.tuples(names, finite, st.none() | finite), min_size=1, max_size=5)


@settings(max_examples=600, deadline=None)
@given(layout=layouts(ALL), declare=st.booleans(), values=npx_values)
def test_olink(layout, declare, values):
    made = [
        olink.Value(sample, f"OID{i}", f"A{i}", npx, math.nan if lod is None else lod)
        for i, (sample, npx, lod) in enumerate(values)
    ]
    content = olink.write(made, **layout)
    targets = [one.assay for one in made]
    found = rows_of_layout("olink", content, layout, declare, "", targets)
    for one, (_, npx, lod) in zip(found, values, strict=True):
        if lod is not None and npx < lod:
            assert (one.censor, one.limit_high) == ("left", lod) and math.isnan(one.value)
        else:
            assert (one.censor, one.value) == ("none", npx)


@settings(max_examples=100, deadline=None)
@given(values=npx_values)
def test_olink_parquet(values):
    pytest.importorskip("pyarrow")
    made = [olink.Value(s, f"OID{i}", f"A{i}", npx) for i, (s, npx, _) in enumerate(values)]
    found = rows("olink", olink.write_parquet(made), "", [one.assay for one in made])
    assert [one.value for one in found] == [one.npx for one in made]
