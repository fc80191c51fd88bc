"""What is asked of the prompt model, and what counts as an answer."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from services.core.kit.errors import Invalid
from services.core.prompts.enhancement import INSTRUCTION, Enhancement, EnhancementRequest, cache_key, check, instruction_for
from services.core.video.catalogue import MAXIMUM_PROMPT_CHARACTERS

unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # the machine may be busy
REQUESTS = st.builds(
    EnhancementRequest,
    idea=st.text(min_size=1, max_size=20),
    avoid=st.none() | st.text(max_size=5),
    characters=st.lists(st.sampled_from(["Ada", "Grace"]), max_size=2).map(tuple),
    duration_seconds=st.sampled_from([4, 6, 8]),
    aspect_ratio=st.sampled_from(["16:9", "9:16"]),
    generate_audio=st.booleans(),
)


@unhurried
@given(request=REQUESTS)
def test_a_request_survives_being_stored_as_json(request: EnhancementRequest) -> None:
    assert EnhancementRequest.model_validate(json.loads(request.model_dump_json())) == request


@unhurried
@given(one=REQUESTS, other=REQUESTS)
def test_two_requests_have_one_cache_key_only_if_they_are_the_same(one: EnhancementRequest, other: EnhancementRequest) -> None:
    assert (cache_key(one) == cache_key(other)) == (one == other)


def test_the_instruction_ends_with_all_that_is_decided_and_leaves_the_idea_out() -> None:
    request = EnhancementRequest(idea="Zwei Füchse tanzen.", characters=("Ada",), avoid="Schnee", duration_seconds=6, aspect_ratio="9:16")

    decided = json.loads(instruction_for(request).removeprefix(INSTRUCTION))

    assert decided == {
        "characters": ["Ada"],
        "avoid": "Schnee",
        "duration_seconds": 6,
        "aspect_ratio": "9:16",
        "generate_audio": True,
    }


@pytest.mark.parametrize(
    ("fields", "code", "field"),
    [
        ({"idea": " \n"}, "prompt_missing", "idea"),
        ({"idea": "x" * (MAXIMUM_PROMPT_CHARACTERS + 1)}, "prompt_too_long", "idea"),
        ({"idea": "A fox.", "avoid": "x" * (MAXIMUM_PROMPT_CHARACTERS + 1)}, "prompt_too_long", "avoid"),
    ],
)
def test_an_idea_that_cannot_be_sent_is_refused_before_it_costs_anything(fields: dict[str, Any], code: str, field: str) -> None:
    with pytest.raises(Invalid) as caught:
        check(EnhancementRequest(**fields))

    assert (caught.value.code, caught.value.facts["field"]) == (code, field)
    assert caught.value.advice


def test_an_idea_of_the_greatest_length_passes() -> None:
    check(EnhancementRequest(idea="x" * MAXIMUM_PROMPT_CHARACTERS))


@pytest.mark.parametrize("text", ["", "  ", "x" * (MAXIMUM_PROMPT_CHARACTERS + 1)])
def test_an_enhancement_that_could_not_be_sent_to_veo_is_none(text: str) -> None:
    with pytest.raises(ValidationError):
        Enhancement(enhanced_prompt=text, negative_prompt="", shot_notes=[])


def test_an_enhancement_loses_the_blanks_around_it() -> None:
    enhancement = Enhancement(enhanced_prompt=" A fox. \n", negative_prompt=" blur ", shot_notes=["Camera: low."])

    assert (enhancement.enhanced_prompt, enhancement.negative_prompt) == ("A fox.", "blur")
