"""The safety filter's codes become categories, words and a decision about retrying."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.core.video.safety import CATEGORY_OF_CODE, NEVER_RETRIED, SafetyCategory, block_of, is_refusal, parse_reasons

unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # the machine may be busy
SENTENCE = (
    "Veo could not generate 1 videos because the input violates Vertex AI's usage guidelines. "
    "You will not be charged for this request. Support codes: {codes}"
)


@pytest.mark.parametrize(
    ("code", "category", "retryable"),
    [
        (58061214, "child", False),
        (17301594, "child", False),
        (29310472, "celebrity", False),
        (15236754, "celebrity", False),
        (89371032, "prohibited", False),
        (60599140, "prohibited", False),
        (42237218, "video_safety", True),
        (62263041, "dangerous", True),
        (57734940, "hate", True),
        (74803281, "other", True),
        (35561575, "third_party_content", True),
        (90789179, "sexual", True),
        (78610348, "toxic", True),
        (61493863, "violence", True),
        (32635315, "vulgar", True),
    ],
)
def test_a_support_code_names_its_category_and_whether_to_try_again(code: int, category: str, retryable: bool) -> None:
    block = parse_reasons([SENTENCE.format(codes=code)])

    assert (block.category, block.codes, block.retryable) == (category, (code,), retryable)


def test_a_face_of_a_real_person_comes_with_advice_on_pictures() -> None:
    block = parse_reasons([SENTENCE.format(codes=15236754)])

    assert "real" in block.message
    assert "picture" in block.advice


def test_an_unknown_code_is_kept_and_is_category_other() -> None:
    block = parse_reasons([SENTENCE.format(codes=99999999)])

    assert (block.category, block.codes, block.retryable) == (SafetyCategory.OTHER, (99999999,), True)


def test_no_reason_at_all_is_still_a_block() -> None:
    assert parse_reasons([]) == block_of(SafetyCategory.OTHER)


def test_of_several_codes_the_gravest_decides_wherever_it_stands() -> None:
    for order in ("32635315, 58061214", "58061214, 32635315"):
        assert parse_reasons([SENTENCE.format(codes=order)]).category is SafetyCategory.CHILD
    assert parse_reasons([SENTENCE.format(codes=78610348), SENTENCE.format(codes=15236754)]).retryable is False


def test_a_code_told_for_each_of_four_videos_is_listed_once() -> None:
    assert parse_reasons([SENTENCE.format(codes=42237218)] * 4).codes == (42237218,)


@unhurried
@given(codes=st.lists(st.sampled_from(sorted(CATEGORY_OF_CODE)), min_size=1, max_size=5))
def test_one_code_that_is_never_retried_stops_every_retry(codes: list[int]) -> None:
    block = parse_reasons([SENTENCE.format(codes=code) for code in codes])

    assert block.retryable == all(CATEGORY_OF_CODE[code] not in NEVER_RETRIED for code in codes)


def test_every_category_has_words_and_advice() -> None:
    for category in SafetyCategory:
        block = block_of(category)
        assert block.message.endswith(".")
        assert block.advice.endswith(".")


@pytest.mark.parametrize(
    "message",
    [
        SENTENCE.format(codes=58061214),
        "The prompt could not be submitted. This prompt contains sensitive words that violate Google's Responsible AI practices.",
    ],
)
def test_a_refused_prompt_is_told_from_its_message(message: str) -> None:
    assert is_refusal(message)


@pytest.mark.parametrize("message", ["resolution 1080p requires durationSeconds 8.", "Internal error. Please try again.", ""])
def test_an_ordinary_error_is_no_refusal(message: str) -> None:
    assert not is_refusal(message)
