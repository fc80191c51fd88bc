"""Gemini writes a prompt: one call with structured output, on Vertex AI or, with an API key, on the Developer API."""

import threading
from typing import TYPE_CHECKING

from pydantic import SecretStr, ValidationError

from services.core.prompts.enhancement import Answered, Enhancement, EnhancementOutcome, EnhancementRequest, instruction_for
from services.core.video.catalogue import PROMPT_MODEL
from services.core.video.outcomes import BlockedAtSubmit, NotSent, Rejected, Unknown
from services.core.video.safety import SafetyCategory, block_of

if TYPE_CHECKING:
    from google.auth.credentials import Credentials
    from google.genai import types

    from services.core.video.genai import GoogleModels

# https://docs.cloud.google.com/vertex-ai/generative-ai/docs/reference/rest/v1/GenerateContentResponse: BlockedReason and FinishReason
_REFUSED = {
    "SAFETY": SafetyCategory.OTHER,
    "BLOCKLIST": SafetyCategory.OTHER,
    "MODEL_ARMOR": SafetyCategory.OTHER,
    "JAILBREAK": SafetyCategory.OTHER,
    "SPII": SafetyCategory.OTHER,
    "RECITATION": SafetyCategory.THIRD_PARTY_CONTENT,
    "PROHIBITED_CONTENT": SafetyCategory.PROHIBITED,
}


class GeminiDriver:
    """Calls the prompt model. Safe to share between threads; connects on its first call.

    With `api_key` the Developer API is used, and project, location and credentials are not. `endpoint` replaces Google's address.
    """

    def __init__(
        self,
        project: str,
        location: str = PROMPT_MODEL.location,
        credentials: "Credentials | None" = None,
        endpoint: str | None = None,
        api_key: SecretStr | None = None,
    ) -> None:
        self._project = project
        self._location = location
        self._credentials = credentials
        self._endpoint = endpoint
        self._api_key = api_key
        self._lock = threading.Lock()
        self._google: GoogleModels | None = None

    def enhance(self, request: EnhancementRequest, *, timeout_seconds: float = 60.0) -> EnhancementOutcome:
        """Ask once for a better prompt. An answer that is cut off, or is no Enhancement, is a Rejected `answer_unreadable`.

        `timeout_seconds` bounds the connection and each wait for bytes.
        """
        from google.genai import types  # noqa: PLC0415 - cold start: google-genai takes over a second to import

        config = types.GenerateContentConfig(
            system_instruction=instruction_for(request),
            response_mime_type="application/json",
            response_schema=Enhancement,
            max_output_tokens=PROMPT_MODEL.max_output_tokens,
            thinking_config=types.ThinkingConfig(thinking_level=types.ThinkingLevel.LOW),
        )
        answer = self._connected().generate_text(PROMPT_MODEL.id, request.idea, config, timeout_seconds)
        match answer:
            case NotSent() | Rejected() | BlockedAtSubmit() | Unknown():
                return answer
            case response:
                return _read(response)

    def close(self) -> None:
        """Give the connections back; a later call opens new ones."""
        with self._lock:
            if self._google is not None:
                self._google.close()
                self._google = None

    def _connected(self) -> "GoogleModels":
        with self._lock:
            if self._google is None:
                from services.core.video.genai import GoogleModels  # noqa: PLC0415 - cold start: see `enhance`

                self._google = GoogleModels(
                    project=self._project,
                    location=self._location,
                    credentials=self._credentials,
                    endpoint=self._endpoint,
                    api_key=self._api_key.get_secret_value() if self._api_key else None,
                )
            return self._google


def _read(response: "types.GenerateContentResponse") -> Answered | BlockedAtSubmit | Rejected:
    feedback = response.prompt_feedback
    candidate = response.candidates[0] if response.candidates else None
    reason = (feedback.block_reason if feedback else None) or (candidate.finish_reason if candidate else None)
    if reason is not None and reason.value in _REFUSED:
        return BlockedAtSubmit(block_of(_REFUSED[reason.value]))
    parts = (candidate.content.parts if candidate and candidate.content else None) or []
    text = "".join(part.text for part in parts if part.text and not part.thought)
    try:
        return Answered(Enhancement.model_validate_json(text))
    except ValidationError:
        # Its words stay out of the message: they hold the prompt.
        return Rejected(
            code="answer_unreadable",
            message=f"The prompt model's answer could not be used (it ended with {reason.value if reason else 'nothing'}).",
            advice="Enhance again; if it goes on, shorten the idea.",
            category="request",
        )
