"""XML of instruments: no document type, no entities, nothing fetched, and limits on its size."""

from xml.etree import ElementTree

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from skinmech_chip_adapters.errors import ChipDataError

MAX_XML_BYTES = 50 * 2**20
MAX_DEPTH = 100
MAX_ELEMENTS = 2_000_000


def parse_xml(content: bytes) -> ElementTree.Element:
    """Root element of an XML file.

    Raises:
        ChipDataError: `xml_unsafe` (a document type or entities), `xml_damaged`, `too_large` or
            `empty_file`.
    """
    if not content.strip():
        raise ChipDataError(
            "empty_file", found=f"{len(content)} bytes without content", expected="XML",
            remedy="export the file again",
        )  # fmt: skip
    if len(content) > MAX_XML_BYTES:
        raise ChipDataError("too_large", found=f"{len(content)} bytes of XML",
                            expected=f"at most {MAX_XML_BYTES}")  # fmt: skip
    parser = DefusedXMLParser(
        target=_Limited(), forbid_dtd=True, forbid_entities=True, forbid_external=True
    )
    try:
        parser.feed(content)
        root = parser.close()
    except ChipDataError:
        raise
    except DefusedXmlException as error:
        raise ChipDataError(
            "xml_unsafe", found="a document type or entity declaration",
            expected="XML without either", remedy="export the file again",
        ) from error  # fmt: skip
    except (ElementTree.ParseError, LookupError, ValueError, TypeError) as error:
        line = getattr(error, "position", (0, 0))[0]
        raise ChipDataError(
            "xml_damaged", locator=f"line {line}" if line else "", found="XML that does not parse",
            expected="one whole, well-formed document",
            remedy="the file is cut or was edited; export it again",
        ) from error  # fmt: skip
    if root is None:
        raise ChipDataError("xml_damaged", found="no element", expected="an XML document")
    return root


class _Limited(ElementTree.TreeBuilder):
    """Builds the tree and stops at the limits of depth and count."""

    def __init__(self) -> None:
        super().__init__()
        self._depth = 0
        self._count = 0

    def start(self, tag, attrs, /):
        self._depth += 1
        self._count += 1
        if self._depth > MAX_DEPTH or self._count > MAX_ELEMENTS:
            raise ChipDataError(
                "too_large", found=f"XML with {self._count} elements, {self._depth} deep",
                expected=f"at most {MAX_ELEMENTS} elements and {MAX_DEPTH} levels",
            )  # fmt: skip
        return super().start(tag, attrs)

    def end(self, tag, /):
        self._depth -= 1
        return super().end(tag)
