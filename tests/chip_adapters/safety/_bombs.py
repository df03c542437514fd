"""Hostile workbooks and archives, built here and never stored."""

import io
import random
import struct
import zipfile
from collections.abc import Mapping
from functools import cache

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'

LOCAL = "file:" + "///etc/passwd"
OLE_MARK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def zipped(parts: Mapping[str, bytes | str], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip archive of the parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def parts_of(sheet_data: str, *, strings: str = "", before: str = "", prolog: str = HEAD) -> dict:
    """Parts of a workbook with one sheet, whose `sheetData` is given as XML."""
    return {
        "[Content_Types].xml": f'{HEAD}<Types xmlns="{PACKAGE}/content-types">'
        '<Default Extension="xml" ContentType="application/xml"/>'
        '<Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/></Types>',
        "_rels/.rels": f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
        "</Relationships>",
        "xl/workbook.xml": f'{prolog}<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>'
        '<sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="rId2" Type="{OFFICE}/sharedStrings" Target="sharedStrings.xml"/>'
        "</Relationships>",
        "xl/sharedStrings.xml": f'{HEAD}<sst xmlns="{MAIN}">{strings}</sst>',
        "xl/worksheets/sheet1.xml": f'{HEAD}<worksheet xmlns="{MAIN}">{before}'
        f"<sheetData>{sheet_data}</sheetData></worksheet>",
    }


def workbook(sheet_data: str, **options: str) -> bytes:
    """A workbook with one sheet."""
    return zipped(parts_of(sheet_data, **options))


def number(reference: str, value: object = 1) -> str:
    """One number cell."""
    return f'<c r="{reference}"><v>{value}</v></c>'


def far_corner() -> bytes:
    """Two cells at opposite corners: two kilobytes that claim seventeen thousand million cells."""
    return workbook(f'<row r="1">{number("A1")}</row><row r="1048576">{number("XFD1048576")}</row>')


def many_cells() -> bytes:
    """A column of more cells than any instrument writes, with values that do not pack away."""
    digits = random.Random(0)
    cells = (f"<row><c><v>{digits.random()}</v></c></row>" for _ in range(400_000))
    return workbook("".join(cells))


def packed_cells() -> bytes:
    """The same in equal cells: two million in a quarter of a megabyte."""
    return workbook("<row><c><v>1</v></c></row>" * 2_000_000)


def styled_padding() -> bytes:
    """Empty cells that only carry a style, in rows as wide as Excel allows."""
    style = random.Random(0)
    rows = (
        "<row>" + "".join(f'<c s="{style.randrange(99)}"/>' for _ in range(16384)) + "</row>"
        for _ in range(20)
    )
    return workbook("".join(rows))


def string_amplifier() -> bytes:
    """One long string that every cell refers to."""
    cells = "".join(f'<row r="{i}"><c r="A{i}" t="s"><v>0</v></c></row>' for i in range(1, 100_001))
    return workbook(cells, strings=f"<si><t>{'x' * 1_000_000}</t></si>")


def laughs_in_workbook() -> bytes:
    """Entities that double ten times a thousand times over."""
    entities = '<!ENTITY a0 "ha">' + "".join(
        f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 12)
    )
    prolog = f"{HEAD}<!DOCTYPE workbook [{entities}]>"
    return workbook(f'<row r="1">{number("A1")}</row>', prolog=prolog)


def foreign_entity() -> bytes:
    """An entity that names a file of the machine."""
    parts = parts_of('<row r="1"><c r="A1" t="str"><v>&x;</v></c></row>')
    head = f'{HEAD}<!DOCTYPE worksheet [<!ENTITY x SYSTEM "{LOCAL}">]>'
    name = "xl/worksheets/sheet1.xml"
    parts[name] = parts[name].replace(HEAD, head)
    return zipped(parts)


def deep_sheet() -> bytes:
    """A hundred thousand elements inside each other."""
    return workbook("<x>" * 100_000 + "</x>" * 100_000)


def many_sheets() -> bytes:
    """Five thousand sheets."""
    parts = parts_of(f'<row r="1">{number("A1")}</row>')
    sheets = "".join(f'<sheet name="S{i}" sheetId="{i}" r:id="rId1"/>' for i in range(1, 5001))
    parts["xl/workbook.xml"] = (
        f'{HEAD}<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{sheets}</sheets></workbook>'
    )
    return zipped(parts)


@cache
def zeros(size: int = 300 * 2**20) -> bytes:
    """A part of zeros far beyond what its packed size suggests."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts_of("").items():
            archive.writestr(name, content)
        with archive.open("xl/media/image1.bin", "w", force_zip64=True) as part:
            block = bytes(2**20)
            for _ in range(size // len(block)):
                part.write(block)
    return out.getvalue()


def lying_size() -> bytes:
    """A directory that states a hundred bytes for a part of fifty million."""
    content = zipped({**parts_of(""), "xl/worksheets/sheet1.xml": bytes(50_000_000)})
    for mark, offset in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        start = content.rfind(mark) if mark == b"PK\x01\x02" else content.rfind(mark)
        place = start + offset
        content = content[:place] + struct.pack("<I", 100) + content[place + 4 :]
    return content


def shared_bytes() -> bytes:
    """Directory entries that all point to the same packed bytes."""
    content = zipped({"a": bytes(900_000)})
    start = content.index(b"PK\x01\x02")
    end = content.index(b"PK\x05\x06")
    entry = content[start:end]
    copies = [entry.replace(b"a", bytes([ord("b") + i]), 1) for i in range(20)]
    directory = b"".join(copies)
    tail = struct.pack(
        "<4sHHHHIIH", b"PK\x05\x06", 0, 0, len(copies), len(copies), len(directory), start, 0
    )
    return content[:start] + directory + tail


def false_dimension() -> bytes:
    """A stated extent of everything around a single cell."""
    return workbook(
        f'<row r="1">{number("A1", 7)}</row>', before='<dimension ref="A1:XFD1048576"/>'
    )


def absurd_places() -> bytes:
    """Rows and columns that no sheet has."""
    return workbook('<row r="99999999999999999999"><c r="ZZZZ99999999999"><v>1</v></c></row>')


def looping_ole() -> bytes:
    """The old format's mark, and a sector table that points at itself."""
    header = bytearray(OLE_MARK + bytes(504))
    struct.pack_into("<HHHHH", header, 24, 0x3E, 3, 0xFFFE, 9, 6)
    struct.pack_into("<IIIIIIIII", header, 40, 0, 1, 0, 0, 4096, 0, 1, 0, 0)
    struct.pack_into("<109I", header, 76, *([0] * 109))
    return bytes(header) + struct.pack("<I", 0) * 128 * 8


BOMBS = {
    "far corner": far_corner,
    "many cells": many_cells,
    "two million equal cells": packed_cells,
    "styled padding": styled_padding,
    "string amplifier": string_amplifier,
    "entities": laughs_in_workbook,
    "foreign entity": foreign_entity,
    "thousands of sheets": many_sheets,
    "zeros": zeros,
    "lying size": lying_size,
    "shared bytes": shared_bytes,
    "absurd places": absurd_places,
    "looping OLE": looping_ole,
}
