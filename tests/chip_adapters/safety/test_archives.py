"""Zip and gzip: limits, names and damage."""

import gzip
import io
import stat
import zipfile
import zlib

import pytest

from skinmech_chip_adapters import ChipDataError
from skinmech_chip_adapters.readers import archive
from skinmech_chip_adapters.readers.archive import gunzip, members
from tests.chip_adapters.safety._bombs import lying_size, shared_bytes, zeros, zipped


def codes(call, content):
    with pytest.raises(ChipDataError) as caught:
        call(content)
    return {one.code for one in caught.value.errors}


def test_members_come_by_their_path_and_folders_do_not():
    content = zipped({"a/": b"", "a/b.xml": b"<x/>", "c": b"123"})
    assert members(content) == {"a/b.xml": b"<x/>", "c": b"123"}


@pytest.mark.parametrize(
    "name",
    ["../x", "a/../../x", "/etc/x", "C:/x", "C:\\x", "..\\x", "a\\..\\..\\x", "\\\\host\\x"],
)
def test_a_path_that_leaves_the_folder_is_refused_by_name(name):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as one:
        one.writestr(zipfile.ZipInfo(name), b"x")
    assert codes(members, out.getvalue()) == {"archive_unsafe"}


def test_links_doubles_and_rare_methods_are_refused():
    link = zipfile.ZipInfo("link")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as one:
        one.writestr(link, "/etc/passwd")
    assert codes(members, out.getvalue()) == {"archive_unsafe"}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as one:
        one.writestr("a", b"1")
        with pytest.warns(UserWarning, match="Duplicate"):
            one.writestr("a", b"2")
    assert codes(members, out.getvalue()) == {"archive_unsafe"}
    assert codes(members, zipped({"A": b"1", "a": b"2"})) == {"archive_unsafe"}
    assert codes(members, zipped({"a": b"1" * 99}, zipfile.ZIP_LZMA)) == {"archive_unsafe"}
    secret = bytearray(zipped({"a": b"1"}))
    secret[secret.index(b"PK\x01\x02") + 8] |= 1
    assert codes(members, bytes(secret)) == {"archive_unsafe"}


def test_sizes_counts_and_ratios_are_limited(monkeypatch):
    assert codes(members, zeros()) == {"archive_too_large"}
    assert codes(members, zeros(20 * 2**20)) == {"archive_too_large"}  # by its ratio
    assert codes(members, lying_size()) <= {"archive_damaged", "archive_too_large"}
    assert codes(members, shared_bytes()) == {"archive_unsafe"}
    many = zipped({str(i): b"" for i in range(archive.MAX_MEMBERS + 1)})
    assert codes(members, many) == {"archive_too_large"}
    monkeypatch.setattr(archive, "MAX_UNPACKED_BYTES", 10)
    assert codes(members, zipped({"a": b"12345", "b": b"123456"})) == {"archive_too_large"}


def test_every_cut_and_flipped_bit_of_packed_bytes_is_found():
    content = zipped({"a": bytes(range(256)) * 4, "b": b"text " * 40})
    whole = members(content)
    for size in range(len(content)):
        assert codes(members, content[:size]) == {"archive_damaged"}
    changed = 0
    for place in range(len(content)):
        for bit in (1, 64):
            damaged = bytearray(content)
            damaged[place] ^= bit
            try:
                found = members(bytes(damaged))
            except ChipDataError:
                changed += 1
                continue
            # A date or a name may differ; what is inside may not.
            assert list(found.values()) == list(whole.values()), place
    assert changed > len(content)


def test_gzip_is_unpacked_whole_or_refused():
    text = b"some text " * 1000
    packed = gzip.compress(text)
    assert gunzip(packed) == text
    assert gunzip(packed + packed) == text * 2
    assert gunzip(packed + bytes(512)) == text  # padding of tapes
    assert codes(gunzip, packed[:-1]) == {"cut_file"}
    assert codes(gunzip, packed[: len(packed) // 2]) == {"cut_file"}
    assert codes(gunzip, packed + b"more") == {"archive_damaged"}
    assert codes(gunzip, b"plain") == {"archive_damaged"}
    flipped = bytearray(packed)
    flipped[len(packed) // 2] ^= 1
    assert codes(gunzip, bytes(flipped)) <= {"archive_damaged", "cut_file"}
    checksum = bytearray(packed)
    checksum[-6] ^= 1
    assert codes(gunzip, bytes(checksum)) == {"archive_damaged"}


def test_a_gzip_bomb_stops_at_the_limit():
    bomb = zlib.compressobj(9, wbits=31)
    packed = b"".join(bomb.compress(bytes(2**20)) for _ in range(300)) + bomb.flush()
    assert len(packed) < 400_000
    assert codes(gunzip, packed) == {"archive_too_large"}
