"""RDML bytes to reactions, without meaning."""

import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from skinmech_chip_adapters.adapter import Evidence, Message, Parsed, Unparsed
from skinmech_chip_adapters.declarations import FileEntry
from skinmech_chip_adapters.errors import ChipDataError
from skinmech_chip_adapters.readers import decide_decimal, decode_head
from skinmech_chip_adapters.readers.titled import refuse_binary, wrong_format
from skinmech_chip_adapters.readers.xml_text import (
    child_text,
    children,
    decode_xml,
    local,
    root_name,
    xml_root,
)

_ZIP = b"PK"
_EXPECTED = "RDML: an XML file with root rdml, alone or in a zip archive"
_PEEK = 4096
_LEFT_OUT = {
    "adp": "amplification curve; its last cycle is used",
    "mdp": "melting curve",
    "thermalCyclingConditions": "protocol of the run",
    "quantity": "from the vendor's standard curve",
    "experimenter": "name of a person",
}


@dataclass(frozen=True, slots=True)
class Reaction:
    """One target in one reaction.

    Attributes:
        run: Experiment and run.
        well: Name of the well, or empty where the identifier is no well.
        identifier: Of the reaction, as written.
        kind: Type of the sample, such as `unkn`.
        excluded: Reason for exclusion, or empty.
        cycles: Numbers of the cycles of the curve, as written.
        date: Date of the run.
    """

    run: str
    well: str
    identifier: str
    sample: str
    kind: str
    target: str
    cq: str
    excluded: str
    cycles: tuple[str, ...]
    date: str


def sniff(head: bytes, name: str) -> Evidence:
    """The name of the root element, in an archive or not."""
    if head.startswith(_ZIP):
        if any(_is_rdml(part) for part in _peeks(head)):
            return Evidence(0.95, ("an archive with an XML of root rdml",))
        return Evidence(0.0)
    return Evidence(0.95, ("root element rdml",)) if _is_rdml(head[:_PEEK]) else Evidence(0.0)


def _is_rdml(content: bytes) -> bool:
    return root_name(decode_head(content)).rsplit(":", 1)[-1] == "rdml"


def _peeks(content: bytes) -> Iterator[bytes]:
    """Beginning of each file in an archive; nothing, and no error, where it cannot be read."""
    from skinmech_chip_adapters.readers.archive import open_archive  # XML alone needs none

    try:
        with open_archive(content) as archive:
            for name in archive.namelist()[:20]:
                with archive.open(name) as part:
                    yield part.read(_PEEK)
    except (ChipDataError, zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError,
            ValueError, KeyError):  # fmt: skip
        return  # recognising a file must never fail; reading it will say why


def read(content: bytes, entry: FileEntry) -> Parsed:
    """All reactions of all runs."""
    if content.startswith(_ZIP):
        content = _unzipped(content)
    refuse_binary(content, _EXPECTED)
    text = decode_xml(content, entry.encoding)
    whole = "\n".join(text.lines)
    if root_name(whole).rsplit(":", 1)[-1] != "rdml":
        raise wrong_format("line 1", "another root element", _EXPECTED)
    root = xml_root(text)
    kinds = {
        sample.get("id", ""): child_text(sample, "type") for sample in children(root, "sample")
    }
    reactions = tuple(_reactions(root, kinds))
    messages = []
    if not reactions:
        messages.append(Message(level="warning", code="no_rows", text="the file holds no results"))
    present = {local(element) for element in root.iter()}
    runs = children(root, "experiment", "run")
    software = child_text(runs[0], "dataCollectionSoftware", "name") if runs else ""
    version = child_text(runs[0], "dataCollectionSoftware", "version") if runs else ""
    return Parsed(
        tables=reactions,
        header=f"rdml version {root.get('version', '')}",
        unparsed=tuple(
            Unparsed("", name, reason) for name, reason in _LEFT_OUT.items() if name in present
        ),
        messages=tuple(messages),
        encoding=text.encoding,
        newline=text.newline,
        decimal=decide_decimal(((0, one.cq) for one in reactions), entry.decimal, "."),
        software=f"{software} {version}".strip() or "RDML",
    )


def _unzipped(content: bytes) -> bytes:
    """The one member whose root element is `rdml`, whatever its name."""
    from skinmech_chip_adapters.readers.archive import members

    found = {name: part for name, part in members(content).items() if _is_rdml(part[:_PEEK])}
    if not found:
        raise wrong_format("archive", "no XML with root rdml in it", _EXPECTED)
    if len(found) > 1:
        raise ChipDataError(
            "several_files", locator="archive", found=f"{len(found)} RDML files in one archive",
            expected="one", remedy="pack each to its own archive",
        )  # fmt: skip
    return next(iter(found.values()))


def _reactions(root: Element, kinds: dict[str, str]) -> Iterator[Reaction]:
    for experiment in children(root, "experiment"):
        for run in children(experiment, "run"):
            name = f"{experiment.get('id', '')}/{run.get('id', '')}"
            date = child_text(run, "runDate")
            for react in children(run, "react"):
                identifier = react.get("id", "")
                sample = next((one.get("id", "") for one in children(react, "sample")), "")
                for data in children(react, "data"):
                    target = next((one.get("id", "") for one in children(data, "tar")), "")
                    if not identifier or not target:
                        raise ChipDataError(
                            "element_missing", locator=f"run {name[:60]!r}",
                            found="a reaction without its id or target",
                            expected="react id and tar id", remedy="export the file again",
                        )  # fmt: skip
                    excluded = [child_text(data, "excl")] if children(data, "excl") else []
                    yield Reaction(
                        name, _well(identifier, run), identifier, sample, kinds.get(sample, ""),
                        target, child_text(data, "cq"), "".join(excluded) or "excluded" * bool(
                            excluded),
                        tuple((one.text or "").strip() for one in children(data, "adp", "cyc")),
                        date,
                    )  # fmt: skip


def _well(identifier: str, run: Element) -> str:
    """Name of a well: the identifier, or its number counted along rows of the stated format."""
    if not (identifier.isascii() and identifier.isdigit()):
        return identifier
    columns, rows = (child_text(run, "pcrFormat", name) for name in ("columns", "rows"))
    plain = columns.isascii() and columns.isdigit() and rows.isascii() and rows.isdigit()
    if not plain or len(identifier) > 4 or not 1 <= int(columns[:4]) <= 24 or int(rows[:4]) > 16:
        return ""  # a rotor or another format without rows and columns
    row, column = divmod(int(identifier) - 1, int(columns))
    return f"{chr(ord('A') + row)}{column + 1}" if 0 <= row < int(rows) else ""
