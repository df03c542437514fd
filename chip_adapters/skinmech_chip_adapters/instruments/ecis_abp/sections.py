"""The sections and keys that all text files of the ECIS software share."""

from dataclasses import dataclass

from skinmech_chip_adapters.declarations import FileEntry, Place
from skinmech_chip_adapters.errors import ChipDataError, Problems
from skinmech_chip_adapters.placement import Placement
from skinmech_chip_adapters.readers import Stamp, normal_well, read_stamps
from skinmech_chip_adapters.sidecar import Sidecar

_ROWS_OF_96 = 8


@dataclass(frozen=True, slots=True)
class Section:
    """Lines between two section titles.

    Attributes:
        title: Without brackets.
        line: Line number of the title.
        lines: Number and text of the lines that are not blank.
    """

    title: str
    line: int
    lines: tuple[tuple[int, str], ...]


def sections_of(lines: tuple[str, ...]) -> dict[str, Section]:
    """Sections by title.

    Raises:
        ChipDataError: `section_twice`, or `wrong_format` for lines before the first title.
    """
    found: dict[str, list[tuple[int, str]]] = {}
    starts: dict[str, int] = {}
    title = ""
    for number, line in enumerate(lines, 1):
        token = line.strip(' ,;\t"')
        if token.startswith("[") and token.endswith("]"):
            title = token[1:-1]
            if title in found:
                raise ChipDataError(
                    "section_twice", locator=f"lines {starts[title]} and {number}",
                    found=f"section {title[:30]!r} twice", expected="each section once",
                    remedy="the file is damaged or was joined from two: export it again",
                )  # fmt: skip
            found[title], starts[title] = [], number
        elif title and token:
            found[title].append((number, line))
        elif token:
            raise ChipDataError(
                "wrong_format", locator=f"line {number}", found="a line before the first section",
                expected="[ECIS_Parameters]", remedy="name the right adapter in the side-car",
            )  # fmt: skip
    return {name: Section(name, starts[name], tuple(rows)) for name, rows in found.items()}


def section(found: dict[str, Section], title: str) -> Section:
    """One section.

    Raises:
        ChipDataError: `section_missing`.
    """
    if title not in found:
        raise ChipDataError(
            "section_missing", found=f"no section [{title}]", expected="[ECIS_Parameters], "
            "[Headings] and [Data]", remedy="the file is cut: export it again",
        )  # fmt: skip
    return found[title]


def parameters(lines: Section, separator: str) -> dict[str, str]:
    """Keys and values of [ECIS_Parameters]."""
    pairs = (line.strip(' ,;\t"').partition(separator) for _, line in lines.lines)
    return {key.strip(' "'): value.strip(' "') for key, _, value in pairs}


def numbers_in(text: str) -> list[str]:
    """The items of a list such as `250, 500, ` without the empty one at the end."""
    return [item.strip() for item in text.split(",") if item.strip()]


def start_of(keys: dict[str, str], entry: FileEntry) -> Stamp | None:
    """Start of the recording from the key `Date`, None where there is no such key."""
    text = keys.get("Date", "").rstrip(";, ")
    if not text:
        return None
    stamps, _ = read_stamps([("Date", text)], entry.date_order, entry.timezone)
    return stamps[0]


def software_of(keys: dict[str, str]) -> str:
    """Software and version as stated."""
    return f"ECIS {keys.get('Version', '')}".strip()


def well_names(numbers: list[str], keys: dict[str, str]) -> dict[str, str]:
    """Plate well of each well number: column after column on a 96-well plate, else empty."""
    names = {}
    for number in numbers:
        name = ""
        if keys.get("WellNum") == "96" and number.isascii() and number.isdigit():
            index = int(number) - 1
            if 0 <= index < 96:
                row, column = index % _ROWS_OF_96, index // _ROWS_OF_96
                name = normal_well(f"{'ABCDEFGH'[row]}{column + 1}")
        names[number] = name
    return names


def places_of(
    wells: dict[str, str], sidecar: Sidecar, entry: FileEntry, problems: Problems
) -> tuple[dict[str, Place | None], bool, int]:
    """Place of each well number.

    Args:
        wells: Plate well (may be empty) by well number; a well map may name either.
        sidecar, entry: Of the file.
        problems: Where undeclared wells are noted.

    Returns:
        The places, whether the well map vouches for all wells, and how many wells it leaves out.
    """
    placement = Placement(sidecar, entry, problems)
    places = {
        number: placement.of(name, number, f"well {name or number}")
        for number, name in wells.items()
    }
    return places, placement.check_complete(), placement.skipped
