"""What comes along with an installed skinmech: how many packages, and under which licences."""

import re
import tomllib
from collections.abc import Iterable
from importlib.metadata import distribution

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.repository._files import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
CORE = PROJECT["dependencies"]
EXTRAS = PROJECT["optional-dependencies"]
# 33 at the first release. Every further one is a decision, so the limit is close.
MOST_CORE_PACKAGES = 35

PERMISSIVE = re.compile(
    r"\b(?:MIT|BSD|0BSD|Apache|ISC|Zlib|CC0|PSF|PSFL|Python Software Foundation|Kiwi)\b", re.I
)
RECIPROCAL = re.compile(r"\b(?:GPL|AGPL|LGPL|GNU|MPL|Mozilla|EPL|CDDL|Affero|SSPL)", re.I)
# What we accept all the same, with the reason.
ACCEPTED = {
    "python-libsbml": "LGPL: an extra, linked dynamically",
    "libroadrunner": "Apache-2.0 by its repository; the wheel states none",
}


def _with_all_they_need(declared: Iterable[str]) -> set[str]:
    found: set[str] = set()
    open_ends = [Requirement(text) for text in declared]
    while open_ends:
        requirement = open_ends.pop()
        extras = requirement.extras or {""}
        needed = requirement.marker is None or requirement.marker.evaluate({"extra": ""})
        name = canonicalize_name(requirement.name)
        if not needed or name in found:
            continue
        found.add(name)
        for text in distribution(name).requires or []:
            inner = Requirement(text)
            if inner.marker is None or any(inner.marker.evaluate({"extra": e}) for e in extras):
                inner.marker = None
                open_ends.append(inner)
    return found


def _licence(name: str) -> str:
    metadata = distribution(name).metadata
    classifiers = metadata.get_all("Classifier") or []
    stated = [
        *(metadata.get_all("License-Expression") or []),
        *(metadata.get_all("License") or []),
    ]
    # A whole licence text in the field names it in its first lines.
    stated += [text.rpartition("::")[2] for text in classifiers if text.startswith("License ::")]
    return " | ".join(" ".join(text.split())[:120] for text in stated if text)


def test_core_stays_small() -> None:
    packages = _with_all_they_need(CORE)
    assert {"jax", "numpy", "h5py"} <= packages
    assert len(packages) <= MOST_CORE_PACKAGES, sorted(packages)


def test_everything_a_user_installs_is_permissively_licensed() -> None:
    offered = [
        text for name, extra in EXTRAS.items() if name not in {"test", "dev"} for text in extra
    ]
    unfit = []
    for name in sorted(_with_all_they_need([*CORE, *offered])):
        licence = _licence(name)
        permissive = PERMISSIVE.search(licence) and not RECIPROCAL.search(licence)
        if not permissive and name not in ACCEPTED:
            unfit.append(f"{name}: {licence or 'states no licence'}")
    assert not unfit, "\n".join(unfit)
