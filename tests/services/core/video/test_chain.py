"""The rules of a chain of extensions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.core.kit.errors import Invalid
from services.core.video.chain import (
    BASE_SECONDS,
    HOP_SECONDS,
    INPUT_SECONDS,
    MAXIMUM_HOPS,
    MAXIMUM_OUTPUT_SECONDS,
    TAIL_SECONDS,
    NewOnly,
    TailPlusNew,
    Unexpected,
    classify_extension,
    require_hop,
    tail_seconds_for,
    total_seconds,
)


@pytest.mark.parametrize(("hops", "seconds"), [(0, 8), (1, 15), (2, 22), (20, 148)])
def test_each_hop_adds_seven_seconds(hops: int, seconds: float) -> None:
    assert total_seconds(BASE_SECONDS, hops) == seconds


def test_what_a_hop_sends_and_gets_stays_within_what_the_provider_takes() -> None:
    assert INPUT_SECONDS[0] <= TAIL_SECONDS <= INPUT_SECONDS[1]
    assert TAIL_SECONDS + HOP_SECONDS <= MAXIMUM_OUTPUT_SECONDS


@pytest.mark.parametrize(
    ("tail", "returned", "form"),
    [
        (8.0, 7.0, NewOnly()),
        (8.0, 6.75, NewOnly()),
        (8.0, 7.04, NewOnly()),
        (8.0, 15.0, TailPlusNew()),
        (8.0, 15.08, TailPlusNew()),
        (1.0, 7.0, NewOnly()),
        (1.0, 8.0, TailPlusNew()),
        (3.25, 10.25, TailPlusNew()),
        (30.0, 37.0, TailPlusNew()),
    ],
)
def test_the_length_tells_the_form(tail: float, returned: float, form: object) -> None:
    assert classify_extension(tail, returned) == form


@pytest.mark.parametrize(("tail", "returned"), [(8.0, 8.0), (8.0, 0.0), (8.0, 11.0), (8.0, 22.0), (2.0, 7.5)])
def test_any_other_length_is_said_in_a_sentence_with_its_figures(tail: float, returned: float) -> None:
    form = classify_extension(tail, returned)

    assert isinstance(form, Unexpected)
    assert f"{returned:.2f} s" in form.sentence
    assert f"{tail + 7:.2f} s" in form.sentence


@given(tail=st.floats(*INPUT_SECONDS), error=st.floats(-0.39, 0.39))
def test_no_tail_makes_the_two_forms_confusable(tail: float, error: float) -> None:
    assert classify_extension(tail, HOP_SECONDS + error) == NewOnly()
    assert classify_extension(tail, tail + HOP_SECONDS + error) == TailPlusNew()


@pytest.mark.parametrize(("master", "tail"), [(1.0, 1.0), (4.0, 4.0), (8.0, 8.0), (148.0, 8.0)])
def test_at_most_eight_seconds_of_the_master_are_sent(master: float, tail: float) -> None:
    assert tail_seconds_for(master) == tail


def test_a_master_under_a_second_cannot_be_extended() -> None:
    with pytest.raises(Invalid) as refused:
        tail_seconds_for(0.9)
    assert refused.value.code == "video_too_short_to_extend"


def test_the_twentieth_hop_is_the_last() -> None:
    require_hop(MAXIMUM_HOPS - 1, "720p", "16:9", "16:9")
    with pytest.raises(Invalid) as refused:
        require_hop(MAXIMUM_HOPS, "720p", "16:9", "16:9")
    assert refused.value.code == "chain_complete"


@pytest.mark.parametrize(
    ("resolution", "aspect_ratio", "code"), [("1080p", "16:9", "extension_resolution"), ("720p", "9:16", "extension_aspect_ratio")]
)
def test_a_hop_keeps_720p_and_the_aspect_ratio_of_the_master(resolution: str, aspect_ratio: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        require_hop(0, resolution, aspect_ratio, "16:9")
    assert refused.value.code == code
