"""What may be in the repository: no addresses, no paths of a machine, no oversized sources."""

import hashlib
import re
import warnings
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.repository._files import ROOT, committed_files, shown, source_files, text_of

SOFT_CAP = 400
HARD_CAP = 600

# Written so that no pattern matches its own text.
FORBIDDEN = {
    "address of a package index": re.compile(
        r"https?://[\w.:@-]*(?:pypi|pythonhosted|npmjs|anaconda)[\w.-]*"
        r"|https?://\S+/simple\b"
        r"|^\s*--(?:index-url|extra-index-url|find-links|trusted-host)\b",
        re.MULTILINE,
    ),
    "path of one machine": re.compile(
        r"(?<![\w.}/-])/(?:root|work|opt|home|Users|mnt)/[\w.]+|[A-Z]:\\Users\\|file:/{3}"
    ),
    "credential": re.compile(
        r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----"
        r"|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{36}\b"
    ),
}


@pytest.mark.parametrize("kind", FORBIDDEN)
def test_no_file_names_a_place_or_a_secret(kind: str) -> None:
    found = []
    for path in committed_files():
        text = text_of(path)
        for match in FORBIDDEN[kind].finditer(text or ""):
            line = (text or "").count("\n", 0, match.start()) + 1
            found.append(f"{shown(path)}:{line}: {match.group().strip()!r}")
    assert not found, f"{kind} in files that are committed:\n" + "\n".join(found)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("address of a package index", "see https" + "://py" + "pi.org/project/x"),
        ("address of a package index", "https" + "://mirror.example/index/simple/"),
        ("address of a package index", "-" * 2 + "extra-index-url x"),
        ("path of one machine", 'open("/ro' + 'ot/data.csv")'),
        ("path of one machine", "cd /ho" + "me/someone"),
        ("credential", "-----BEGIN RSA PRIV" + "ATE KEY-----"),
    ],
)
def test_the_patterns_find_what_they_are_for(kind: str, text: str) -> None:
    assert FORBIDDEN[kind].search(text)


def test_every_file_is_utf8_or_binary() -> None:
    for path in committed_files():
        if "data" in path.relative_to(ROOT).parts:  # vendors write other encodings
            continue
        text_of(path)


@pytest.mark.filterwarnings("default")
def test_no_source_file_is_longer_than_the_cap() -> None:
    lengths = {}
    for path in committed_files():
        if path.suffix == ".py":
            lengths[shown(path)] = len(path.read_text("utf-8").splitlines())
    assert lengths.keys() >= {shown(path) for path in source_files()}
    for name, lines in lengths.items():
        if SOFT_CAP < lines <= HARD_CAP:
            warnings.warn(f"{name} has {lines} lines (aim: below {SOFT_CAP})", stacklevel=1)
    long = [f"{name}: {lines} lines" for name, lines in lengths.items() if lines > HARD_CAP]
    assert not long, f"split these by concept, the cap is {HARD_CAP} lines:\n" + "\n".join(long)


def test_no_reference_data_is_copied_into_the_repository(shared_data: Path) -> None:
    def digests(paths: Iterable[Path]) -> dict[str, str]:
        sized = (path for path in paths if path.stat().st_size > 64)
        return {hashlib.sha256(path.read_bytes()).hexdigest(): path.name for path in sized}

    reference = digests(path for path in shared_data.rglob("*") if path.is_file())
    assert reference, "the folder of reference data is empty"
    ours = digests(committed_files())
    copied = [ours[key] for key in ours.keys() & reference.keys()]
    assert not copied, f"copies of files from ../shared/data: {copied}"
