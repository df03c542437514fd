"""PalmSens session file to scans, without meaning."""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from skinmech_chip_adapters.adapter import Evidence, Message, Parsed, Unparsed
from skinmech_chip_adapters.declarations import FileEntry
from skinmech_chip_adapters.errors import ChipDataError, Problems, one_of
from skinmech_chip_adapters.impedance.cells import no_rows, wrong_format
from skinmech_chip_adapters.readers import Text, decode, decode_head, parse_number

_SESSION = "PalmSens.DataFiles.SessionFile"
# Description of an array -> type of its unit and the unit that this type stands for. The unit's
# own symbol is no proof: an array in microampere has the symbol A.
ARRAYS = {
    "Frequency": ("PalmSens.Units.Hertz", "Hz"),
    "ZRe": ("PalmSens.Units.ZRe", "ohm"),
    "ZIm": ("PalmSens.Units.ZIm", "ohm"),
    "Z": ("PalmSens.Units.Z", "ohm"),
    "Phase": ("PalmSens.Units.Phase", "degree"),
    "time": ("PalmSens.Units.Time", "s"),
}
NEEDED = ("Frequency", "ZRe", "ZIm")
_LONGEST_INTEGER = 25
_Kind = TypeVar("_Kind", dict, list, str)


@dataclass(frozen=True, slots=True, eq=False)
class Scan:
    """One impedance data set as written.

    Attributes:
        measurement, number: Position of the measurement in the file, and of the set in it, from 1.
        title: Of the set.
        method: Name of the technique in the method.
        utc_ticks, local_ticks: Time stamps in .NET ticks (100 ns since the year 1), None if absent.
        arrays: Values by the names in `ARRAYS`, shape (points,), NaN for no value.
        quantities: What each array says it is, such as `-Z''`, by the same names.
    """

    measurement: int
    number: int
    title: str
    method: str
    utc_ticks: int | None
    local_ticks: int | None
    arrays: dict[str, np.ndarray]
    quantities: dict[str, str]


def sniff(head: bytes, name: str) -> Evidence:
    """A JSON object that names the type of the session file at its start."""
    start = decode_head(head[:4096])
    if start.lstrip()[:1] == "{" and f'"{_SESSION}"' in start:
        return Evidence(0.95, ("JSON of a PalmSens session",))
    return Evidence(0.0)


def read(content: bytes, entry: FileEntry) -> Parsed:
    """Impedance data sets of all measurements.

    Raises:
        ChipDataError: For another format or technique, a cut or damaged file, or arrays that do
            not belong together.
    """
    if not sniff(content[:4096], "").score:
        raise wrong_format(
            f"a start without the type {_SESSION}", "a PalmSens session file (.pssession)"
        )
    text = decode(content, entry.encoding)
    session = _object(text)
    measurements = _field(session, "Measurements", list, "the session")
    unparsed: dict[str, Unparsed] = {}
    problems, scans = Problems(), []
    for number, one in enumerate(measurements, 1):
        with problems.collect(locator=f"measurement {number}"):
            scans += _scans(one, number, unparsed)
    problems.raise_if_any()
    if measurements and not scans:
        raise ChipDataError(
            "not_impedance", locator="Measurements",
            found=f"{len(measurements)} measurements without impedance",
            expected="at least one impedance measurement",
            remedy="leave this file out: it holds no impedance",
        )  # fmt: skip
    messages: list[Message] = [] if any(len(s.arrays["ZRe"]) for s in scans) else [no_rows()]
    return Parsed(
        tables=tuple(scans),
        header=_clean(session.get("MethodForMeasurement", "")),
        unparsed=tuple(unparsed.values()),
        messages=tuple(messages),
        encoding=text.encoding,
        newline=text.newline,
        delimiter="json",
        decimal=".",
        software=f"PSTrace {_clean(session.get('CoreVersion', ''))}".strip(),
    )


def _object(text: Text) -> dict[str, Any]:
    """The whole file as a JSON object; numbers are read strictly and no key may occur twice."""
    joined = "\n".join(text.lines).strip("\ufeff \n")
    try:
        found = json.loads(
            joined, parse_float=parse_number, parse_int=_integer, parse_constant=_constant,
            object_pairs_hook=_unique,
        )  # fmt: skip
    except json.JSONDecodeError as error:
        cut = error.pos >= len(joined) - 1 or error.msg.startswith("Unterminated")
        raise ChipDataError(
            "cut_file" if cut else "not_json",
            locator=f"line {error.lineno}, character {error.colno}",
            found="an end in the middle of the data" if cut else f"no JSON: {error.msg}",
            expected="a whole JSON object", remedy="the file is cut or damaged: save it again",
        ) from error  # fmt: skip
    except RecursionError as error:
        raise ChipDataError(
            "not_json", found="objects nested too deeply", expected="a PalmSens session",
            remedy="the file is damaged: save it again",
        ) from error  # fmt: skip
    if not isinstance(found, dict) or found.get("Type") != _SESSION:
        raise wrong_format("JSON of another type", f"an object of the type {_SESSION}")
    return found


def _integer(token: str) -> int:
    if len(token) > _LONGEST_INTEGER:
        raise ChipDataError("number_range", found=f"{token[:25]}…", expected="a shorter integer")
    return int(token)


def _constant(token: str) -> float:
    return math.nan  # NaN and the infinities: no value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ChipDataError(
            "duplicate_key", found="a key twice in one object", expected="each key once",
            remedy="the file is damaged: save it again",
        )  # fmt: skip
    return found


def _field(data: Any, key: str, kind: type[_Kind], where: str) -> _Kind:
    """Value of a key that has to be there and of one type."""
    value = data.get(key) if isinstance(data, dict) else None
    if not isinstance(value, kind):
        names = {dict: "an object", list: "an array", str: "a text"}
        raise ChipDataError(
            "field_missing", locator=where, found=f"no {key!r} or another type",
            expected=f"{key!r} as {names[kind]}",
            remedy="the file is damaged: save it again",
        )  # fmt: skip
    return value


def _clean(value: Any) -> str:
    """A text that can be stored: escapes may stand for zeros and halves of characters."""
    return str(value).replace("\0", "").encode("utf-8", "replace").decode("utf-8")


def _scans(data: Any, number: int, unparsed: dict[str, Unparsed]) -> Iterator[Scan]:
    where = f"measurement {number}"
    whole = _field(data, "DataSet", dict, where)
    method = _method(data)
    sets = data.get("EISDataList")
    is_impedance = (
        bool(sets)
        or str(whole.get("Type", "")).endswith("DataSetEIS")
        or "Impedimetric" in str(data.get("Type", ""))
        or "eis" in method.lower()
    )
    if not is_impedance:
        unparsed[where] = Unparsed(where, method or "a measurement", "not impedance")
        return
    if not isinstance(sets, list) or not sets:
        sets = [{"Title": data.get("Title", ""), "DataSet": whole}]
    for index, one in enumerate(sets, 1):
        place = f"{where}, data set {index}"
        arrays, quantities = _arrays(_field(one, "DataSet", dict, place), place, unparsed)
        yield Scan(
            *(number, index, _clean(one.get("Title", "")), method),
            *(_ticks(data, "UTCTimeStamp", where), _ticks(data, "TimeStamp", where)),
            *(arrays, quantities),
        )


def _method(data: dict[str, Any]) -> str:
    for line in _clean(data.get("Method", "")).splitlines():
        key, equals, value = line.partition("=")
        if equals and key.strip() == "METHOD_ID":
            return value.strip()
    return ""


def _ticks(data: dict[str, Any], key: str, where: str) -> int | None:
    value = data.get(key)
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    raise ChipDataError(
        "not_a_date", locator=f"{where}, {key}", found="something that is no integer",
        expected="ticks of 100 ns", remedy="the file is damaged: save it again",
    )  # fmt: skip


def _arrays(
    data: dict[str, Any], where: str, unparsed: dict[str, Unparsed]
) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    arrays: dict[str, np.ndarray] = {}
    quantities: dict[str, str] = {}
    names = []
    for one in _field(data, "Values", list, where):
        name = _clean(_field(one, "Description", str, where))
        names.append(name)
        if name not in ARRAYS:
            unparsed.setdefault(name, Unparsed(where, name[:60], "a column this adapter skips"))
            continue
        if name in arrays:
            raise ChipDataError("column_twice", locator=where, found=f"array {name!r} twice",
                                expected="each once", remedy="save the file again")  # fmt: skip
        arrays[name], quantities[name] = _array(one, name, f"{where}, array {name}")
    for name in NEEDED:
        if name not in arrays:
            raise ChipDataError(
                "column_missing", locator=where, found=f"no array {name!r}",
                expected=one_of(names, name), remedy="save the measurement with this array",
            )  # fmt: skip
    length = len(arrays["Frequency"])
    for name in list(arrays):
        if not len(arrays[name]) and name not in NEEDED:
            del arrays[name]
        elif len(arrays[name]) != length:
            raise ChipDataError(
                "cut_row", locator=f"{where}, array {name}", found=f"{len(arrays[name])} values",
                expected=f"{length} values as there are frequencies",
                remedy="the file is damaged: save it again",
            )  # fmt: skip
    return arrays, quantities


def _array(data: Any, name: str, where: str) -> tuple[np.ndarray, str]:
    unit = _field(data, "Unit", dict, where)
    if unit.get("Type") != ARRAYS[name][0]:
        raise ChipDataError(
            "unknown_unit", locator=where, found=f"unit of type {str(unit.get('Type'))[:40]!r}",
            expected=repr(ARRAYS[name][0]), remedy="save the measurement in this unit",
        )  # fmt: skip
    points = _field(data, "DataValues", list, where)
    values = np.full(len(points), math.nan)
    for index, point in enumerate(points):
        value = point.get("V", "") if isinstance(point, dict) else ""
        if value is not None and (isinstance(value, bool) or not isinstance(value, (int, float))):
            raise ChipDataError(
                "not_a_number", locator=f"{where}, value {index + 1}", found="no number 'V'",
                expected="a number", remedy="the file is damaged: save it again",
            )  # fmt: skip
        values[index] = math.nan if value is None else value
    return values, _clean(unit.get("Q") or "")
