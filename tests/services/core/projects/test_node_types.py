"""The catalogue of node types is complete, and its settings mean what the canvas shows."""

import pytest

from services.core.kit.errors import Invalid
from services.core.projects.node_types import NODE_TYPES, EnhancedPrompt, PromptConfig, find_node_type, parse_config

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
