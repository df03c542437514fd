"""XML files as instruments write them: any encoding, and a cut file told from a damaged one."""

import re
from xml.etree.ElementTree import Element

from skinmech_chip_adapters.errors import ChipDataError
from skinmech_chip_adapters.readers.encoding import Text, decode

_DECLARATION = re.compile(r"\s*<\?xml[^>]*\?>")
_STATED = re.compile(rb"\s*<\?xml[^>]{0,80}encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")
_FIRST = re.compile(r"<([A-Za-z_][\w:.-]*)[\s/>]")
# Encodings an XML declaration may name, as `decode` calls them; empty: found by evidence.
_ENCODINGS = {
    "utf-8": "",
    "utf8": "",
    "us-ascii": "",
    "ascii": "",
    "utf-16": "",
    "iso-8859-1": "latin-1",
    "latin1": "latin-1",
    "windows-1252": "cp1252",
    "macintosh": "mac_roman",
}


def decode_xml(content: bytes, declared: str = "") -> Text:
    """Decode an XML file; the encoding is declared in the side-car, or stated in its first line.

    Raises:
        ChipDataError: `unknown_encoding`, or what `decode` says.
    """
    stated = _STATED.match(content[:200])
    name = stated[1].decode("ascii").lower() if stated else "utf-8"
    if not declared and name not in _ENCODINGS:
        raise ChipDataError(
            "unknown_encoding", locator="line 1", found=f"encoding {name!r}",
            expected="UTF-8, UTF-16, ISO-8859-1 or windows-1252",
            remedy="declare encoding in the side-car",
        )  # fmt: skip
    return decode(content, declared or _ENCODINGS.get(name, ""))


def root_name(text: str) -> str:
    """Name of the first element with its prefix, or empty."""
    match = _FIRST.search(text)
    return match[1] if match else ""


def xml_root(text: Text) -> Element:
    """Root element of a decoded XML file.

    Raises:
        ChipDataError: `cut_file` where the end of the root element is missing, or what
            `parse_xml` says.
    """
    # Imported here, so that text formats need no defusedxml.
    from skinmech_chip_adapters.readers.xml import parse_xml

    whole = "\n".join(text.lines)
    name = root_name(whole)
    try:
        return parse_xml(_DECLARATION.sub("", whole, count=1).encode("utf-8", "replace"))
    except ChipDataError as error:
        if error.code != "xml_damaged" or whole.rstrip().endswith(f"</{name}>"):
            raise
        raise ChipDataError(
            "cut_file", locator=error.locator, found=f"no end of element {name[:40]!r}",
            expected=f"</{name[:40]}> as the last element",
            remedy="the file is cut: export it again",
        ) from error  # fmt: skip


def local(element: Element) -> str:
    """Name of an element without its namespace."""
    return element.tag.rsplit("}", 1)[-1] if isinstance(element.tag, str) else ""


def children(element: Element, *path: str) -> list[Element]:
    """Elements at a path of local names below an element."""
    found = [element]
    for name in path:
        found = [child for one in found for child in one if local(child) == name]
    return found


def child_text(element: Element, *path: str) -> str:
    """Text of the first element at a path, empty if there is none."""
    found = children(element, *path)
    return (found[0].text or "").strip() if found else ""
