"""Workbooks: what Excel writes is read, and no bomb ends or stalls this process."""

import io
import os
import resource
import sys
import time
from datetime import datetime

import pytest

from skinmech_chip_adapters import ChipDataError
from skinmech_chip_adapters.readers import workbook as reader
from skinmech_chip_adapters.readers.workbook import is_workbook, peek, read_workbook
from tests.chip_adapters.safety._bombs import (
    BOMBS,
    deep_sheet,
    false_dimension,
    number,
    parts_of,
    workbook,
    zipped,
)

openpyxl = pytest.importorskip("openpyxl", reason="the extra excel is not installed")


def saved(book) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.fixture
def book():
    return openpyxl.Workbook()


def test_cells_keep_their_kind_and_place(book):
    sheet = book.active
    sheet["B2"], sheet["C2"], sheet["D2"] = 3, 0.1, " text "
    sheet["B4"], sheet["C4"] = True, datetime(2024, 3, 4, 5, 6, 7)
    (one,) = read_workbook(saved(book))
    assert one.name == "Sheet" and not one.hidden
    assert one.rows[0] == (None, None, None, None)
    assert one.rows[1] == (None, 3, 0.1, " text ")
    assert one.rows[3][1:3] == (True, datetime(2024, 3, 4, 5, 6, 7))
    assert type(one.rows[1][1]) is int and type(one.rows[3][1]) is bool


@pytest.mark.parametrize("epoch", ["CALENDAR_WINDOWS_1900", "CALENDAR_MAC_1904"])
def test_both_date_systems_give_the_same_day(book, epoch):
    from openpyxl.utils import datetime as calendars

    book.active["A1"] = datetime(2026, 2, 1, 13, 30)
    book.epoch = getattr(calendars, epoch)
    assert read_workbook(saved(book))[0].rows == ((datetime(2026, 2, 1, 13, 30),),)


def test_hidden_sheets_are_returned_and_marked(book):
    book.create_sheet("calibration").sheet_state = "hidden"
    book.create_sheet("secret").sheet_state = "veryHidden"
    assert [(one.name, one.hidden) for one in read_workbook(saved(book))] == [
        ("Sheet", False), ("calibration", True), ("secret", True),
    ]  # fmt: skip


def test_a_cell_that_holds_an_error_is_its_text_and_not_empty(book):
    book.active["A1"], book.active["B1"] = "x", 1.5
    book.active["C3"] = "#DIV/0!"
    (one,) = read_workbook(saved(book))
    assert one.rows[2][2] == "#DIV/0!" and one.rows[0] == ("x", 1.5, None)


def test_a_formula_whose_result_was_never_stored_is_refused_with_its_place(book):
    book.active["A1"], book.active["B7"] = 1, "=A1*2"
    with pytest.raises(ChipDataError) as caught:
        read_workbook(saved(book))
    assert caught.value.code == "formula_without_value"
    assert caught.value.locator == "sheet 'Sheet', row 7, column 2"


def test_a_formula_with_its_result_is_the_result():
    cells = (
        '<row r="1"><c r="A1"><f>1/8</f><v>0.125</v></c><c r="B1" t="str"><f>T(1)</f><v/></c></row>'
    )
    assert read_workbook(workbook(cells))[0].rows == ((0.125, None),)


def test_a_false_extent_does_not_matter():
    assert read_workbook(false_dimension())[0].rows == ((7,),)


def test_elements_inside_each_other_do_no_harm():
    assert read_workbook(deep_sheet())[0].rows == ()


def test_recorded_workbooks_are_read(shared_data):
    paths = sorted((shared_data / "instruments").glob("*/*.xlsx"))
    assert len(paths) == 4
    for path in paths:
        content = path.read_bytes()
        (sheet,) = read_workbook(content)
        assert is_workbook(content) and len(sheet.rows) > 20
        assert "sheet" in peek(content)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        (b"a,b\n1,2\n", "not_a_workbook"),
        (zipped({"a.txt": b"x"}), "not_a_workbook"),
        (b"PK\x03\x04" + bytes(50), "archive_damaged"),
        (reader._OLE + bytes(600), "workbook_damaged"),
        (zipped({**parts_of(""), "xl/_rels/workbook.xml.rels": "<a/>"}), "workbook_damaged"),
        (zipped({**parts_of(""), "xl/worksheets/sheet1.xml": "<a>"}), "workbook_damaged"),
    ],
)
def test_what_is_no_whole_workbook_is_refused_by_name(content, code):
    with pytest.raises(ChipDataError) as caught:
        read_workbook(content)
    assert caught.value.code == code and caught.value.expected


def test_every_cut_of_a_workbook_is_refused():
    content = workbook(f'<row r="1">{number("A1")}</row>')
    for size in range(1, len(content), 37):
        with pytest.raises(ChipDataError):
            read_workbook(content[:size])


@pytest.mark.parametrize("name", sorted(BOMBS))
def test_the_parent_survives_every_bomb(name):
    content = BOMBS[name]()
    processor, peak = _spent(), resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    with pytest.raises(ChipDataError) as caught:
        read_workbook(content)
    spent = _spent() - processor
    grown = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss - peak
    codes = {one.code for one in caught.value.errors}
    allowed = {"workbook_too_large", "workbook_damaged", "xml_unsafe", "archive_too_large",
               "archive_unsafe", "archive_damaged"}  # fmt: skip
    assert codes <= allowed, codes
    assert peek(content) is not None
    # Processor seconds of this process and its children: the clock on the wall depends on others.
    assert spent < 2.5, f"{spent:.2f} s"
    if sys.platform == "linux":
        assert grown * 1024 < 400 * 2**20
    print(f"{name}: {len(content)} bytes, {sorted(codes)}, {spent:.2f} s")


def _spent() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


@pytest.mark.parametrize(
    "deed",
    ["import os; os.abort()", "import time; time.sleep(60)", "print('no json')", "1/0",
     "a = []\nwhile True: a.append(bytes(10**6))"],
)  # fmt: skip
def test_a_reader_that_dies_or_hangs_is_one_clear_error(tmp_path, monkeypatch, deed):
    child = tmp_path / "child.py"
    limit = "import resource\nresource.setrlimit(resource.RLIMIT_AS, (2**28, 2**28))\n"
    child.write_text(limit + deed)
    monkeypatch.setattr(reader, "_CHILD", child)
    monkeypatch.setattr(reader, "WALL_SECONDS", 1.5)
    start = time.perf_counter()
    with pytest.raises(ChipDataError) as caught:
        read_workbook(workbook(""))
    assert caught.value.code == "workbook_too_large"
    assert time.perf_counter() - start < 30


def test_without_the_library_the_extra_is_named(monkeypatch):
    monkeypatch.setattr(reader, "_LIBRARY", "no_such_library_here")
    with pytest.raises(ChipDataError, match=r"missing_extra.*skinmech\[excel\]"):
        read_workbook(workbook(""))


def test_recognising_a_file_never_fails():
    for content in (b"", b"PK\x03\x04", b"PK\x03\x04" * 100, bytes(100), workbook("")[:300]):
        assert isinstance(peek(content), str)
