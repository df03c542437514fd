"""Zip and gzip content held in memory: read by name, never unpacked to a folder.

A few kilobytes can unpack to gigabytes, and names in an archive can point outside the folder they
are unpacked to. Limits are checked on the directory before anything is unpacked, and again while
unpacking, since a directory may lie.
"""

import io
import re
import stat
import zipfile
import zlib

from skinmech_chip_adapters.errors import ChipDataError, Problems

MAX_UNPACKED_BYTES = 200 * 2**20
MAX_RATIO = 200
MAX_MEMBERS = 2000
SMALL_BYTES = 2**20  # unpacked sizes below this need no ratio: short files compress well
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
# What the standard library raises while it unpacks damaged content.
UNPACKING = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError,
             NotImplementedError, KeyError)  # fmt: skip
_DRIVE = re.compile(r"[A-Za-z]:")


def is_zip(content: bytes) -> bool:
    """True for content with the mark of a zip archive (workbooks and RDML files are some)."""
    return content.startswith((b"PK\x03\x04", b"PK\x05\x06"))


def is_gzip(content: bytes) -> bool:
    """True for content with the mark of gzip."""
    return content.startswith(b"\x1f\x8b")


def members(content: bytes) -> dict[str, bytes]:
    """Files of a zip archive by their path inside, folders left out.

    Raises:
        ChipDataError: `archive_damaged`, `archive_unsafe` (a path that leaves the folder, a link,
            a name twice, encryption, a rare compression), or `archive_too_large`.
    """
    archive = open_archive(content)
    with archive:
        return {one.filename: member(archive, one.filename) for one in _files(archive)}


def open_archive(content: bytes) -> zipfile.ZipFile:
    """The archive after checking its directory; nothing is unpacked yet. See `members`."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except UNPACKING as error:
        raise _damaged("content that is no whole zip archive") from error
    _check_count(archive, content)
    _check_directory(archive, len(content))
    return archive


def member(archive: zipfile.ZipFile, name: str) -> bytes:
    """One file of a checked archive, its checksum verified.

    Raises:
        ChipDataError: `archive_damaged`.
    """
    try:
        return archive.read(name)
    except UNPACKING as error:
        raise _damaged("a member that does not unpack", f"member {name[:60]!r}") from error


def gunzip(content: bytes) -> bytes:
    """Unpacked content of a gzip file, its checksum verified; joined members are joined.

    Raises:
        ChipDataError: `archive_damaged`, `archive_too_large` or `cut_file`.
    """
    if not is_gzip(content):
        raise _damaged("content without the mark of gzip")
    limit = min(MAX_UNPACKED_BYTES, max(SMALL_BYTES, MAX_RATIO * len(content)))
    parts: list[bytes] = []
    room, rest = limit, content
    while is_gzip(rest):
        unpacker = zlib.decompressobj(wbits=31)
        try:
            part = unpacker.decompress(rest, room + 1)
        except zlib.error as error:
            raise _damaged("packed bytes that do not unpack") from error
        room -= len(part)
        if room < 0:
            raise _too_large(f"more than {limit} unpacked bytes", f"at most {limit}")
        if not unpacker.eof:
            raise ChipDataError(
                "cut_file", found="a gzip file without its end", expected="the whole file",
                remedy="copy or export the file again",
            )  # fmt: skip
        parts.append(part)
        rest = unpacker.unused_data
    if rest.strip(b"\0"):
        raise _damaged("bytes after the end of the packed data")
    return b"".join(parts)


def _files(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    return [one for one in archive.infolist() if not one.is_dir()]


def _check_count(archive: zipfile.ZipFile, content: bytes) -> None:
    """Compare with the count at the archive's end: damage can make one entry swallow the next."""
    end = content.rfind(b"PK\x05\x06")
    stated = int.from_bytes(content[end + 10 : end + 12], "little")
    if stated != 0xFFFF and stated != len(archive.infolist()):
        raise _damaged(f"{len(archive.infolist())} members where {stated} are stated")


def _check_directory(archive: zipfile.ZipFile, size: int) -> None:
    everything = archive.infolist()
    if len(everything) > MAX_MEMBERS:
        raise _too_large(f"{len(everything)} members", f"at most {MAX_MEMBERS}")
    unpacked = sum(one.file_size for one in everything)
    packed = sum(one.compress_size for one in everything)
    if unpacked > MAX_UNPACKED_BYTES:
        raise _too_large(f"{unpacked} unpacked bytes", f"at most {MAX_UNPACKED_BYTES}")
    problems = Problems()
    seen: set[str] = set()
    for one in everything:
        if one.file_size > max(SMALL_BYTES, MAX_RATIO * one.compress_size):
            problems.add(
                "archive_too_large", locator=f"member {one.filename[:60]!r}",
                found=f"{one.file_size} bytes packed into {one.compress_size}",
                expected=f"a ratio of at most {MAX_RATIO}",
            )  # fmt: skip
        why = _unsafe(one, seen)
        if why:
            problems.add(
                "archive_unsafe", locator=f"member {one.filename[:60]!r}", found=why,
                expected="plain files with plain names", remedy="pack the files again",
            )  # fmt: skip
        seen.add(one.filename.casefold())
    if packed > size:
        problems.add(
            "archive_unsafe", found="members that share their packed bytes",
            expected="each member once", remedy="pack the files again",
        )  # fmt: skip
    problems.raise_if_any()


def _unsafe(one: zipfile.ZipInfo, seen: set[str]) -> str:
    # orig_filename still has the backslashes and zero characters that filename has lost.
    parts = one.orig_filename.replace("\\", "/").split("/")
    if parts[0] == "" or _DRIVE.match(parts[0]) or ".." in parts or "\0" in one.orig_filename:
        return "a path that leaves the folder"
    if stat.S_ISLNK(one.external_attr >> 16):
        return "a link"
    if one.filename.casefold() in seen:
        return "a name that occurs twice"
    if one.is_dir() and one.file_size:
        return "a folder that holds bytes itself"
    if one.flag_bits & 0x1:
        return "an encrypted member"
    if one.compress_type not in _METHODS:
        return "a compression other than deflate"
    return ""


def _damaged(found: str, locator: str = "") -> ChipDataError:
    return ChipDataError(
        "archive_damaged", locator=locator, found=found, expected="an undamaged archive",
        remedy="copy or export the file again",
    )  # fmt: skip


def _too_large(found: str, expected: str) -> ChipDataError:
    return ChipDataError(
        "archive_too_large", found=found, expected=expected,
        remedy="this is no instrument file, or export it in parts",
    )  # fmt: skip
