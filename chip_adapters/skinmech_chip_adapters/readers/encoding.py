"""Bytes to text: the encoding is found by evidence or declared, never assumed."""

import codecs
import re
from dataclasses import dataclass
from functools import lru_cache

from skinmech_chip_adapters.errors import ChipDataError

MAX_TEXT_BYTES = 256 * 2**20
DECLARABLE = ("utf-8", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "latin-1", "mac_roman")

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True, slots=True)
class Text:
    """A decoded file.

    Attributes:
        lines: Lines without their ends and without byte-order marks.
        encoding: Python name of the encoding.
        newline: `CRLF`, `LF`, `CR`, `mixed`, or empty for a single line without end.
        ends_with_newline: False if the last line has no end (it may have been cut).
    """

    lines: tuple[str, ...]
    encoding: str
    newline: str
    ends_with_newline: bool


def decode(content: bytes, declared: str = "") -> Text:
    """Decode a text file strictly.

    Order: byte-order mark, declared encoding, UTF-16 by its zero bytes, UTF-8. A file that is none
    of these needs a declaration; single-byte encodings cannot be told apart by evidence.

    Raises:
        ChipDataError: `empty_file`, `too_large`, `unknown_encoding` or `not_text`.
    """
    if not content.strip():
        raise ChipDataError(
            "empty_file", found=f"{len(content)} bytes without content",
            expected="an instrument's export", remedy="export the file again",
        )  # fmt: skip
    if len(content) > MAX_TEXT_BYTES:
        raise ChipDataError("too_large", found=f"{len(content)} bytes",
                            expected=f"at most {MAX_TEXT_BYTES}")  # fmt: skip
    encoding = _encoding(content, declared)
    try:
        text = content.decode(encoding)
    except (UnicodeDecodeError, UnicodeError) as error:
        raise _undecodable(content, encoding, declared, error) from error
    if "\0" in text:
        raise ChipDataError(
            "not_text", locator=f"character {text.index(chr(0)) + 1}", found="a zero character",
            expected="text", remedy="name the adapter of this file, or declare its encoding",
        )  # fmt: skip
    return _split(text, encoding)


def decode_head(head: bytes) -> str:
    """First part of a file as text for recognising it; undecodable bytes become U+FFFD."""
    return _decoded_once(head) if len(head) <= _SMALL else _decoded(head)


def _decoded(head: bytes) -> str:
    encoding = _encoding(head, "")
    return head.decode(encoding, "replace").lstrip("\ufeff")


_SMALL = 2**16
_decoded_once = lru_cache(maxsize=8)(_decoded)  # every adapter looks at the same beginning


def _encoding(content: bytes, declared: str) -> str:
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return encoding
    if declared:
        if declared.lower().replace("_", "-") not in {one.replace("_", "-") for one in DECLARABLE}:
            raise ChipDataError(
                "unknown_encoding", found=f"declared encoding {declared!r}",
                expected="one of " + ", ".join(DECLARABLE),
            )  # fmt: skip
        return declared
    sample = content[:4096]
    if len(sample) >= 4 and sample[1::2].count(0) > 0.4 * len(sample) / 2:
        return "utf-16-le"
    if len(sample) >= 4 and sample[0::2].count(0) > 0.4 * len(sample) / 2:
        return "utf-16-be"
    return "utf-8"


def _undecodable(
    content: bytes, encoding: str, declared: str, error: UnicodeError
) -> ChipDataError:
    start = error.start if isinstance(error, UnicodeDecodeError) else 0
    line = content.count(b"\n", 0, start) + 1
    if encoding.startswith("utf-16"):
        return ChipDataError(
            "cut_file", locator=f"byte {start}", found="half a character at the end",
            expected="whole UTF-16 characters", remedy="export the file again",
        )  # fmt: skip
    return ChipDataError(
        "unknown_encoding", locator=f"line {line}, byte {start}",
        found=f"byte 0x{content[start]:02x}, which is not {encoding}",
        expected="UTF-8, UTF-16 or a declared encoding",
        remedy='declare encoding = "cp1252" (Windows), "latin-1" or "mac_roman" in the side-car'
        if not declared else "declare the encoding the file was written in",
    )  # fmt: skip


def _split(text: str, encoding: str) -> Text:
    ends = set(re.findall(r"\r\n|\n|\r", text))
    names = {"\r\n": "CRLF", "\n": "LF", "\r": "CR"}
    newline = "mixed" if len(ends) > 1 else names.get(next(iter(ends), ""), "")
    pieces = re.split(r"\r\n|\n|\r", text)
    closed = pieces[-1] == ""
    lines = tuple(piece.lstrip("\ufeff") for piece in (pieces[:-1] if closed else pieces))
    return Text(lines, encoding, newline, closed)
