"""Written and read again: the same cycles under every encoding, line end and decimal sign."""

import math

from hypothesis import given, settings, strategies as st

from skinmech_chip_adapters.instruments.biomark import writer as biomark
from skinmech_chip_adapters.instruments.cfx_maestro import writer as cfx
from skinmech_chip_adapters.instruments.quantstudio import writer as quantstudio
from skinmech_chip_adapters.instruments.rdml import writer as rdml
from tests.chip_adapters.multiplex.support import cycle, layouts, names, rows, rows_of_layout

ALL = (",", ";", "\t")
reactions = st.lists(st.tuples(names, st.none() | cycle), min_size=1, max_size=5)


def nan(value):
    return math.nan if value is None else value


def check(found, values, state="right", limit=40.0):
    """Each value is the written number, or in the state that means no amplification."""
    for one, (_, cq) in zip(found, values, strict=True):
        if cq is None:
            assert one.censor == state and math.isnan(one.value)
            assert math.isnan(limit) or one.limit_low == limit
        else:
            assert (one.censor, one.value) == ("none", cq)


@settings(max_examples=550, deadline=None)
@given(
    layout=layouts(("\t",)),
    declare=st.booleans(),
    values=reactions,
    setup=st.booleans(),
    footer=st.booleans(),
    curves=st.booleans(),
    title=st.sampled_from(["CT", "CRT", "Cq"]),
)
def test_quantstudio(layout, declare, values, setup, footer, curves, title):
    made = [
        quantstudio.Reaction(f"B{i + 1}", sample.replace("\t", " ").replace('"', "'"), "T", nan(cq))
        for i, (sample, cq) in enumerate(values)
    ]
    content = quantstudio.write(
        made, cycles=40 if curves else 0, setup=setup, footer=footer, ct_title=title,
        **{key: layout[key] for key in ("decimal", "newline", "encoding")},
    )  # fmt: skip
    options = "" if curves else "cycles = 40"
    found = rows_of_layout("quantstudio", content, layout, declare, options, ["T"])
    check(found, values)
    assert [one.well for one in found] == [f"B{i + 1:02d}" for i in range(len(values))]
    assert {one.note for one in found} == {f"threshold 0{layout['decimal']}133"}


@settings(max_examples=550, deadline=None)
@given(
    layout=layouts(ALL),
    declare=st.booleans(),
    values=reactions,
    absent=st.sampled_from(["NaN", "N/A"]),
    target=st.sampled_from(["IL6", ""]),
)
def test_cfx(layout, declare, values, absent, target):
    made = [
        cfx.Reaction(f"B{i + 1:02d}", "FAM", target, sample, nan(cq))
        for i, (sample, cq) in enumerate(values)
    ]
    content = cfx.write(made, absent=absent, **layout)
    options, targets = "cycles = 40", [target or "FAM"]
    check(rows_of_layout("cfx_maestro", content, layout, declare, options, targets), values)


@settings(max_examples=500, deadline=None)
@given(
    layout=layouts(ALL),
    declare=st.booleans(),
    values=reactions,
    threshold=st.floats(1e-6, 10.0),
)
def test_biomark(layout, declare, values, threshold):
    made = [
        biomark.Chamber(i + 1, 1, sample, "IL6", nan(cq)) for i, (sample, cq) in enumerate(values)
    ]
    content = biomark.write(made, threshold=threshold, **layout)
    found = rows_of_layout("biomark", content, layout, declare, "", ["IL6"])
    check(found, values, "failed", math.nan)
    assert [one.well for one in found] == [f"S{i + 1:02d}-A01" for i in range(len(values))]
    assert {one.note for one in found} == {
        "threshold " + repr(threshold).replace(".", layout["decimal"])
    }


@settings(max_examples=500, deadline=None)
@given(
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "latin-1", "cp1252"]),
    newline=st.sampled_from(["\r\n", "\n", "\r"]),
    packed=st.sampled_from(["rdml_data.xml", "BioRad_qPCR_melt.xml", ""]),
    absent=st.sampled_from(["last", "-1.0", "NaN"]),
    numbered=st.booleans(),
    values=st.lists(st.tuples(names, st.none() | st.floats(1e-3, 9.999)), min_size=1, max_size=4),
)
def test_rdml(encoding, newline, packed, absent, numbered, values):
    made = [
        rdml.Reaction(str(13 + i) if numbered else f"B{i + 1}", sample, "IL6", nan(cq))
        for i, (sample, cq) in enumerate(values)
    ]
    content = rdml.write(
        made, cycles=10, absent=absent, newline=newline, encoding=encoding, packed=packed
    )
    found = rows("rdml", content, "", ["IL6"])
    check(found, values, limit=10.0)
    assert [one.well for one in found] == [f"B{i + 1:02d}" for i in range(len(values))]
