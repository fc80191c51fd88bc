"""What may be asked of a video model, what it costs, and when two requests are the same."""

import json
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from services.core.kit.errors import Invalid
from services.core.video import rules
from services.core.video.catalogue import DEFAULT_MODEL, MAXIMUM_PROMPT_CHARACTERS, find_model, list_models
from services.core.video.request import (
    ExtendVideo,
    FramesToVideo,
    ImageToVideo,
    MediaInput,
    ReferencesToVideo,
    TextToVideo,
    VideoRequest,
    cache_key,
    inputs_of,
    parse_request,
    price_microusd,
)
from services.core.video.rules import check, problems

unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # the machine may be busy
LITE = "veo-3.1-lite-generate-001"
PARENT = "f" * 64


def a_picture(digit: str = "a", content_type: str = "image/png") -> MediaInput:
    return MediaInput(asset_id=uuid4(), bucket="uploads", object_name=f"{digit}.png", content_type=content_type, sha256=digit * 64)


def a_text(**fields: Any) -> TextToVideo:
    return TextToVideo(**{"prompt": "A fox crosses a snowy road.", **fields})


def with_references(count: int = 1, **fields: Any) -> ReferencesToVideo:
    return ReferencesToVideo(**{"prompt": "They dance.", "references": tuple(a_picture(str(n)) for n in range(count)), **fields})


def an_extension(**fields: Any) -> ExtendVideo:
    return ExtendVideo(**{"hop": 1, **fields})


ONE_OF_EACH: list[VideoRequest] = [
    a_text(),
    ImageToVideo(image=a_picture()),
    FramesToVideo(image=a_picture("a"), last_frame=a_picture("b")),
    with_references(3),
    an_extension(prompt="It turns round."),
]


def codes(request: VideoRequest) -> list[str]:
    return [problem.code for problem in problems(request)]


@pytest.mark.parametrize("request_", ONE_OF_EACH, ids=lambda request: request.mode)
def test_a_request_survives_being_stored_as_json(request_: VideoRequest) -> None:
    stored = json.loads(json.dumps(request_.model_dump(mode="json")))

    assert parse_request(stored) == request_


def test_a_stored_request_with_an_unknown_field_is_refused() -> None:
    with pytest.raises(ValidationError):
        parse_request({"mode": "text", "prompt": "A fox.", "duration": 4})


def test_a_digest_that_is_none_is_refused() -> None:
    with pytest.raises(ValidationError):
        MediaInput(asset_id=uuid4(), bucket="b", object_name="o", content_type="image/png", sha256="not a digest")


@pytest.mark.parametrize("request_", ONE_OF_EACH, ids=lambda request: request.mode)
def test_one_of_each_kind_passes(request_: VideoRequest) -> None:
    assert problems(request_) == []
    check(request_)


@pytest.mark.parametrize(
    ("request_", "code", "field"),
    [
        (a_text(prompt="  "), "prompt_missing", "prompt"),
        (with_references(prompt=""), "prompt_missing", "prompt"),
        (a_text(prompt="x" * (MAXIMUM_PROMPT_CHARACTERS + 1)), "prompt_too_long", "prompt"),
        (a_text(negative_prompt="x" * (MAXIMUM_PROMPT_CHARACTERS + 1)), "prompt_too_long", "negative_prompt"),
        (a_text(duration_seconds=5), "duration_not_offered", "duration_seconds"),
        (a_text(resolution="480p"), "resolution_not_offered", "resolution"),
        (a_text(resolution="4k", model=LITE), "resolution_not_offered", "resolution"),
        (a_text(resolution="1080p", duration_seconds=4), "duration_needs_8_seconds_for_resolution", "duration_seconds"),
        (a_text(resolution="4k", duration_seconds=6), "duration_needs_8_seconds_for_resolution", "duration_seconds"),
        (a_text(aspect_ratio="1:1"), "aspect_not_offered", "aspect_ratio"),
        (a_text(samples=0), "samples_out_of_range", "samples"),
        (a_text(samples=5), "samples_out_of_range", "samples"),
        (a_text(seed=-1), "seed_out_of_range", "seed"),
        (a_text(seed=2**32), "seed_out_of_range", "seed"),
        (ImageToVideo(image=a_picture(content_type="image/heic")), "input_type_not_offered", "inputs"),
        (with_references(0), "references_missing", "references"),
        (with_references(4), "too_many_references", "references"),
        (with_references(duration_seconds=6), "references_need_8_seconds", "duration_seconds"),
        (with_references(aspect_ratio="9:16"), "references_portrait_not_offered", "aspect_ratio"),
        (an_extension(resolution="1080p"), "extension_needs_720p", "resolution"),
        (an_extension(hop=21), "too_many_extensions", "extensions"),
        (a_text(model="veo-9"), "unknown_model", "model"),
    ],
)
def test_a_broken_rule_is_named_with_its_field_and_what_to_do(request_: VideoRequest, code: str, field: str) -> None:
    [problem] = problems(request_)

    assert (problem.code, problem.facts["field"]) == (code, field)
    assert problem.message
    assert problem.advice
    with pytest.raises(Invalid) as caught:
        check(request_)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (FramesToVideo(image=a_picture(), last_frame=a_picture()), "last_frame_not_offered"),
        (an_extension(), "extension_not_offered"),
        (with_references(1), "too_many_references"),
    ],
)
def test_a_model_without_a_capability_refuses_the_kind_that_needs_it(
    request_: VideoRequest, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = replace(find_model(DEFAULT_MODEL).model, can_last_frame=False, can_extend=False, max_references=0)
    monkeypatch.setattr(rules, "find_model", lambda _name: replace(find_model(DEFAULT_MODEL), model=plain))

    assert codes(request_) == [code]


def test_portrait_references_pass_where_the_model_offers_them(monkeypatch: pytest.MonkeyPatch) -> None:
    portrait = replace(find_model(DEFAULT_MODEL).model, references_portrait=True)
    monkeypatch.setattr(rules, "find_model", lambda _name: replace(find_model(DEFAULT_MODEL), model=portrait))

    assert problems(with_references(aspect_ratio="9:16")) == []


@pytest.mark.parametrize("request_", [a_text(seed=0), a_text(seed=2**32 - 1), a_text(samples=4), an_extension(hop=20)])
def test_the_last_value_inside_a_limit_passes(request_: VideoRequest) -> None:
    assert problems(request_) == []


def test_pictures_and_extensions_may_go_without_a_prompt() -> None:
    frames = FramesToVideo(image=a_picture(), last_frame=a_picture())

    assert problems(ImageToVideo(image=a_picture())) == problems(frames) == problems(an_extension()) == []


def test_1080p_with_4_seconds_says_which_of_both_to_change() -> None:
    [problem] = problems(a_text(resolution="1080p", duration_seconds=4))

    assert "1080p" in problem.message
    assert "4 s" in problem.message
    assert problem.advice == "Set the duration to 8 s, or keep 4 s and set the resolution to 720p."


def test_all_problems_of_a_request_are_told_at_once() -> None:
    broken = a_text(prompt="", duration_seconds=5, aspect_ratio="1:1", samples=9, seed=-1)

    assert codes(broken) == ["prompt_missing", "duration_not_offered", "aspect_not_offered", "samples_out_of_range", "seed_out_of_range"]


def test_a_problem_never_repeats_the_prompt() -> None:
    secret = "Zanzibar " * 1000

    [problem] = problems(a_text(prompt=secret))

    assert "Zanzibar" not in json.dumps(problem.document())


MODELS = st.sampled_from([model.id for model in list_models()])


@unhurried
@given(model=MODELS, samples=st.integers(1, 4), seconds=st.sampled_from([4, 6, 8]))
def test_the_price_grows_with_samples_and_seconds_alone(model: str, samples: int, seconds: int) -> None:
    per_second = find_model(model).model.price_of("720p")

    assert price_microusd(a_text(model=model, samples=samples, duration_seconds=seconds)) == samples * seconds * per_second


def test_an_extension_bills_its_7_new_seconds() -> None:
    assert price_microusd(an_extension()) == 7 * 400_000


def test_a_chain_of_148_seconds_costs_what_its_seconds_cost() -> None:
    chain: list[VideoRequest] = [a_text(), *(an_extension(hop=hop) for hop in range(1, 21))]

    assert sum(price_microusd(request) for request in chain) == 59_200_000


@pytest.mark.parametrize("broken", [a_text(model="veo-9"), a_text(resolution="8k"), a_text(model=LITE, resolution="4k")])
def test_what_has_no_price_is_not_priced_at_zero(broken: VideoRequest) -> None:
    with pytest.raises(Invalid):
        price_microusd(broken)


DOCUMENTS = st.fixed_dictionaries(
    {
        "mode": st.just("text"),
        "model": MODELS,
        "prompt": st.text(max_size=40),
        "negative_prompt": st.none() | st.text(max_size=10),
        "duration_seconds": st.sampled_from([4, 6, 8]),
        "resolution": st.sampled_from(["720p", "1080p", "4k"]),
        "aspect_ratio": st.sampled_from(["16:9", "9:16"]),
        "samples": st.integers(1, 4),
        "seed": st.none() | st.integers(0, 2**32 - 1),
        "generate_audio": st.booleans(),
        "person_generation": st.sampled_from(["dont_allow", "allow_adult", "allow_all"]),
    }
)


@unhurried
@given(document=DOCUMENTS, data=st.data())
def test_the_order_of_keys_does_not_change_the_cache_key(document: dict[str, Any], data: st.DataObject) -> None:
    shuffled = dict(data.draw(st.permutations(list(document.items()))))

    assert cache_key(parse_request(shuffled)) == cache_key(parse_request(document))


@unhurried
@given(one=DOCUMENTS, other=DOCUMENTS)
def test_two_requests_have_one_cache_key_only_if_every_field_is_the_same(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert (cache_key(parse_request(one)) == cache_key(parse_request(other))) == (one == other)


@unhurried
@given(document=DOCUMENTS, other=DOCUMENTS, field=st.sampled_from(["model", "prompt", "seed", "samples", "generate_audio", "resolution"]))
def test_one_changed_field_changes_the_cache_key(document: dict[str, Any], other: dict[str, Any], field: str) -> None:
    changed = {**document, field: other[field]}

    assert (cache_key(parse_request(changed)) == cache_key(parse_request(document))) == (changed == document)


def test_an_alias_and_its_model_share_a_cache_key() -> None:
    assert cache_key(a_text(model="veo-3.1-generate-preview")) == cache_key(a_text(model="veo-3.1-generate-001"))


def test_a_picture_counts_by_its_bytes_and_not_by_where_it_lies() -> None:
    here = a_picture("a")
    there = here.model_copy(update={"asset_id": UUID(int=1), "bucket": "media", "object_name": "copy.png"})

    assert cache_key(ImageToVideo(image=here)) == cache_key(ImageToVideo(image=there))
    assert cache_key(ImageToVideo(image=here)) != cache_key(ImageToVideo(image=a_picture("b")))


def test_first_and_last_frame_are_not_interchangeable() -> None:
    first, last = a_picture("a"), a_picture("b")

    assert cache_key(FramesToVideo(image=first, last_frame=last)) != cache_key(FramesToVideo(image=last, last_frame=first))


def test_a_picture_as_first_frame_and_as_reference_are_different_work() -> None:
    picture = a_picture("a")

    as_frame = ImageToVideo(image=picture, prompt="She waves.")
    as_reference = ReferencesToVideo(references=(picture,), prompt="She waves.")

    assert cache_key(as_frame) != cache_key(as_reference)


def test_an_extension_is_keyed_by_the_video_it_continues_and_not_by_its_number() -> None:
    assert cache_key(an_extension(hop=1), parent_sha256=PARENT) == cache_key(an_extension(hop=2), parent_sha256=PARENT)
    assert cache_key(an_extension(), parent_sha256=PARENT) != cache_key(an_extension(), parent_sha256="0" * 64)


def test_an_extension_has_no_key_before_its_video_is_known() -> None:
    with pytest.raises(ValueError, match="keyed by the video it continues"):
        cache_key(an_extension())
    with pytest.raises(ValueError, match="keyed by the video it continues"):
        cache_key(a_text(), parent_sha256=PARENT)


def test_inputs_come_in_the_order_that_counts() -> None:
    first, last = a_picture("a"), a_picture("b")

    assert inputs_of(FramesToVideo(image=first, last_frame=last)) == (first, last)
    assert inputs_of(ReferencesToVideo(references=(last, first))) == (last, first)
    assert inputs_of(a_text()) == inputs_of(an_extension()) == ()
    assert first.uri == "gs://uploads/a.png"
