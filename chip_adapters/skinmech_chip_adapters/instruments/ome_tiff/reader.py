"""OME-TIFF bytes to the metadata of its images."""

import io
import logging
import struct
from dataclasses import dataclass
from typing import Any

from skinmech_chip_adapters.adapter import Evidence, Parsed
from skinmech_chip_adapters.declarations import FileEntry
from skinmech_chip_adapters.errors import ChipDataError

_MAGIC = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_MARK = b"openmicroscopy.org/Schemas/OME"
_AXES = "XYZCT"
MAX_PLANES = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """Metadata of one image.

    Attributes:
        name: As stated.
        order: Axes from the fastest to the slowest, such as `XYCZT`.
        sizes: Length of each axis of `order`.
        kind: Pixel type, such as `uint16`.
        pixel_size: Physical size along X, Y and Z with the unit as stated; None where absent.
        channels: Names, empty where none is stated.
        acquired: Date and time as stated, or empty.
    """

    name: str
    order: str
    sizes: tuple[int, ...]
    kind: str
    pixel_size: tuple[tuple[float, str] | None, ...]
    channels: tuple[str, ...]
    acquired: str

    @property
    def shape(self) -> tuple[int, ...]:
        """Lengths from the slowest to the fastest axis, those of one left out."""
        return tuple(size for size in reversed(self.sizes) if size > 1)


def sniff(head: bytes, name: str) -> Evidence:
    """A TIFF with the address of the OME schema, or the double file ending."""
    if not head.startswith(_MAGIC):
        return Evidence(0.0)
    if _MARK in head:
        return Evidence(0.95, ("TIFF with OME-XML",))
    if name.lower().endswith((".ome.tif", ".ome.tiff")):
        return Evidence(0.6, ("TIFF named as OME-TIFF",))
    return Evidence(0.0)


def read(content: bytes, entry: FileEntry) -> Parsed:
    """Read the OME-XML, and check that every plane it states is in the file."""
    if not content.startswith(_MAGIC):
        raise ChipDataError(
            "wrong_format", locator="byte 0", found="no TIFF", expected="an OME-TIFF",
            remedy="name the right adapter in the side-car",
        )  # fmt: skip
    xml, num_pages = _structure(content)
    images, elsewhere = _images(xml)
    planes = sum(_planes(one) for one in images)
    if num_pages < planes and not elsewhere:
        raise ChipDataError(
            "cut_file", found=f"{num_pages} planes", expected=f"{planes} as the OME-XML states",
            remedy="export the image again",
        )  # fmt: skip
    return Parsed(
        tables=(images, elsewhere),
        header=xml,
        encoding="tiff",
        newline="none",
        decimal=".",
        software="OME-TIFF",
    )


def _structure(content: bytes) -> tuple[str, int]:
    """The OME-XML and the number of planes that are whole."""
    try:
        import tifffile  # optional extra
    except ImportError as error:
        raise ChipDataError(
            "missing_extra", found="no tifffile", expected="the package that reads TIFF",
            remedy="pip install 'skinmech[ome]'",
        ) from error  # fmt: skip
    logger = logging.getLogger("tifffile")
    was, logger.disabled = logger.disabled, True  # what it logs about damage is checked here
    try:
        with tifffile.TiffFile(io.BytesIO(content), _multifile=False) as file:
            xml = file.pages.first.description if len(file.pages) else ""
            whole = 0
            for page in file.pages:
                ends = zip(page.dataoffsets, page.databytecounts, strict=True)
                if not page.dataoffsets or any(
                    size <= 0 or at + size > len(content) for at, size in ends
                ):
                    raise _cut(f"plane {whole + 1}")
                whole += 1
                if whole > MAX_PLANES:
                    raise ChipDataError("too_large", found=f"more than {MAX_PLANES} planes",
                                        expected="fewer")  # fmt: skip
    except ChipDataError:
        raise
    except (
        *(tifffile.TiffFileError, ValueError, KeyError, IndexError, TypeError, AttributeError),
        *(EOFError, OverflowError, MemoryError, ZeroDivisionError, AssertionError, OSError),
        *(struct.error, RuntimeError, NotImplementedError),
    ) as error:
        raise _cut(f"{type(error).__name__} from the library that reads TIFF") from error
    finally:
        logger.disabled = was
    if not isinstance(xml, str) or "<OME" not in xml:
        raise ChipDataError(
            "wrong_format", locator="first image description", found="no OME-XML",
            expected="an OME-TIFF", remedy="export the image as OME-TIFF; plain TIFF is not read",
        )  # fmt: skip
    return xml, whole


def _cut(what: str) -> ChipDataError:
    return ChipDataError(
        "cut_file", locator=what, found="image data beyond the end of the file, or damaged tags",
        expected="a whole TIFF", remedy="export the image again",
    )  # fmt: skip


def _images(xml: str) -> tuple[tuple[Image, ...], bool]:
    from skinmech_chip_adapters.readers.xml import parse_xml  # needs defusedxml

    root = parse_xml(xml.encode("utf-8"))
    found = []
    for number, image in enumerate(root.iterfind("{*}Image"), 1):
        pixels = image.find("{*}Pixels")
        if pixels is None:
            raise _bad(number, "no Pixels element")
        date = image.find("{*}AcquisitionDate")
        order = pixels.get("DimensionOrder", "")
        if sorted(order) != sorted(_AXES):
            raise _bad(number, f"DimensionOrder {order[:10]!r}")
        found.append(
            Image(
                name=image.get("Name", ""),
                order=order,
                sizes=tuple(_size(pixels, axis, number) for axis in order),
                kind=pixels.get("Type", ""),
                pixel_size=tuple(_physical(pixels, axis, number) for axis in "XYZ"),
                channels=tuple(one.get("Name", "") for one in pixels.iterfind("{*}Channel")),
                acquired=(date.text or "").strip() if date is not None else "",
            )
        )
    if not found:
        raise ChipDataError("no_image", locator="OME-XML", found="no Image element",
                            expected="at least one", remedy="export the image again")  # fmt: skip
    return tuple(found), _names_other_files(root)


def _names_other_files(root: Any) -> bool:
    own = root.get("UUID", "")
    others = [one.text or "" for one in root.iterfind(".//{*}TiffData/{*}UUID")]
    return any(other.strip() != own for other in others)


def _size(pixels: Any, axis: str, number: int) -> int:
    text = pixels.get(f"Size{axis}", "")
    if not (text.isascii() and text.isdigit() and 0 < int(text[:9]) and len(text) < 9):
        raise _bad(number, f"Size{axis} {text[:10]!r}")
    return int(text)


def _physical(pixels: Any, axis: str, number: int) -> tuple[float, str] | None:
    text = pixels.get(f"PhysicalSize{axis}")
    if text is None:
        return None
    from skinmech_chip_adapters.readers import parse_number

    try:
        size = parse_number(text)
    except ChipDataError as error:
        raise error.at(locator=f"image {number}, PhysicalSize{axis}") from error
    # The schema gives the unit where the file does not: micrometres.
    return size, pixels.get(f"PhysicalSize{axis}Unit", "µm")


def _bad(number: int, found: str) -> ChipDataError:
    return ChipDataError(
        "ome_damaged", locator=f"OME-XML, image {number}", found=found,
        expected="what the OME schema requires", remedy="export the image again",
    )  # fmt: skip


def _planes(image: Image) -> int:
    """Planes of an image; colour images may keep their channels in one plane."""
    sizes = dict(zip(image.order, image.sizes, strict=True))
    channels = len(image.channels) or sizes["C"]
    return sizes["Z"] * sizes["T"] * min(channels, sizes["C"])
