"""Every recording and every example, cut and flipped at random: never wrong in silence.

The figures are printed. `SKINMECH_MUTATIONS=all` makes all hundred attempts on the large files too.
"""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

from skinmech_chip_adapters import adapters
from tests.chip_adapters.conformance._recordings import OWN, REFUSED, Job, sidecar_text

SECONDS_EACH = 0.0 if os.environ.get("SKINMECH_MUTATIONS") == "all" else 0.2
KINDS = (
    *("refused", "same values", "part, flagged", "other characters, flagged"),
    "other characters read as such",
)


def outcomes(jobs: Iterable[Job]) -> list[dict]:
    script = Path(__file__).with_name("_mutate.py")
    given = [{"key": one.key, "path": str(one.path), "sidecar": one.sidecar} for one in jobs]
    done = subprocess.run(
        [sys.executable, str(script), str(SECONDS_EACH)],
        input=json.dumps(given), capture_output=True, check=False, text=True, timeout=1500,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(found) == len(given)
    return found


def judge(found: list[dict], what: str, capsys) -> None:
    total = {kind: Counter() for kind in ("cut", "flip")}
    for one in found:
        for kind, counts in total.items():
            counts.update(one[kind])
    lines = [f"\n{len(found)} {what} damaged:"]
    for kind, counts in total.items():
        parts = ", ".join(f"{word} {counts[word]}" for word in sorted(counts))
        lines.append(f"  {counts.total()} {kind}s: {parts}")
    slowest = max(found, key=lambda one: one.get("slowest_s", 0.0))
    lines.append(f"  slowest attempt {slowest.get('slowest_s', 0.0):.2f} s ({slowest['key']})")
    with capsys.disabled():
        print("\n".join(lines))
    bad = [f"{one['key']}: {text}" for one in found for text in one["bad"]]
    assert not bad, "\n".join(bad[:40])
    assert set().union(*total.values()) <= set(KINDS)
    assert total["cut"]["other characters read as such"] == 0


@pytest.mark.skipif(os.name != "posix", reason="needs the timers of POSIX")
def test_damaged_recordings_are_errors_flagged_or_right(shared_data, capsys):
    folder = shared_data / "instruments"
    keys = [key for key, name in OWN.items() if key not in REFUSED and name in adapters()]
    jobs = [Job(key, folder / key, sidecar_text(folder / key, key)) for key in keys]
    judge(outcomes(jobs), "recordings", capsys)


@pytest.mark.skipif(os.name != "posix", reason="needs the timers of POSIX")
def test_damaged_examples_are_errors_flagged_or_right(examples, tmp_path, capsys):
    jobs = []
    for name, one in examples.items():
        (tmp_path / name).mkdir()
        path = tmp_path / name / one.filename
        path.write_bytes(one.content)
        jobs.append(Job(name, path, one.sidecar))
    judge(outcomes(jobs), "examples", capsys)
