"""Images to remarks in the log: size, pixel type, pixel size, channels."""

from skinmech_chip_adapters.adapter import Message, Parsed, Records, Unparsed
from skinmech_chip_adapters.declarations import FileEntry
from skinmech_chip_adapters.errors import Problems
from skinmech_chip_adapters.instruments.ome_tiff.reader import Image
from skinmech_chip_adapters.placement import Placement
from skinmech_chip_adapters.sidecar import Sidecar
from skinmech_chip_adapters.units import conversion, is_known_unit


def to_records(parsed: Parsed, sidecar: Sidecar, entry: FileEntry) -> Records:
    """No values; one remark for each image, with the chip it belongs to."""
    images: tuple[Image, ...]
    images, elsewhere = parsed.tables
    problems = Problems()
    place = Placement(sidecar, entry, problems).file()
    problems.raise_if_any()
    chip = place.chip if place else ""
    messages = [
        Message(level="info", code="image", locator=f"image {number}",
                text=f"chip {chip}: {_text(one)}")
        for number, one in enumerate(images, 1)
    ]  # fmt: skip
    for number, one in enumerate(images, 1):
        if not any(one.pixel_size):
            messages.append(
                Message(level="warning", code="pixel_size_missing", locator=f"image {number}",
                        text="the image states no physical pixel size; lengths and areas measured "
                        "in it have no unit")
            )  # fmt: skip
    if elsewhere:
        messages.append(
            Message(level="warning", code="planes_elsewhere",
                    text="the OME-XML names other files; they were not opened and not checked")
        )  # fmt: skip
    return Records(
        messages=tuple(messages),
        unparsed=(Unparsed("image planes", "pixels", "images are kept as files, not as values"),),
    )


def _text(image: Image) -> str:
    sizes = ", ".join(f"{axis} {size}" for axis, size in zip(image.order, image.sizes, strict=True))
    parts = [image.name, sizes, image.kind]
    physical = [_length(one) for one in image.pixel_size if one]
    if physical:
        parts.append("pixel " + " x ".join(physical))
    named = [one for one in image.channels if one]
    if named:
        parts.append("channels " + ", ".join(named))
    if image.acquired:
        parts.append(f"acquired {image.acquired}")
    return "; ".join(part for part in parts if part)


def _length(size: tuple[float, str]) -> str:
    value, unit = size
    if is_known_unit(unit):
        factor, _ = conversion(unit, "um")
        return f"{value * factor:.6g} um"
    return f"{value:.6g} {unit}"  # pixel and reference frame are no lengths
