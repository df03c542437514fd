"""Reading bytes with one adapter, and the layouts a text file can have."""

import json
from functools import lru_cache

import numpy as np
import pytest
from hypothesis import strategies as st

from skinmech_chip_adapters import ChipDataError, Sidecar
from skinmech_chip_adapters.adapter import Parsed, Records
from skinmech_chip_adapters.discovery import adapter_named
from skinmech_chip_adapters.instruments.bioplex_manager import writer as bioplex
from skinmech_chip_adapters.instruments.luminex_intelliflex import writer as intelliflex
from skinmech_chip_adapters.schema import Flag

MARKS = Flag.UNVERIFIED_END | Flag.PARTIAL_SOURCE
ENCODINGS = (
    *("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"),
    *("cp1252", "latin-1", "mac_roman"),
)
NEWLINES = ("\r\n", "\n", "\r")
DECLARED = ("cp1252", "latin-1", "mac_roman")  # single-byte encodings cannot be told apart

finite = st.floats(allow_nan=False, allow_infinity=False)
cycle = st.floats(min_value=1e-3, max_value=39.999, allow_nan=False)
names = st.sampled_from(["C1 d3", "Größe", "a;b", "x,y", 'in "quotes"', "0,5", "1.5", "tab\there"])


@lru_cache(maxsize=512)
def sidecar(options: str, targets: tuple[str, ...], chip: bool) -> Sidecar:
    place = 'chip = "C"\ntime = "72 h"' if chip else 'time = "72 h"'
    return Sidecar.from_text(
        f'[study]\nid = "s"\ntargets = {json.dumps(list(targets))}\n[chip.C]\n[chip.D]\n'
        f'[[file]]\npath = "x"\n{place}\n{options}\n'
    )


def parse(name: str, content: bytes, options: str = "", targets=(), chip=True):
    """What an adapter makes of a file, without the record around it."""
    car = sidecar(options, tuple(targets), chip)
    entry = car.files[0]
    adapter = adapter_named(name)
    parsed: Parsed = adapter.read(content, entry)
    records: Records = adapter.to_records(parsed, car, entry)
    return parsed, records


def rows(name: str, content: bytes, options: str = "", targets=(), chip=True):
    """Measurements of a file."""
    return parse(name, content, options, targets, chip)[1].measurements


def codes(error) -> set[str]:
    return {one.code for one in error.value.errors}


def stated(layout: dict, declare: bool) -> str:
    """What a side-car has to state about a layout, and what it may."""
    lines = []
    if layout["encoding"] in DECLARED:
        lines.append(f'encoding = "{layout["encoding"]}"')
    if declare:
        lines.append(f'decimal = "{layout["decimal"]}"')
    return "\n".join(lines)


def rows_of_layout(name, content, layout, declare, options, targets):
    """Measurements; where no number shows the decimal sign, the refusal asks to declare it."""
    text = stated(layout, declare) + "\n" + options
    try:
        return rows(name, content, text, targets)
    except ChipDataError as error:
        assert not declare and {one.code for one in error.errors} == {"ambiguous_decimal"}
        return rows(name, content, stated(layout, True) + "\n" + options, targets)


def layouts(delimiters=(",",), decimals=(".", ","), encodings=ENCODINGS):
    """Every combination of encoding, line end, delimiter and decimal sign."""
    return st.fixed_dictionaries(
        {
            "encoding": st.sampled_from(encodings),
            "newline": st.sampled_from(NEWLINES),
            "delimiter": st.sampled_from(delimiters),
            "decimal": st.sampled_from(decimals),
        }
    )


def states(found) -> dict:
    """Value and state by place, for comparing a damaged file with the whole one."""
    return {
        (one.plate_id, one.well, one.observable, one.analyte, one.source_locator): repr(
            (one.value, one.censor, one.limit_low, one.limit_high)
        )
        for one in found
    }


def is_marked(parsed: Parsed, found) -> bool:
    return any(one.flags & MARKS for one in found) or "no_rows" in {
        one.code for one in parsed.messages
    }


def fails(name: str, content: bytes, options: str = "", targets=("IL-6", "IL6"), **more):
    """The error that a file gives; every problem in it says what was found and expected."""
    with pytest.raises(ChipDataError) as caught:
        parse(name, content, options, targets, **more)
    assert all(one.found and one.expected for one in caught.value.errors)
    return caught


START = "2026-02-25 04:42:08 PM"


def flex(count=2, **options):
    """An INTELLIFLEX plate with one bead region."""
    wells = [
        intelliflex.WellValues(f"{'ABCD'[i]}1", f"S{i}", {"R25": 100.5 + i}, {"R25": 90.5 + i},
                               {"R25": 40})
        for i in range(count)
    ]  # fmt: skip
    return intelliflex.write("P", options.pop("start", START), wells, **options)


def plex(concentration: float | str = 12.5, unit="pg/mL", **columns):
    """A Bio-Plex plate of one well."""
    well = bioplex.WellValues("B1", "X1", {"IL-6": 810.5}, {"IL-6": concentration}, **columns)
    return bioplex.write("P", [well], unit=unit)


def check_cuts(name: str, content: bytes, options: str, targets) -> None:
    """A file cut anywhere is an error, or marked, and what is not marked is right."""
    whole = states(rows(name, content, options, targets))
    refused = 0
    size = len(content)
    for cut in sorted({*range(1, size, max(1, size // 80)), *range(size - 100, size)}):
        try:
            parsed, records = parse(name, content[:cut], options, targets)
        except ChipDataError as error:
            assert error.errors
            refused += 1
            continue
        found = records.measurements
        assert states(found) == whole or is_marked(parsed, found), cut
        sure = states([one for one in found if not one.flags])
        assert sure.items() <= whole.items(), cut
        if options:  # rows that are marked as part of a cut file are right as well
            partial = states([one for one in found if one.flags == Flag.PARTIAL_SOURCE])
            assert partial.items() <= whole.items(), cut
    assert refused > 5


def check_altered(name: str, content: bytes, targets, seed: int) -> None:
    """Up to three bytes changed at random: errors of ours, and no other exception."""
    generator = np.random.default_rng(seed)
    intact = np.frombuffer(content, dtype=np.uint8)
    errors = 0
    for _ in range(250):
        damaged = intact.copy()
        at = generator.integers(0, len(intact), generator.integers(1, 4))
        damaged[at] ^= generator.integers(1, 256, len(at)).astype(np.uint8)
        try:
            parse(name, damaged.tobytes(), "", targets)
        except ChipDataError as error:
            assert all(one.code for one in error.errors)
            errors += 1
    assert errors > 30
