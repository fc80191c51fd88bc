"""The catalogue of node types is complete, and its settings mean what the canvas shows."""

from typing import Any

import pytest

from services.core.kit.errors import Invalid
from services.core.projects.node_types import (
    NODE_TYPES,
    EnhancedPrompt,
    FrameConfig,
    NoteConfig,
    PromptConfig,
    find_node_type,
    parse_config,
)

ENHANCED = EnhancedPrompt(of_text="A fox", enhanced_prompt="A red fox runs.", negative_prompt="", shot_notes=[])


@pytest.mark.parametrize("name", NODE_TYPES)
def test_a_node_type_is_found_by_its_name_and_can_be_added_without_settings(name: str) -> None:
    node_type = find_node_type(name)

    assert node_type.name == name
    assert parse_config(name, {}) == node_type.config()
    assert len({port.name for port in node_type.inputs}) == len(node_type.inputs)


def test_everything_that_a_node_gives_some_other_node_takes() -> None:
    given = {port.type for node_type in NODE_TYPES.values() for port in node_type.outputs}
    taken = {port.type for node_type in NODE_TYPES.values() for port in node_type.inputs}

    assert given == taken


@pytest.mark.parametrize(
    ("config", "words"),
    [
        (PromptConfig(text="A fox"), "A fox"),
        (PromptConfig(text="A fox", enhanced=ENHANCED), "A fox"),
        (PromptConfig(text="A fox", enhanced=ENHANCED, use="enhanced"), "A red fox runs."),
        (PromptConfig(text="A fox", use="enhanced"), "A fox"),
    ],
)
def test_the_words_that_were_chosen_are_used_and_ones_own_where_there_are_no_others(config: PromptConfig, words: str) -> None:
    assert config.chosen_text() == words


def test_a_setting_that_does_not_fit_is_named_without_repeating_what_was_sent() -> None:
    with pytest.raises(Invalid) as refused:
        parse_config("video", {"seed": "a secret plot"})

    assert refused.value.facts["field"] == "seed"
    assert "secret" not in str(refused.value.document())


def test_image_prompt_and_video_are_all_that_work() -> None:
    assert [node_type.name for node_type in NODE_TYPES.values() if node_type.works] == ["image", "prompt", "video"]


def test_a_new_frame_and_a_new_note_have_a_size_and_a_colour() -> None:
    assert parse_config("frame", {}) == FrameConfig(width=720, height=420, colour="plain")
    assert parse_config("note", {}) == NoteConfig(text="", width=240, height=160, colour="amber")


@pytest.mark.parametrize(
    ("type_", "config"),
    [
        ("frame", {"width": 40, "height": 20_000, "colour": "rose"}),
        ("frame", {"width": 512.25}),
        ("note", {"text": "x" * 4000, "colour": "violet"}),
    ],
)
def test_sizes_and_words_up_to_their_limits_are_taken(type_: str, config: dict[str, Any]) -> None:
    kept = parse_config(type_, config).model_dump()

    assert {name: kept[name] for name in config} == config


@pytest.mark.parametrize(
    ("type_", "config", "field"),
    [
        ("frame", {"width": 39.9}, "width"),
        ("frame", {"height": 20_001}, "height"),
        ("note", {"width": float("nan")}, "width"),
        ("note", {"colour": "red"}, "colour"),
        ("note", {"text": "x" * 4001}, "text"),
        ("frame", {"text": "words"}, "text"),
    ],
)
def test_a_frame_or_note_out_of_measure_is_refused(type_: str, config: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse_config(type_, config)

    assert (refused.value.code, refused.value.facts["field"]) == ("config_invalid", field)
