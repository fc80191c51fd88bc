"""Which H.264 parameter sets can be declared in one track, and which AAC streams can be continued."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.core.video.media import h264
from services.core.video.media.aac import is_low_complexity

# What libx264 wrote for 320 x 180 clips; the second and third number their sets 0 and 1.
HIGH = bytes.fromhex("0164000cffe100196764000cacd941419f9e1000000300100000030300f142996001000468ef8fcbfdf8f800")
HIGH_OTHER = bytes.fromhex("0164000cffe100196764000cacd981419f9e1000000300100000030300f14299a001000668e978f2c8b0fdf8f800")
HIGH_NUMBER_1 = bytes.fromhex("0164000cffe100196764000c4b36505067e784000003000400000300c03c50a658010004684afbcbfdf8f800")
BASELINE = bytes.fromhex("0142c00cffe100166742c00cda05067e7840000003004000000c03c50aa801000468ce0fc8")


@pytest.mark.parametrize("box", [HIGH, HIGH_OTHER, HIGH_NUMBER_1, BASELINE])
def test_a_box_that_was_read_is_written_back_byte_for_byte(box: bytes) -> None:
    assert h264.ParameterSets.from_avcc(box).avcc() == box


@pytest.mark.parametrize(("box", "number"), [(HIGH, 0), (HIGH_OTHER, 0), (HIGH_NUMBER_1, 1), (BASELINE, 0)])
def test_sets_are_found_under_their_number(box: bytes, number: int) -> None:
    assert set(h264.ParameterSets.from_avcc(box).numbered()) == {(h264.NAL_SPS, number), (h264.NAL_PPS, number)}


def test_sets_with_different_numbers_live_side_by_side() -> None:
    first, second = h264.ParameterSets.from_avcc(HIGH), h264.ParameterSets.from_avcc(HIGH_NUMBER_1)

    merged = h264.merge(first, second)

    assert merged is not None
    assert merged.sequence == first.sequence + second.sequence
    assert h264.merge(merged, second) == merged
    assert h264.ParameterSets.from_avcc(merged.avcc()) == merged


@pytest.mark.parametrize("other", [HIGH_OTHER, BASELINE], ids=["one number for two things", "another profile"])
def test_sets_that_contradict_each_other_are_not_merged(other: bytes) -> None:
    assert h264.merge(h264.ParameterSets.from_avcc(HIGH), h264.ParameterSets.from_avcc(other)) is None


def test_an_encoders_announcement_and_its_box_say_the_same() -> None:
    sets = h264.ParameterSets.from_avcc(HIGH)
    announced = b"".join(b"\x00\x00\x00\x01" + item for item in (*sets.sequence, *sets.picture))

    assert h264.ParameterSets.from_annex_b(announced) == sets


def test_a_high_profile_box_without_its_extension_means_the_usual_sampling() -> None:
    assert h264.ParameterSets.from_avcc(HIGH[:-4]) == h264.ParameterSets.from_avcc(HIGH)


@given(cut=st.integers(0, len(HIGH) - 5))
def test_a_box_that_is_cut_off_is_refused(cut: int) -> None:
    with pytest.raises(h264.MalformedParameterSets):
        h264.ParameterSets.from_avcc(HIGH[:cut]).numbered()


@given(noise=st.binary(max_size=64))
def test_noise_is_read_or_refused_but_never_breaks_the_reader(noise: bytes) -> None:
    try:
        h264.ParameterSets.from_avcc(b"\x01" + noise).numbered()
    except h264.MalformedParameterSets:
        return
    assert len(noise) >= 6


def test_units_are_walked_by_their_lengths_and_a_lying_length_ends_the_walk() -> None:
    packet = b"\x00\x00\x00\x02\x65\x01" + b"\x00\x00\x00\x01\x06"

    assert list(h264.units(packet, 4)) == [b"\x65\x01", b"\x06"]
    assert list(h264.units(packet + b"\x00\x00\x01\x00\x41", 4)) == [b"\x65\x01", b"\x06"]


@pytest.mark.parametrize(
    ("config", "rate", "channels", "expected"),
    [
        ("1190", 48_000, 2, True),
        ("119056e500", 48_000, 2, True),
        ("1210", 44_100, 2, True),
        ("1188", 48_000, 1, True),
        ("1190", 44_100, 2, False),
        ("1190", 48_000, 1, False),
        ("1194", 48_000, 2, False),  # frames of 960 samples
        ("2b11", 48_000, 2, False),  # HE-AAC
        ("11", 48_000, 2, False),
    ],
)
def test_only_plain_aac_of_the_stated_rate_can_be_continued(config: str, rate: int, channels: int, expected: bool) -> None:
    assert is_low_complexity(bytes.fromhex(config), rate, channels) is expected
