"""Header and TEXT segment of an FCS file, checked before a library sees it."""

from dataclasses import dataclass

from skinmech_chip_adapters.errors import ChipDataError, one_of

VERSIONS = ("2.0", "3.0", "3.1")
BYTE_ORDERS = ("1,2,3,4", "4,3,2,1", "1,2", "2,1")
_HEADER_BYTES = 58
_LITERAL = "\ue000"  # stands for a doubled delimiter while splitting
_LARGE = 99_999_999  # beyond it the header holds zeros
_NEEDED = ("$PAR", "$TOT", "$DATATYPE", "$MODE", "$BYTEORD")
_ADVICE = "export the file again from the cytometer"


@dataclass(frozen=True, slots=True)
class DataSet:
    """One data set of a file.

    Attributes:
        start: Where it begins in the file.
        version: Of the standard.
        keywords: Value by keyword in upper case, `$` included.
        num_events, num_channels: As stated, and as the size of the data says.
        delimiter: Between keywords and values.
        uses_header: True if the header's place of the data was used against TEXT.
        is_off_by_one: True if the stated end lies one byte too far.
    """

    start: int
    version: str
    keywords: dict[str, str]
    num_events: int
    num_channels: int
    delimiter: str
    uses_header: bool
    is_off_by_one: bool

    def of_channel(self, number: int, letter: str, default: str = "") -> str:
        """A keyword of a channel, such as `$P3N`."""
        return self.keywords.get(f"$P{number}{letter}", default)


def data_sets(content: bytes, believed: str) -> tuple[DataSet, ...]:
    """All data sets of a file.

    Args:
        content: The file.
        believed: `header` or `text` where the two differ, or empty.

    Raises:
        ChipDataError: `wrong_format`, `unsupported_version`, `cut_file`, `fcs_damaged`,
            `keyword_missing`, `unsupported_data` or `offset_mismatch`.
    """
    found: list[DataSet] = []
    start = 0
    while True:
        one = _data_set(content, start, believed)
        found.append(one)
        following = _whole(one.keywords.get("$NEXTDATA", "0"), "$NEXTDATA")
        if not following:
            return tuple(found)
        start += following


def _data_set(content: bytes, start: int, believed: str) -> DataSet:
    header = content[start : start + _HEADER_BYTES]
    if not header.startswith(b"FCS"):
        raise ChipDataError(
            "wrong_format" if not start else "fcs_damaged", locator=f"byte {start}",
            found="no FCS header", expected="'FCS' and a version",
            remedy="name the right adapter in the side-car",
        )  # fmt: skip
    version = header[3:6].decode("ascii", "replace")
    if version not in VERSIONS:
        raise ChipDataError("unsupported_version", found=f"FCS version {version!r}",
                            expected=one_of(VERSIONS))  # fmt: skip
    if len(header) < _HEADER_BYTES:
        raise _cut("header", start + _HEADER_BYTES, len(content))
    text_start, text_end, data_start, data_end = (
        _whole(header[at : at + 8].decode("ascii", "replace"), f"header byte {at}")
        for at in (10, 18, 26, 34)
    )
    if start + text_end >= len(content):
        raise _cut("TEXT segment", start + text_end + 1, len(content))
    if not _HEADER_BYTES <= text_start < text_end:
        raise _damaged("header", f"TEXT from byte {text_start} to {text_end}")
    keywords, delimiter = _pairs(content[start + text_start : start + text_end + 1])
    place, differs = _place(version, keywords, (data_start, data_end), believed)
    count, channels, bits = _layout(keywords)
    size, stated = count * bits // 8, place[1] - place[0] + 1 if place[1] else 0
    off = bool(believed) and count > 0 and stated == size + 1
    if stated != size and not off and not (size == 0 and stated <= 1):
        raise ChipDataError(
            "offset_mismatch", locator="DATA segment", found=f"{stated} bytes",
            expected=f"{size} bytes for {count} events of {channels} channels",
            remedy='if the end lies one byte too far, declare offsets = "text"; else ' + _ADVICE,
        )  # fmt: skip
    if size and start + place[0] + size > len(content):
        raise _cut("DATA segment", start + place[0] + size, len(content))
    return DataSet(start, version, keywords, count, channels, delimiter,
                   differs and believed == "header", off)  # fmt: skip


def _cut(what: str, wanted: int, found: int) -> ChipDataError:
    return ChipDataError(
        "cut_file", locator=what, found=f"a file of {found} bytes",
        expected=f"at least {wanted} bytes", remedy=f"the file is cut: {_ADVICE}",
    )  # fmt: skip


def _damaged(where: str, found: str) -> ChipDataError:
    return ChipDataError("fcs_damaged", locator=where, found=found[:80],
                         expected="a whole file of the standard", remedy=_ADVICE)  # fmt: skip


def _whole(text: str, where: str) -> int:
    digits = text.strip()
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 12):
        raise _damaged(where, f"{text[:20]!r} in place of a number")
    return int(digits)


def _pairs(segment: bytes) -> tuple[dict[str, str], str]:
    try:
        text = segment.decode("utf-8")
    except UnicodeDecodeError:
        text = segment.decode("latin-1")
    delimiter = text[0]
    if not text.rstrip(" \0\r\n").endswith(delimiter):
        raise _damaged("TEXT segment", f"no delimiter {delimiter!r} at its end")
    body = text.rstrip(" \0\r\n")[1:-1]
    parts = [
        one.replace(_LITERAL, delimiter)
        for one in body.replace(delimiter * 2, _LITERAL).split(delimiter)
    ]
    if len(parts) % 2:
        raise _damaged("TEXT segment", "a keyword without value")
    keywords: dict[str, str] = {}
    for key, value in zip(parts[::2], parts[1::2], strict=True):
        if keywords.setdefault(key.strip().upper(), value.strip()) != value.strip():
            raise _damaged("TEXT segment", f"keyword {key[:20]!r} twice")
    return keywords, delimiter


def _layout(keywords: dict[str, str]) -> tuple[int, int, int]:
    """Number of events and channels, and bits of one event."""
    for key in _NEEDED:
        if key not in keywords:
            raise _missing(key)
    channels, count = _whole(keywords["$PAR"], "$PAR"), _whole(keywords["$TOT"], "$TOT")
    kind, mode = keywords["$DATATYPE"].upper(), keywords["$MODE"].upper()
    order = keywords["$BYTEORD"]
    if mode != "L" or kind not in ("I", "F", "D") or order not in BYTE_ORDERS:
        raise ChipDataError(
            "unsupported_data", locator="TEXT segment",
            found=f"$MODE {mode[:8]!r}, $DATATYPE {kind[:8]!r}, $BYTEORD {order[:16]!r}",
            expected="a list (L) of integers or floats (I, F, D) in one byte order",
            remedy="export the file as list mode data",
        )  # fmt: skip
    if not 0 < channels <= 1000:
        raise _damaged("$PAR", f"{channels} channels")
    bits = 0
    for number in range(1, channels + 1):
        for letter in "BRN":
            if f"$P{number}{letter}" not in keywords:
                raise _missing(f"$P{number}{letter}")
        width = _whole(keywords[f"$P{number}B"], f"$P{number}B")
        if width not in {"I": (8, 16, 32), "F": (32,), "D": (64,)}[kind]:
            raise ChipDataError(
                "unsupported_data", locator=f"$P{number}B", found=f"{width} bits",
                expected="8, 16 or 32 for integers, 32 or 64 for floats",
            )  # fmt: skip
        bits += width
    return count, channels, bits


def _missing(key: str) -> ChipDataError:
    return ChipDataError("keyword_missing", locator="TEXT segment", found=f"no keyword {key}",
                         expected="every required keyword", remedy=_ADVICE)  # fmt: skip


def _place(
    version: str, keywords: dict[str, str], header: tuple[int, int], believed: str
) -> tuple[tuple[int, int], bool]:
    """First and last byte of the data, and whether header and TEXT differ."""
    if version == "2.0" or "$BEGINDATA" not in keywords or "$ENDDATA" not in keywords:
        if version != "2.0":
            raise _missing("$BEGINDATA or $ENDDATA")
        return header, False
    text = _whole(keywords["$BEGINDATA"], "$BEGINDATA"), _whole(keywords["$ENDDATA"], "$ENDDATA")
    if header == text or (header in ((0, 0), (text[0], 0)) and text[1] > _LARGE):
        return text, False
    if not believed:
        raise ChipDataError(
            "offset_mismatch", locator="DATA segment",
            found=f"bytes {header[0]}-{header[1]} in the header, {text[0]}-{text[1]} in TEXT",
            expected="the same place in both",
            remedy='if you know which is right, declare offsets = "header" or "text"',
        )  # fmt: skip
    return (header if believed == "header" else text), True
