"""The page of instruments says what is there."""

import subprocess
import sys
from pathlib import Path

from skinmech_chip_adapters import adapters
from skinmech_chip_adapters.catalogue import NO_RECORDING, TRIED, markdown
from tests.chip_adapters.conformance._recordings import OWN, REFUSED

PAGE = Path(__file__).parents[2] / "docs" / "instruments.md"


def test_the_page_is_current():
    assert PAGE.read_text("utf-8") == markdown(), (
        "run: python -m skinmech_chip_adapters.catalogue > docs/instruments.md"
    )


def test_every_adapter_says_what_it_was_tried_on():
    assert set(TRIED) == set(adapters())
    read = [name for key, name in OWN.items() if key not in REFUSED]
    for name, adapter in adapters().items():
        assert len(TRIED[name].files) == read.count(name), name
        assert (adapter.release_state == "recorded") == bool(TRIED[name].files), name
        assert TRIED[name].unverified, name


def test_the_command_prints_the_page():
    command = [sys.executable, "-m", "skinmech_chip_adapters.catalogue"]
    done = subprocess.run(command, capture_output=True, check=True, timeout=60)
    assert done.stdout.decode("utf-8") == markdown()
    assert all(kind in markdown() for kind, _ in NO_RECORDING)
