"""One call to Google's model API, made exactly once: the client, and what a call that failed means for the money.

Imports google-genai, which takes over a second: drivers import this module on their first call.
"""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import httpx
from google import genai
from google.auth.exceptions import GoogleAuthError, TransportError
from google.genai import errors, types

from services.core.video.outcomes import BlockedAtSubmit, CallFailure, NotSent, Rejected, Unknown
from services.core.video.safety import is_refusal, parse_reasons

if TYPE_CHECKING:
    from google.auth.credentials import Credentials

# HTTP answers given before any work begins. Every other code that is not 429 (5xx, 408, 409, 499, redirects) leaves open whether it did.
_REFUSALS = frozenset({400, 401, 403, 404, 405, 413, 415, 422})
_OPERATOR = frozenset({401, 403, 404, 405})
_ADVICE = {
    401: "An operator must check the service account the worker runs as: the provider did not accept its credentials.",
    403: "An operator must enable the Vertex AI API in the project and give the worker's service account the role roles/aiplatform.user.",
    404: "Choose another model; or an operator checks that the project may use this one in its region.",
    405: "An operator must check the endpoint that is set for the provider.",
    413: "Use smaller pictures or a shorter prompt.",
}
_ADVICE_ON_REQUEST = "Change the request as the message says, then run it again."

_Answer = TypeVar("_Answer")


class GoogleModels:
    """A client of one project and location, or of the Developer API where `api_key` is given.

    It brings its own HTTP transport, because what an error means depends on it: no redirects (a POST would be sent twice), no connection
    that was idle (its silent end looks like a lost reply), no retries, and exceptions of httpx whatever google-genai would choose.
    """

    def __init__(
        self,
        *,
        project: str,
        location: str,
        credentials: "Credentials | None" = None,
        endpoint: str | None = None,
        api_key: str | None = None,
    ) -> None:
        """Nothing is sent yet. `credentials` carry the cloud-platform scope; `endpoint` replaces Google's address."""
        self._http = httpx.Client(follow_redirects=False, limits=httpx.Limits(max_keepalive_connections=0))
        options = types.HttpOptions(
            base_url=endpoint,
            # Of the Developer API, v1 once refused systemInstruction and responseSchema; v1beta takes all we send.
            api_version="v1beta1" if api_key is None else "v1beta",
            httpx_client=self._http,
            retry_options=types.HttpRetryOptions(attempts=1),
        )
        # The reference is kept: a client that nobody holds is closed by the collector.
        if api_key is None:
            self.client = genai.Client(vertexai=True, project=project, location=location, credentials=credentials, http_options=options)
        else:
            self.client = genai.Client(vertexai=False, api_key=api_key, http_options=options)

    def close(self) -> None:
        """Give the connections back."""
        self.client.close()
        self._http.close()

    def start_videos(
        self, model: str, source: types.GenerateVideosSource, config: types.GenerateVideosConfig, timeout_seconds: float
    ) -> types.GenerateVideosOperation | CallFailure:
        """Start a render. A failure says whether it may have started."""
        config = config.model_copy(update={"http_options": _within(timeout_seconds)})
        return _once(lambda: self.client.models.generate_videos(model=model, source=source, config=config))

    def fetch_videos(self, operation_name: str, timeout_seconds: float) -> types.GenerateVideosOperation | CallFailure:
        """The present state of a render."""
        operation = types.GenerateVideosOperation.model_validate({"name": operation_name})
        config = types.GetOperationConfig(http_options=_within(timeout_seconds))
        return _once(lambda: self.client.operations.get(operation, config=config))

    def generate_text(
        self, model: str, contents: str, config: types.GenerateContentConfig, timeout_seconds: float
    ) -> types.GenerateContentResponse | CallFailure:
        """An answer in words."""
        config = config.model_copy(update={"http_options": _within(timeout_seconds)})
        return _once(lambda: self.client.models.generate_content(model=model, contents=contents, config=config))


def _within(timeout_seconds: float) -> types.HttpOptions:
    return types.HttpOptions(timeout=int(timeout_seconds * 1000))


def _once(call: Callable[[], _Answer]) -> _Answer | CallFailure:
    try:
        return call()
    except errors.APIError as error:
        return _refused_or_unknown(error)
    except GoogleAuthError as error:
        return _no_token(error)
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout):
        # No connection, so not one byte of the request left: a refused or unanswered port, an unknown name, a failed TLS handshake.
        return NotSent("refused")
    except httpx.HTTPError as error:
        return Unknown(f"The connection failed after the request began to be sent ({type(error).__name__}).")
    except ValueError as error:
        # The answer came and could not be read: broken JSON, or fields of other types than documented.
        return Unknown(f"The provider's answer could not be read ({type(error).__name__}).")


def _refused_or_unknown(error: errors.APIError) -> CallFailure:
    if error.code == 429:
        return NotSent("quota", retry_after_seconds(error))
    if error.code not in _REFUSALS:
        return Unknown(f"The provider answered HTTP {error.code} {error.status or ''}".rstrip() + ".")
    message = error.message or f"The provider answered HTTP {error.code}."
    if is_refusal(message):
        return BlockedAtSubmit(parse_reasons([message]))
    return Rejected(
        code=(error.status or f"http_{error.code}").lower().replace(" ", "_"),
        message=message,
        advice=_ADVICE.get(error.code, _ADVICE_ON_REQUEST),
        category="operator" if error.code in _OPERATOR else "request",
    )


def _no_token(error: GoogleAuthError) -> NotSent | Rejected:
    """The access token is fetched before the request, so whatever fails there, the request was not sent."""
    if error.retryable or isinstance(error, TransportError) or isinstance(error.__cause__, TransportError):
        return NotSent("refused")
    return Rejected(
        code="credentials_refused",
        message="The service could not get an access token for the provider.",
        advice=_ADVICE[401],
        category="operator",
    )


def retry_after_seconds(error: errors.APIError) -> float | None:
    """The wait that a 429 asks for: google.rpc.RetryInfo, else the Retry-After header, else None. google-genai reads neither."""
    document = error.details if isinstance(error.details, dict) else {}
    inner = document.get("error")
    details = inner.get("details") if isinstance(inner, dict) else None
    for detail in details if isinstance(details, list) else []:
        delay = detail.get("retryDelay") if isinstance(detail, dict) else None
        if isinstance(delay, str) and re.fullmatch(r"\d+(\.\d+)?s", delay):
            return float(delay[:-1])
    headers = getattr(error.response, "headers", None)
    header = headers.get("retry-after") if headers is not None else None
    return float(header) if header and re.fullmatch(r"\d+(\.\d+)?", header) else None
