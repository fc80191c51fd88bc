"""The catalogue is the only word on models, names and prices."""

from dataclasses import replace

import pytest

from services.core.kit.errors import Invalid
from services.core.video.catalogue import DEFAULT_MODEL, PROMPT_MODEL, find_model, list_models


def test_every_resolution_a_model_offers_has_a_price() -> None:
    for model in list_models():
        assert set(model.price_microusd_per_second) == set(model.resolutions)
        assert all(model.price_of(resolution) > 0 for resolution in model.resolutions)


@pytest.mark.parametrize(
    ("model", "resolution", "usd_for_8_seconds"),
    [
        ("veo-3.1-generate-001", "720p", 3.20),
        ("veo-3.1-generate-001", "4k", 4.80),
        ("veo-3.1-fast-generate-001", "720p", 0.80),
        ("veo-3.1-fast-generate-001", "1080p", 0.96),
        ("veo-3.1-lite-generate-001", "1080p", 0.64),
    ],
)
def test_prices_are_those_of_the_price_list(model: str, resolution: str, usd_for_8_seconds: float) -> None:
    assert find_model(model).model.price_of(resolution) * 8 == round(usd_for_8_seconds * 1_000_000)


def test_an_unknown_price_stops_the_work() -> None:
    unpriced = replace(find_model(DEFAULT_MODEL).model, price_microusd_per_second={"720p": 400_000})

    with pytest.raises(Invalid) as caught:
        unpriced.price_of("1080p")

    assert caught.value.code == "price_unknown"


def test_a_retired_preview_id_stands_for_the_model_that_replaced_it_and_says_so() -> None:
    resolved = find_model("veo-3.1-generate-preview")

    assert resolved.model.id == "veo-3.1-generate-001"
    assert resolved.alias == "veo-3.1-generate-preview"


def test_a_models_own_id_is_no_alias() -> None:
    for model in list_models():
        assert find_model(model.id).model is model
        assert find_model(model.id).alias is None


def test_an_unknown_model_is_answered_with_the_list_of_models() -> None:
    with pytest.raises(Invalid) as caught:
        find_model("veo-9")

    assert caught.value.code == "unknown_model"
    assert "'veo-9'" in caught.value.message
    assert caught.value.facts["models"] == [model.id for model in list_models()]
    assert all(model.id in caught.value.advice for model in list_models())


def test_lite_is_a_preview_without_4k() -> None:
    lite = find_model("veo-3.1-lite").model

    assert lite.stage == "preview"
    assert lite.requests_per_minute == 10
    assert lite.resolutions == ("720p", "1080p")


def test_the_ceiling_of_a_prompt_call_is_rounded_up_and_covers_the_largest_call() -> None:
    assert PROMPT_MODEL.ceiling_microusd == 10_000 * 1_500_000 // 1_000_000 + 4_096 * 7_500_000 // 1_000_000
    assert replace(PROMPT_MODEL, max_input_tokens=1, max_output_tokens=0).ceiling_microusd == 2
