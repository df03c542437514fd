"""The table of bad inputs, rows 1 to 8, 23 and 24: cut, coded otherwise, saved by Excel."""

import pytest

from skinmech_chip_adapters import Flag
from skinmech_chip_adapters.instruments.generic_table.writer import write as table
from tests.chip_adapters._cars import SINGLE, car, codes

# 1, 2: nothing in it


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", b"\r\n \r\n", b"\0\0\0\0"])
def test_empty_file(example, fails, content):
    assert codes(fails(content, example.sidecar, example.filename)) == {"empty_file"}


def test_header_without_rows_gives_an_empty_record_with_a_warning(read_bytes, examples):
    record = read_bytes(b"chip,t,TEWL\r\n", car())
    assert len(record.measurements) == 0 and len(record.sources) == 1
    assert "no_rows" in record.log["code"]
    head = b"".join(examples["autolab_nova"].content.splitlines(keepends=True)[:2])
    record = read_bytes(head, SINGLE.format(path="x", options=""), "x")
    assert record.spectra == () and "no_rows" in record.log["code"] and len(record.sources) == 1
    head = b"".join(examples["msd_discovery_workbench"].content.splitlines(keepends=True)[:2])
    record = read_bytes(head, SINGLE.format(path="x.csv", options=""), "x.csv")
    assert len(record.measurements) == 0 and "no_rows" in record.log["code"]


# 3, 4: cut


def test_cut_inside_a_block_keeps_complete_sweeps_and_names_the_refused_one(read_bytes, examples):
    lines = examples["autolab_nova"].content.splitlines(keepends=True)
    record = read_bytes(b"".join(lines[:50]), SINGLE.format(path="x", options=""), "x")
    assert len(record.spectra) == 1 and len(record.spectra[0].z_ohm) == 29
    assert record.spectra[0].flags & Flag.PARTIAL_SOURCE
    (row,) = record.log.select(code="sweep_incomplete")
    assert row.level == "error" and "sweep 2" in row.text and "17 of 29" in row.text


def test_cut_inside_a_row_names_the_row(fails, examples):
    content = examples["autolab_nova"].content
    error = fails(content[:-20], SINGLE.format(path="x", options=""), "x")
    assert codes(error) == {"cut_row"} and "line 62" in str(error.value)


def test_declared_size_finds_a_cut_between_rows(fails, examples):
    lines = examples["autolab_nova"].content.splitlines(keepends=True)
    options = "expected = { sweeps = 1, points = 29 }"
    cut = b"".join(lines[:20])
    assert codes(fails(cut, SINGLE.format(path="x", options=options), "x")) == {"cut_file"}
    assert codes(fails(b"chip,t,TEWL\nC1,1,2\n", car("expected = { rows = 2 }"))) == {"cut_file"}


def test_a_plate_without_a_mapped_well_is_cut(fails, examples):
    one = examples["luminex_xponent"]
    kept = b"\r\n".join(
        line for line in one.content.split(b"\r\n") if not line.startswith(b'"3(1,C1)"')
    )
    error = fails(kept, one.sidecar, one.filename)
    assert codes(error) == {"well_not_in_file"} and "C01" in str(error.value)


# 5, 6, 7, 8: decimal comma, encodings, line ends


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "latin-1", "mac_roman"]
)
@pytest.mark.parametrize("newline", ["\r\n", "\n", "\r"])
def test_decimal_comma_encoding_and_line_end_do_not_change_numbers(read_bytes, encoding, newline):
    rows = [("C1", 24.0, 31.5, "für"), ("C2", 48.0, 1234.25, "")]
    content = table(("chip", "t", "TEWL", "µ"), rows, delimiter=";", decimal=",",
                    newline=newline, encoding=encoding)  # fmt: skip
    declared = encoding if encoding in ("cp1252", "latin-1", "mac_roman") else ""
    record = read_bytes(content, car(f'encoding = "{declared}"'))
    assert list(record.measurements["value"]) == [31.5, 1234.25]
    assert list(record.measurements["time_s"]) == [86400.0, 172800.0]
    (source,) = record.sources.values()
    assert source.decimal == "," and source.delimiter == ";"
    assert source.encoding == encoding
    assert source.newline == {"\r\n": "CRLF", "\n": "LF", "\r": "CR"}[newline]


def test_nova_with_decimal_comma_gives_the_same_spectrum(read_example, read_bytes, examples):
    one = examples["autolab_nova"]
    record = read_bytes(one.content.replace(b".", b","), one.sidecar, one.filename)
    expected = read_example(one)
    for a, b in zip(record.spectra, expected.spectra, strict=True):
        assert a.z_ohm.tobytes() == b.z_ohm.tobytes()


def test_mixed_decimal_signs_name_both_lines(fails):
    error = fails(b"chip;t;TEWL\nC1;1;0.01\nC1;2;0,02\n", car())
    assert codes(error) == {"mixed_decimal"} and "lines 2 and 3" in str(error.value)


def test_a_decimal_comma_in_a_comma_table_is_not_split_silently(fails):
    assert codes(fails(b"chip,t,TEWL\nC1,1,2,5\nC1,2,3,5\n", car())) == {"cut_row"}


# 23, 24: several sweeps, Excel


def test_all_sweeps_are_returned_and_numbered(read_example, examples):
    record = read_example(examples["autolab_nova"])
    assert [one.source_locator.split(",")[0] for one in record.spectra] == ["sweep 1", "sweep 2"]
    assert record.spectra[1].time_s > record.spectra[0].time_s == 432000.0


@pytest.mark.parametrize("name", ["luminex_xponent", "msd_discovery_workbench"])
def test_a_copy_saved_by_excel_gives_the_same_values(read_example, examples, name):
    """Quotes lost, every row padded with commas to the same width."""
    import csv
    import io

    one = examples[name]
    rows = list(csv.reader(io.StringIO(one.content.decode())))
    width = max(map(len, rows)) + 2
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(
        row + [""] * (width - len(row)) for row in rows
    )
    old, new = read_example(one), read_example(one, out.getvalue().encode())
    for column in ("value", "censor", "observable", "analyte", "well", "n", "dilution"):
        assert list(map(repr, old.measurements[column])) == list(
            map(repr, new.measurements[column])
        )
