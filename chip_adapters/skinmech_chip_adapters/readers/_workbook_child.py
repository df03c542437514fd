"""Child process of `workbook`: limits first, then a scan of the XML, then the library.

Runs as a script without the package. Reads the workbook from standard input and writes JSON. The
scan finds what the library does not tell: the extent of a sheet before it is allocated, cells that
hold an error, and formulas whose value was never stored.
"""

import io
import json
import math
import posixpath
import re
import sys
import zipfile
import zlib
from datetime import date, datetime, time, timedelta
from typing import NoReturn
from xml.parsers import expat

MAX_CELLS = 200_000  # of the used rectangle of one sheet
MAX_ALL_CELLS = 1_000_000
MAX_SHEETS = 200
MAX_CHARACTERS = 50_000_000
_REFERENCE = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6})")
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


class Refused(Exception):
    """Ends the child with the fields of an error."""


def refuse(code, found, expected, remedy, locator="") -> NoReturn:
    raise Refused(
        {"code": code, "locator": locator, "found": found, "expected": expected, "remedy": remedy}
    )


def too_large(found, expected, locator="") -> NoReturn:
    remedy = "delete empty formatted rows and columns, or save the table as CSV"
    refuse("workbook_too_large", found, expected, remedy, locator)


def damaged(found, locator="") -> NoReturn:
    refuse("workbook_damaged", found, "an undamaged workbook",
           "open it in Excel and save it again, or export it again", locator)  # fmt: skip


def limit(cpu_seconds, data_bytes):
    """Limits of the operating system, where it has them."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds))
    for name, size in (("RLIMIT_DATA", data_bytes), ("RLIMIT_AS", data_bytes + 2**29)):
        try:
            resource.setrlimit(getattr(resource, name), (size, size))
        except (AttributeError, ValueError, OSError):
            pass


# -- the scan of xlsx -----------------------------------------------------------------------------


def parse(data, start, end=None, text=None):
    """Stream XML through handlers; a document type ends it."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = start
    if end:
        parser.EndElementHandler = end
    if text:
        parser.CharacterDataHandler = text

    def doctype(*_):
        refuse("xml_unsafe", "a document type in a workbook", "a plain workbook", "save it again")

    parser.StartDoctypeDeclHandler = doctype
    try:
        parser.Parse(data, True)
    except expat.ExpatError:
        damaged("XML that does not parse")


def sheet_parts(archive):
    """Path of each sheet's XML by the sheet's name."""
    targets, parts = {}, {}

    def relation(tag, attrs):
        if tag.endswith(" Relationship"):
            targets[attrs.get("Id")] = attrs.get("Target", "")

    def sheet(tag, attrs):
        if tag.endswith(" sheet"):
            target = targets.get(attrs.get(_RELATIONS + " id"), "")
            parts[attrs.get("name", "")] = posixpath.normpath(posixpath.join("/xl", target))[1:]

    names = set(archive.namelist())
    if "xl/_rels/workbook.xml.rels" not in names:
        damaged("a workbook without its list of sheets")
    parse(archive.read("xl/_rels/workbook.xml.rels"), relation)
    parse(archive.read("xl/workbook.xml"), sheet)
    return {name: part for name, part in parts.items() if part in names}


def position(reference):
    """Row and column from 0 of a reference such as B7."""
    match = _REFERENCE.fullmatch(reference)
    if not match:
        damaged("a cell without a place", f"cell {reference[:12]!r}")
    column = 0
    for letter in match[1]:
        column = 26 * column + ord(letter) - 64
    return int(match[2]) - 1, column - 1


class Scan:
    """Extent of one sheet, its error cells, and formulas without a value."""

    def __init__(self, name):
        self.name = name
        self.rows = self.columns = self.cells = 0
        self.errors = {}
        self.no_value = []
        self._row, self._column = -1, -1
        self._place, self._kind = (0, 0), ""
        self._inside = self._formula = False
        self._value = None

    def start(self, tag, attrs):
        tag = tag.rsplit(" ", 1)[-1]
        if tag == "row":
            self._row = int(attrs["r"]) - 1 if attrs.get("r", "").isdigit() else self._row + 1
            self._column = -1
            self._grow(self._row, 0)
        elif tag == "c":
            place = (self._row, self._column + 1)
            self._place = position(attrs["r"]) if "r" in attrs else place
            self._row, self._column = self._place
            self.cells += 1
            self._grow(*self._place)
            self._kind, self._formula, self._value = attrs.get("t", "n"), False, None
        elif tag == "f":
            self._formula = True
        elif tag in ("v", "is"):
            self._inside, self._value = True, self._value or ""

    def text(self, data):
        if self._inside:
            self._value = (self._value or "") + data

    def end(self, tag):
        tag = tag.rsplit(" ", 1)[-1]
        if tag in ("v", "is"):
            self._inside = False
        elif tag == "c":
            if self._kind == "e":
                self.errors[self._place] = (self._value or "#N/A").strip()
            elif self._formula and not self._value and self._kind != "str":
                self.no_value.append(self._place)

    def _grow(self, row, column):
        self.rows = max(self.rows, row + 1)
        self.columns = max(self.columns, column + 1)
        if self.rows * self.columns > MAX_CELLS or self.cells > MAX_CELLS:
            too_large(f"a sheet of {self.rows} rows and {self.columns} columns",
                      f"at most {MAX_CELLS} cells", f"sheet {self.name[:40]!r}")  # fmt: skip


def scan(content):
    """Scans by sheet name, after verifying the checksum of every part."""
    scans = {}
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if archive.testzip() is not None:
                damaged("a part that does not match its checksum")
            parts = sheet_parts(archive)
            if len(parts) > MAX_SHEETS:
                too_large(f"{len(parts)} sheets", f"at most {MAX_SHEETS}")
            for name, part in parts.items():
                if not part.startswith("xl/worksheets/"):
                    continue
                one = scans[name] = Scan(name)
                parse(archive.read(part), one.start, one.end, one.text)
    except (zipfile.BadZipFile, OSError, EOFError, RuntimeError, NotImplementedError, KeyError,
            ValueError, zlib.error):  # fmt: skip
        damaged("a zip archive that does not unpack")
    if sum(one.rows * one.columns for one in scans.values()) > MAX_ALL_CELLS:
        too_large("all sheets together", f"at most {MAX_ALL_CELLS} cells")
    for name, one in scans.items():
        if one.no_value:
            row, column = one.no_value[0]
            refuse("formula_without_value",
                   f"{len(one.no_value)} formulas whose result is not stored", "stored results",
                   "open the workbook in Excel, let it calculate, and save it",
                   f"sheet {name[:40]!r}, row {row + 1}, column {column + 1}")  # fmt: skip
    return scans


# -- the library ----------------------------------------------------------------------------------


def sheets(content, scans):
    """All sheets as plain values."""
    import python_calamine as library

    try:
        book = library.CalamineWorkbook.from_filelike(io.BytesIO(content))
    except library.PasswordError:
        refuse("workbook_encrypted", "a workbook with a password", "one without",
               "save it without the password")  # fmt: skip
    except (library.CalamineError, ValueError, OSError) as error:
        damaged(f"a workbook that does not open ({type(error).__name__})")
    result, characters, cells = [], 0, 0
    if len(book.sheets_metadata) > MAX_SHEETS:
        too_large(f"{len(book.sheets_metadata)} sheets", f"at most {MAX_SHEETS}")
    for meta in book.sheets_metadata:
        if meta.typ != library.SheetTypeEnum.WorkSheet:
            continue
        where = f"sheet {meta.name[:40]!r}"
        if scans is not None and meta.name not in scans:
            damaged("a sheet that is listed but not there", where)
        try:
            sheet = book.get_sheet_by_name(meta.name)
        except (library.CalamineError, ValueError, OSError) as error:
            damaged(f"a sheet that does not read ({type(error).__name__})", where)
        height, width = sheet.total_height, sheet.total_width
        cells += height * width
        if height * width > MAX_CELLS or cells > MAX_ALL_CELLS:
            too_large(f"a sheet of {height} rows and {width} columns", f"at most {MAX_CELLS} cells",
                      where)  # fmt: skip
        rows = [[plain(cell) for cell in row] for row in sheet.to_python(skip_empty_area=False)]
        for (row, column), text in (scans[meta.name].errors if scans else {}).items():
            grow(rows, row + 1, column + 1)
            rows[row][column] = text
        while rows and all(cell is None for cell in rows[-1]):
            rows.pop()
        characters += sum(len(cell) for row in rows for cell in row if isinstance(cell, str))
        if characters > MAX_CHARACTERS:
            too_large("more text than a measurement has", f"at most {MAX_CHARACTERS} characters")
        hidden = meta.visible != library.SheetVisibleEnum.Visible
        result.append({"name": meta.name, "hidden": hidden, "rows": rows})
    return result


def grow(rows, height, width):
    """Extend a rectangle of cells in place."""
    width = max(width, len(rows[0]) if rows else 0)
    rows += [[] for _ in range(height - len(rows))]
    for row in rows:
        row += [None] * (width - len(row))


def plain(cell):
    """A cell as a value that JSON holds."""
    if isinstance(cell, (bool, int)):
        return cell
    if isinstance(cell, float):
        if not math.isfinite(cell):
            return repr(cell)
        whole = cell.is_integer() and abs(cell) < 2**53 and math.copysign(1.0, cell) > 0
        return int(cell) if whole else cell
    if isinstance(cell, datetime):
        return {"datetime": cell.isoformat()}
    if isinstance(cell, date):
        return {"datetime": datetime(cell.year, cell.month, cell.day).isoformat()}
    if isinstance(cell, time):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        seconds = cell.total_seconds()
        minutes, rest = divmod(abs(seconds), 60)
        hours, minutes = divmod(int(minutes), 60)
        return f"{'-' if seconds < 0 else ''}{hours:02d}:{minutes:02d}:{rest:06.3f}".removesuffix(
            ".000"
        )
    return cell if cell else None


def main():
    options = json.loads(sys.argv[1])
    content = sys.stdin.buffer.read()
    limit(options["cpu_seconds"], options["data_bytes"] + len(content))
    sys.path.insert(0, options["library"])
    try:
        answer = {"sheets": sheets(content, scan(content) if content[:2] == b"PK" else None)}
    except Refused as refused:
        answer = {"error": refused.args[0]}
    except MemoryError:
        sys.exit(1)
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
