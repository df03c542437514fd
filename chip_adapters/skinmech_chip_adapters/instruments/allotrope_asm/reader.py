"""ASM bytes to measurement documents, without meaning."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from skinmech_chip_adapters.adapter import Evidence, Message, Parsed
from skinmech_chip_adapters.declarations import FileEntry
from skinmech_chip_adapters.errors import ChipDataError
from skinmech_chip_adapters.readers import decode, decode_head

_MARK = '"$asm.manifest"'
_GROUP, _DOCUMENT = "measurement aggregate document", "measurement document"
MAX_DOCUMENTS = 1_000_000


class Number(str):
    """A JSON number as written, so that `-0.0` and the number of digits are kept."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """One measurement document and what it inherits from the document around it.

    Attributes:
        number: Position in the file, from 1.
        document: The measurement document.
        time: Text of the time, of the document or of the one around it.
        well_count: Number of wells that the converter states, or empty.
    """

    number: int
    document: dict[str, Any]
    time: str
    well_count: str

    @property
    def locator(self) -> str:
        """Place in the file for messages."""
        return f"measurement {self.number}"

    @property
    def sample(self) -> dict[str, Any]:
        """The sample document, empty if there is none."""
        found = self.document.get("sample document")
        return found if isinstance(found, dict) else {}


@dataclass(frozen=True, slots=True)
class Readings:
    """All measurements of a file, its calculated data, and who converted it."""

    readings: tuple[Reading, ...]
    calculated: tuple[dict[str, Any], ...]
    converter: str
    manifest: str


def sniff(head: bytes, name: str) -> Evidence:
    """JSON with a manifest of ASM."""
    text = decode_head(head)
    if text.lstrip().startswith("{") and _MARK in text:
        return Evidence(0.95, ("manifest of the Allotrope Simple Model",))
    return Evidence(0.0)


def read(content: bytes, entry: FileEntry) -> Parsed:
    """Collect the measurement documents of an ASM file."""
    if not decode_head(content[:4096]).lstrip().startswith("{"):
        raise _wrong("a file that is no JSON object")
    text = decode(content, entry.encoding)
    root = _load("\n".join(text.lines))
    manifest = root.get("$asm.manifest")
    if not isinstance(manifest, str):
        raise _wrong("JSON without a manifest")
    readings = tuple(_readings(root))
    calculated = tuple(
        one
        for group in _all(root, "calculated data document")
        for one in (group if isinstance(group, list) else [group])
        if isinstance(one, dict)
    )
    converter = " ".join(
        str(one)
        for key in ("ASM converter name", "ASM converter version")
        for one in list(_all(root, key))[:1]
    )
    messages = []
    if not readings:
        messages.append(
            Message(level="warning", code="no_rows", text="the file holds no measurement document")
        )
    return Parsed(
        tables=Readings(readings, calculated, converter, manifest),
        header=f"$asm.manifest: {manifest}",
        messages=tuple(messages),
        encoding=text.encoding,
        newline=text.newline or "none",
        decimal=".",
        software=converter or manifest,
    )


def _wrong(found: str) -> ChipDataError:
    return ChipDataError(
        "wrong_format", found=found, expected="an object with $asm.manifest",
        remedy="name the right adapter in the side-car",
    )  # fmt: skip


def _load(text: str) -> dict[str, Any]:
    try:
        root = json.loads(
            text, parse_float=Number, parse_int=Number, parse_constant=Number,
            object_pairs_hook=_once,
        )  # fmt: skip
    except json.JSONDecodeError as error:
        at_end = not text[error.pos :].strip() or error.msg.startswith("Unterminated")
        raise ChipDataError(
            "cut_file" if at_end else "json_damaged", locator=f"line {error.lineno}",
            found="JSON that ends too early" if at_end else "JSON that does not parse",
            expected="one whole JSON object", remedy="convert the instrument's file again",
        ) from error  # fmt: skip
    except RecursionError as error:
        raise ChipDataError("too_large", found="JSON nested too deep",
                            expected="documents of an instrument") from error  # fmt: skip
    if not isinstance(root, dict):
        raise _wrong("JSON that is no object")
    return root


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ChipDataError(
            "duplicate_key", found=f"key {twice[:60]!r} twice in one object", expected="each once",
            remedy="convert the instrument's file again",
        )  # fmt: skip
    return found


def _all(node: Any, key: str) -> Iterator[Any]:
    """Every value of a key, in file order."""
    stack = [node]
    while stack:
        one = stack.pop()
        if isinstance(one, dict):
            if key in one:
                yield one[key]
            stack += [value for name, value in reversed(one.items()) if name != key]
        elif isinstance(one, list):
            stack += reversed(one)


def _readings(root: dict[str, Any]) -> Iterator[Reading]:
    number = 0
    for group in _all(root, _GROUP):
        for one in group if isinstance(group, list) else [group]:
            if not isinstance(one, dict):
                continue
            inner = one.get(_DOCUMENT, [])
            for document in inner if isinstance(inner, list) else [inner]:
                number += 1
                if not isinstance(document, dict) or number > MAX_DOCUMENTS:
                    raise ChipDataError(
                        "json_damaged", locator=f"measurement {number}",
                        found="a measurement that is no object, or too many",
                        expected=f"at most {MAX_DOCUMENTS} measurement documents",
                    )  # fmt: skip
                time = document.get("measurement time", one.get("measurement time", ""))
                count = one.get("plate well count", {})
                value = count.get("value", "") if isinstance(count, dict) else count
                yield Reading(number, document, str(time or ""), str(value))
