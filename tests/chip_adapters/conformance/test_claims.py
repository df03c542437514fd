"""Each recording is claimed by the adapter of its instrument alone, or refused by name."""

import pytest

from skinmech_chip_adapters import ChipDataError, adapters, load, save
from skinmech_chip_adapters.discovery import identify
from tests.chip_adapters.conformance._recordings import OWN, REFUSED, read_with, sidecar_text


def test_every_recording_is_claimed_by_its_own_adapter_or_none(folder):
    paths = sorted(path for path in folder.glob("*/*") if path.is_file())
    assert len(paths) >= 40
    claimed = {}
    for path in paths:
        key = f"{path.parent.name}/{path.name}"
        try:
            claimed[key] = identify(path.read_bytes(), path.name).name
        except ChipDataError as error:
            unread = key == "spectrophotometer/OOusb4000.txt"
            assert error.code == ("format_not_read" if unread else "unknown_format"), key
    assert claimed == OWN


def test_no_recorded_adapter_is_without_a_recording():
    """`recorded` means tried on a real file: those named here, or a reason beside the adapter."""
    recorded = {one.name for one in adapters().values() if one.release_state == "recorded"}
    assert recorded <= set(OWN.values())


@pytest.mark.parametrize("key", OWN)
def test_a_claimed_recording_is_read_and_stored_whole(folder, tmp_path, key):
    path = folder / key
    if key in REFUSED:
        with pytest.raises(ChipDataError) as caught:
            sidecar_text(path, key)
        assert caught.value.code == REFUSED[key]
        return
    record = read_with(path, sidecar_text(path, key))
    (source,) = record.sources.values()
    assert source.content == path.read_bytes() and source.adapter == OWN[key]
    assert len(record.measurements) + len(record.spectra) + len(record.series) + len(record.log)
    assert load(save(record, tmp_path / "study.h5")) == record
