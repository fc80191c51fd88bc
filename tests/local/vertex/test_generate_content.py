"""Gemini's generateContent, driven by the unmodified Google client."""

import json
import re
from typing import Any, Literal

import pytest
from google import genai
from google.genai import errors, types
from pydantic import BaseModel, Field

from tests.local.vertex.support import PROJECT, Vertex

GEMINI = "gemini-3.8-flash"
PROMPT = "An old fisherman mends a net at the harbour"


class Shot(BaseModel):
    """A part of an answer, to see nesting and limits kept."""

    title: str = Field(max_length=12)
    seconds: int = Field(ge=4, le=8)
    aspect_ratio: Literal["16:9", "9:16"]
    mood: str | None


class Enhancement(BaseModel):
    """What the product asks of Gemini, and more."""

    enhanced_prompt: str
    negative_prompt: str
    shot_notes: list[str] = Field(min_length=1, max_length=3)
    shots: list[Shot] = Field(min_length=2)


def ask(vertex: Vertex, prompt: str = PROMPT, **config: Any) -> types.GenerateContentResponse:
    return vertex.content.models.generate_content(model=GEMINI, contents=prompt, config=types.GenerateContentConfig(**config))


def as_json(schema: object) -> dict[str, Any]:
    return {"response_mime_type": "application/json", "response_schema": schema}


def test_a_structured_answer_satisfies_the_schema_and_enriches_the_prompt(vertex: Vertex) -> None:
    response = ask(vertex, system_instruction="You are a cinematographer.", **as_json(Enhancement))

    answer = response.parsed
    assert isinstance(answer, Enhancement)
    assert answer.enhanced_prompt.startswith(f"{PROMPT}. ")
    assert any(word in answer.enhanced_prompt for word in ("lens", "light"))
    assert "watermark" in answer.negative_prompt
    assert len(answer.shots) == 2
    assert response.candidates is not None
    assert response.candidates[0].finish_reason is types.FinishReason.STOP
    assert response.usage_metadata is not None
    assert response.usage_metadata.prompt_token_count
    assert response.usage_metadata.candidates_token_count


def test_the_same_prompt_is_enriched_the_same_way_and_another_differently(vertex: Vertex) -> None:
    once, again, other = ask(vertex).text, ask(vertex).text, ask(vertex, "A red kite above a green hill").text

    assert once == again
    assert (once or "").removeprefix(PROMPT) != (other or "").removeprefix("A red kite above a green hill")


def test_what_the_prompt_already_says_is_not_said_again(vertex: Vertex) -> None:
    text = ask(vertex, "Aerial wide shot of a harbour, 24mm lens, neon light").text or ""

    assert len(re.findall(r"\blens\b", text)) == 1
    assert len(re.findall(r"\blight\b", text)) == 1


def test_simulation_words_travel_on_with_the_enriched_prompt(vertex: Vertex) -> None:
    assert (ask(vertex, f"{PROMPT} [simulate:slow:20]").text or "").endswith(". [simulate:slow:20]")


def test_a_json_schema_with_references_is_satisfied_too(vertex: Vertex) -> None:
    response = ask(vertex, response_mime_type="application/json", response_json_schema=Enhancement.model_json_schema())

    assert Enhancement.model_validate_json(response.text or "").shots


def test_a_schema_in_snake_case_with_an_ordering_is_kept_to(vertex: Vertex) -> None:
    schema = {
        "type": "OBJECT",
        "property_ordering": ["negative_prompt", "enhanced_prompt"],
        "properties": {"enhanced_prompt": {"type": "STRING"}, "negative_prompt": {"type": "STRING", "max_length": 20}},
    }
    body = {
        "contents": [{"role": "user", "parts": [{"text": PROMPT}]}],
        "generation_config": {"response_mime_type": "application/json", "response_schema": schema},
    }

    answer = vertex.post(f"/v1/projects/{PROJECT}/locations/global/publishers/google/models/{GEMINI}:generateContent", body).json()

    filled = json.loads(answer["candidates"][0]["content"]["parts"][0]["text"])
    assert list(filled) == ["negative_prompt", "enhanced_prompt"]
    assert len(filled["negative_prompt"]) == 20


def test_a_picture_counts_as_input_and_the_text_is_still_the_prompt(vertex: Vertex) -> None:
    picture = types.Part.from_bytes(data=b"\x89PNG", mime_type="image/png")

    response = vertex.content.models.generate_content(
        model=GEMINI, contents=[types.Content(role="user", parts=[picture, types.Part(text=PROMPT)])]
    )

    assert (response.text or "").startswith(PROMPT)
    assert response.usage_metadata is not None
    assert (response.usage_metadata.prompt_token_count or 0) > 258


def test_a_blocked_prompt_has_a_reason_and_no_candidates(vertex: Vertex) -> None:
    response = ask(vertex, f"{PROMPT} [simulate:blocked]", **as_json(Enhancement))

    assert response.prompt_feedback is not None
    assert response.prompt_feedback.block_reason is types.BlockedReason.PROHIBITED_CONTENT
    assert response.candidates is None


def test_faults_can_be_queued_for_gemini_alone(vertex: Vertex) -> None:
    queued = {"next_generate_content": ["quota:2", "unavailable", "bad_request", "operation_error", "empty", "truncated"]}
    vertex.http.post("/simulator/faults", json=queued).raise_for_status()
    before = vertex.counters()["generate_content"]

    codes = []
    for _ in range(4):
        with pytest.raises(errors.APIError) as refusal:
            ask(vertex)
        codes.append(refusal.value.code)
    reasons = [(ask(vertex).candidates or [types.Candidate()])[0].finish_reason for _ in range(3)]

    assert codes == [429, 503, 400, 500]
    assert reasons == [types.FinishReason.SAFETY, types.FinishReason.MAX_TOKENS, types.FinishReason.STOP]
    assert vertex.counters()["generate_content"] - before == 7


def test_an_api_key_opens_gemini_without_a_project(vertex: Vertex) -> None:
    client = genai.Client(api_key="a-key", http_options=types.HttpOptions(base_url=vertex.stand_in.url))

    assert client.models.generate_content(model=GEMINI, contents=PROMPT).text


def test_gemini_needs_credentials_and_lives_in_global_only(vertex: Vertex) -> None:
    path = "/v1beta1/projects/{}/locations/{}/publishers/google/models/{}:generateContent"
    body = {"contents": [{"parts": [{"text": PROMPT}]}]}

    assert vertex.post(path.format(PROJECT, "global", GEMINI), body, authorization="Bearer made-up").status_code == 401
    assert vertex.post(path.format(PROJECT, "global", "gemini-2.5-flash"), body).status_code == 404
    elsewhere = vertex.post(path.format(PROJECT, "us-central1", GEMINI), body)
    assert (elsewhere.status_code, "global" in elsewhere.json()["error"]["message"]) == (404, True)


@pytest.mark.parametrize("body", [{}, {"contents": []}, {"contents": [{"parts": []}]}])
def test_a_request_without_contents_is_400(vertex: Vertex, body: dict[str, object]) -> None:
    path = f"/v1beta1/projects/{PROJECT}/locations/global/publishers/google/models/{GEMINI}:generateContent"

    assert vertex.post(path, body).status_code == 400
