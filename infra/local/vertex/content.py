"""Gemini's generateContent: enriched prompts as text or as JSON that satisfies the schema, usage, and refusals."""

import json
import uuid
from collections.abc import Mapping
from typing import Any

from infra.local.vertex import behaviour, errors
from infra.local.vertex.behaviour import Blocked, Directions, Empty, OperationError
from infra.local.vertex.enrichment import enrich
from infra.local.vertex.refusals import refusal_error
from infra.local.vertex.schema_walk import SchemaError, fill
from infra.local.vertex.wire import find_field

TOKENS_OF_A_PICTURE = 258  # one tile, as Gemini counts it
CHARACTERS_OF_A_TOKEN = 4


def generate_content(model: str, body: Mapping[str, Any], told: Directions) -> dict[str, Any]:
    """Return the body of the answer; ApiError where the call is refused or malformed.

    Of the words in the prompt only `blocked` concerns this call: the others are meant for the video that follows.
    """
    parts = _parts(body)
    prompt = _prompt(body)
    words = [word for word in behaviour.words_in_prompt(prompt) if word.partition(":")[0] == "blocked"]
    directions = behaviour.apply_words(told, words)
    if directions.refusal is not None:
        raise refusal_error(directions.refusal, "contents")
    prompt_tokens = sum(_tokens(part) for part in parts)
    envelope = {"modelVersion": model, "responseId": uuid.uuid4().hex, "usageMetadata": _usage(prompt_tokens, 0)}
    match directions.outcome:
        case Blocked():
            feedback = {"blockReason": "PROHIBITED_CONTENT", "blockReasonMessage": "The prompt was blocked by the safety filter."}
            return {"promptFeedback": feedback} | envelope
        case OperationError(message=message):
            raise errors.ApiError(500, "INTERNAL", message)
        case Empty():
            return {"candidates": [{"index": 0, "finishReason": "SAFETY"}]} | envelope
    text, finish_reason = _text(find_field(body, "generationConfig") or {}, prompt), "STOP"
    if directions.truncated:
        text, finish_reason = text[: len(text) // 2], "MAX_TOKENS"
    candidate = {"index": 0, "content": {"role": "model", "parts": [{"text": text}]}, "finishReason": finish_reason}
    usage = _usage(prompt_tokens, max(1, len(text) // CHARACTERS_OF_A_TOKEN))
    return {"candidates": [candidate]} | envelope | {"usageMetadata": usage}


def _text(configuration: Mapping[str, Any], prompt: str) -> str:
    if find_field(configuration, "responseMimeType") != "application/json":
        return enrich(prompt)
    schema = find_field(configuration, "responseSchema") or find_field(configuration, "responseJsonSchema")
    if schema is None:
        return json.dumps({"text": enrich(prompt)})
    if not isinstance(schema, Mapping):
        raise errors.invalid_argument("generationConfig.responseSchema", "must be an object.")
    try:
        return json.dumps(fill(schema, prompt), ensure_ascii=False)
    except SchemaError as error:
        raise errors.invalid_argument("generationConfig.responseSchema", f"{error}.") from error


def _contents(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    contents = body.get("contents")
    if isinstance(contents, Mapping):
        contents = [contents]
    if not isinstance(contents, list) or not contents or not all(isinstance(content, Mapping) for content in contents):
        raise errors.invalid_argument("contents", "must be a list with at least one content.")
    return contents


def _parts_of(content: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    parts = content.get("parts")
    parts = [parts] if isinstance(parts, Mapping) else parts
    if not isinstance(parts, list) or not parts or not all(isinstance(part, Mapping) for part in parts):
        raise errors.invalid_argument("contents.parts", "must include at least one part.")
    return parts


def _parts(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Every part that counts as input, the system's instruction included."""
    instruction = find_field(body, "systemInstruction")
    system = _parts_of(instruction) if isinstance(instruction, Mapping) else []
    return system + [part for content in _contents(body) for part in _parts_of(content)]


def _prompt(body: Mapping[str, Any]) -> str:
    """The text of the user's last turn."""
    turns = [content for content in _contents(body) if content.get("role", "user") == "user"]
    texts = [part["text"] for part in _parts_of(turns[-1]) if isinstance(part.get("text"), str)] if turns else []
    return "\n".join(texts)


def _tokens(part: Mapping[str, Any]) -> int:
    text = part.get("text")
    return max(1, len(text) // CHARACTERS_OF_A_TOKEN) if isinstance(text, str) else TOKENS_OF_A_PICTURE


def _usage(prompt_tokens: int, answer_tokens: int) -> dict[str, int]:
    return {
        "promptTokenCount": prompt_tokens,
        "candidatesTokenCount": answer_tokens,
        "totalTokenCount": prompt_tokens + answer_tokens,
    }
