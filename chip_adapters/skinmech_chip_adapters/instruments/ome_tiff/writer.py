"""Writing small OME-TIFF images, for tests."""

import struct
from collections.abc import Sequence

import numpy as np

from skinmech_chip_adapters.adapter import Example

_TYPES = {"uint8": 1, "uint16": 2}


def write(
    planes: np.ndarray,
    *,
    channels: Sequence[str] = (),
    pixel_size: tuple[float, str] | None = None,
    little_endian: bool = True,
    num_z: int = 1,
    xml: str | None = None,
) -> bytes:
    """An uncompressed OME-TIFF.

    Args:
        planes: uint8 or uint16, shape (planes, Y, X); channels run fastest, then Z.
        channels: Names; by default one for all planes of a Z level.
        pixel_size: Physical size along X and Y, and its unit.
        little_endian: Byte order of the file.
        num_z: Number of Z levels.
        xml: Text in place of the OME-XML.
    """
    order = "<" if little_endian else ">"
    count, height, width = planes.shape
    kind = str(planes.dtype)
    text = _xml(planes, channels, pixel_size, num_z) if xml is None else xml
    description = text.encode() + b"\0"
    data = [plane.astype(f"{order}u{_TYPES[kind]}").tobytes() for plane in planes]
    out = bytearray(struct.pack(f"{order}2sHI", b"II" if little_endian else b"MM", 42, 8))
    for index, plane in enumerate(data):
        tags = [
            *((256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, 8 * _TYPES[kind])),
            *((259, 3, 1, 1), (262, 3, 1, 1)),
            *([(270, 2, len(description), 0)] if index == 0 else []),
            *((273, 4, 1, 0), (277, 3, 1, 1), (278, 4, 1, height), (279, 4, 1, len(plane))),
        ]
        at = len(out) + 2 + 12 * len(tags) + 4  # first byte after this directory
        values = {}
        if index == 0:
            values[270] = at
            at += len(description)
        values[273] = at
        following = at + len(plane) if index < count - 1 else 0
        out += struct.pack(f"{order}H", len(tags))
        for tag, form, number, value in tags:
            out += struct.pack(f"{order}HHI", tag, form, number)
            value = values.get(tag, value)
            # A short value is left-justified in its four bytes.
            out += struct.pack(f"{order}HH", value, 0) if form == 3 else struct.pack(
                f"{order}I", value
            )  # fmt: skip
        out += struct.pack(f"{order}I", following)
        out += description if index == 0 else b""
        out += plane
    return bytes(out)


def _xml(
    planes: np.ndarray, channels: Sequence[str], pixel_size: tuple[float, str] | None, num_z: int
) -> str:
    count, height, width = planes.shape
    num_c = count // num_z
    physical = ""
    if pixel_size:
        size, unit = pixel_size
        physical = "".join(
            f' PhysicalSize{axis}="{size!r}" PhysicalSize{axis}Unit="{unit}"' for axis in "XY"
        )
    names = [f' Name="{name}"' for name in channels] or [""] * num_c
    inner = "".join(
        f'<Channel ID="Channel:0:{index}"{name} SamplesPerPixel="1"/>'
        for index, name in enumerate(names)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06" Creator="simulated">'
        f'<Image ID="Image:0" Name="simulated"><Pixels ID="Pixels:0" DimensionOrder="XYCZT" '
        f'Type="{planes.dtype}" SizeX="{width}" SizeY="{height}" SizeC="{num_c}" SizeZ="{num_z}" '
        f'SizeT="1"{physical}>{inner}<TiffData/></Pixels></Image></OME>'
    )


def example() -> Example:
    """Two channels of a small image."""
    planes = np.arange(2 * 6 * 5, dtype=np.uint16).reshape(2, 6, 5)
    content = write(planes, channels=("DAPI", "KRT10"), pixel_size=(0.65, "µm"))
    sidecar = """
[study]
id = "example"
[chip.C1]
[[file]]
path = "section.ome.tiff"
chip = "C1"
time = "336 h"
location = "tissue"
"""
    return Example(filename="section.ome.tiff", content=content, sidecar=sidecar)
