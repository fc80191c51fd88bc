"""The Gemini driver against scripted replies, through the unmodified google-genai client."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import SecretStr

from services.core.prompts.enhancement import Answered, Enhancement, EnhancementRequest, instruction_for
from services.core.prompts.gemini import GeminiDriver
from services.core.video.outcomes import BlockedAtSubmit, NotSent, Rejected, Unknown
from services.core.video.safety import SafetyCategory
from tests.services.core.video.scripted_vertex import (
    HangUp,
    Reply,
    ScriptedVertex,
    Silence,
    bearer,
    closed_port,
    error_body,
    scripted_vertex,
)

IDEA = EnhancementRequest(idea="A fox crosses a snowy road.", characters=("Ada",))
ANSWER = {
    "enhanced_prompt": "A red fox crosses a snowy road at dusk.",
    "negative_prompt": "blur",
    "shot_notes": ["Camera: low, still.", "Light: dusk."],
}


def answered(text: str, finish_reason: str = "STOP", **part: Any) -> Reply:
    parts = [{"text": text, **part}] if text else []
    return Reply(body={"candidates": [{"index": 0, "content": {"role": "model", "parts": parts}, "finishReason": finish_reason}]})


@pytest.fixture
def vertex() -> Iterator[ScriptedVertex]:
    with scripted_vertex() as vertex:
        yield vertex


@pytest.fixture
def driver(vertex: ScriptedVertex) -> Iterator[GeminiDriver]:
    driver = GeminiDriver("reelgraph-test", credentials=bearer(), endpoint=vertex.url)
    yield driver
    driver.close()


def test_an_idea_comes_back_as_an_enhancement(vertex: ScriptedVertex, driver: GeminiDriver) -> None:
    vertex.will(answered(json.dumps(ANSWER)))

    assert driver.enhance(IDEA) == Answered(Enhancement.model_validate(ANSWER))

    [call] = vertex.calls
    assert call.path == ("/v1beta1/projects/reelgraph-test/locations/global/publishers/google/models/gemini-3.8-flash:generateContent")
    assert call.headers["authorization"] == "Bearer a-token"
    assert call.body["contents"] == [{"role": "user", "parts": [{"text": IDEA.idea}]}]
    assert call.body["systemInstruction"]["parts"] == [{"text": instruction_for(IDEA)}]
    generation = call.body["generationConfig"]
    assert generation["responseMimeType"] == "application/json"
    assert set(generation["responseSchema"]["properties"]) == set(ANSWER)
    assert generation["responseSchema"]["required"] == list(ANSWER)
    assert generation["maxOutputTokens"] == 4096


def test_with_an_api_key_the_developer_api_is_called(vertex: ScriptedVertex) -> None:
    vertex.will(answered(json.dumps(ANSWER)))
    driver = GeminiDriver("reelgraph-test", endpoint=vertex.url, api_key=SecretStr("a-key"))

    assert isinstance(driver.enhance(IDEA), Answered)

    [call] = vertex.calls
    assert call.path == "/v1beta/models/gemini-3.8-flash:generateContent"
    assert call.headers["x-goog-api-key"] == "a-key"
    assert "authorization" not in call.headers


def test_thoughts_are_not_part_of_the_answer(vertex: ScriptedVertex, driver: GeminiDriver) -> None:
    parts = [{"text": "Let me think.", "thought": True}, {"text": json.dumps(ANSWER)}]
    vertex.will(Reply(body={"candidates": [{"content": {"role": "model", "parts": parts}, "finishReason": "STOP"}]}))

    assert isinstance(driver.enhance(IDEA), Answered)


@pytest.mark.parametrize(
    "reply",
    [
        answered('{"enhanced_prompt": "A red f', "MAX_TOKENS"),
        answered("Here is your prompt: A red fox."),
        answered(json.dumps({"enhanced_prompt": "A red fox."})),
        answered(json.dumps({**ANSWER, "enhanced_prompt": ""})),
        answered(json.dumps([ANSWER])),
        answered(""),
        Reply(body={"candidates": [{"finishReason": "STOP"}]}),
        Reply(body={}),
    ],
    ids=["cut off", "prose", "fields missing", "empty prompt", "a list", "no text", "no content", "nothing"],
)
def test_an_answer_that_is_no_enhancement_is_rejected_without_repeating_it(
    vertex: ScriptedVertex, driver: GeminiDriver, reply: Reply
) -> None:
    vertex.will(reply)

    outcome = driver.enhance(IDEA)

    assert isinstance(outcome, Rejected)
    assert outcome.code == "answer_unreadable"
    assert "fox" not in outcome.message
    assert len(vertex.calls) == 1


@pytest.mark.parametrize(
    ("body", "category"),
    [
        ({"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}}, SafetyCategory.PROHIBITED),
        ({"promptFeedback": {"blockReason": "SAFETY"}}, SafetyCategory.OTHER),
        ({"candidates": [{"finishReason": "SAFETY"}]}, SafetyCategory.OTHER),
        ({"candidates": [{"finishReason": "RECITATION"}]}, SafetyCategory.THIRD_PARTY_CONTENT),
    ],
)
def test_an_idea_that_the_filter_refuses_is_a_block(
    vertex: ScriptedVertex, driver: GeminiDriver, body: dict[str, Any], category: SafetyCategory
) -> None:
    vertex.will(Reply(body=body))

    outcome = driver.enhance(IDEA)

    assert isinstance(outcome, BlockedAtSubmit)
    assert outcome.block.category is category


def test_quota_is_surely_not_sent_and_carries_the_wait(vertex: ScriptedVertex, driver: GeminiDriver) -> None:
    retry_info = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "7s"}
    vertex.will(Reply(429, error_body(429, "RESOURCE_EXHAUSTED", "Quota exceeded.", retry_info)))

    assert driver.enhance(IDEA) == NotSent("quota", 7.0)


def test_a_refused_connection_is_surely_not_sent() -> None:
    with closed_port() as nobody:
        driver = GeminiDriver("reelgraph-test", credentials=bearer(), endpoint=nobody)
        assert driver.enhance(IDEA) == NotSent("refused")


@pytest.mark.parametrize(
    "reply", [Reply(503, error_body(503, "UNAVAILABLE", "Overloaded.")), HangUp(), Reply(200, b"not json"), Silence()], ids=repr
)
def test_an_answer_that_leaves_it_open_is_unknown_and_is_not_asked_for_again(
    vertex: ScriptedVertex, driver: GeminiDriver, reply: Reply | HangUp | Silence
) -> None:
    vertex.will(reply)

    assert isinstance(driver.enhance(IDEA, timeout_seconds=0.5), Unknown)
    assert len(vertex.calls) == 1


def test_a_missing_permission_is_a_matter_for_the_operator(vertex: ScriptedVertex, driver: GeminiDriver) -> None:
    vertex.will(Reply(403, error_body(403, "PERMISSION_DENIED", "No.")))

    outcome = driver.enhance(IDEA)

    assert isinstance(outcome, Rejected)
    assert (outcome.code, outcome.category) == ("permission_denied", "operator")


def test_neither_idea_nor_answer_nor_key_is_ever_logged(vertex: ScriptedVertex, caplog: pytest.LogCaptureFixture) -> None:
    vertex.will(answered(json.dumps(ANSWER)), answered("no json: a red fox"))
    driver = GeminiDriver("reelgraph-test", endpoint=vertex.url, api_key=SecretStr("a-key"))

    with caplog.at_level("INFO"):
        driver.enhance(IDEA)
        driver.enhance(IDEA)

    assert "fox" not in caplog.text
    assert "a-key" not in caplog.text
