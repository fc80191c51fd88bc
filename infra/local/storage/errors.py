"""The one error of the stand-in, and the two forms in which Cloud Storage tells it: JSON and XML."""

from collections.abc import Mapping
from xml.sax.saxutils import escape

from starlette.responses import JSONResponse, Response

# google.rpc.Code by HTTP status, for the "status" field of JSON errors.
RPC_STATUS = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    405: "INVALID_ARGUMENT",
    409: "ALREADY_EXISTS",
    410: "NOT_FOUND",
    412: "FAILED_PRECONDITION",
    416: "OUT_OF_RANGE",
    499: "CANCELLED",
    501: "UNIMPLEMENTED",
    503: "UNAVAILABLE",
}


class StorageError(Exception):
    """A refusal with its HTTP status, the JSON API's `reason`, the XML API's `Code`, and the sentence a person reads."""

    def __init__(self, status: int, reason: str, xml_code: str, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.reason = reason
        self.xml_code = xml_code
        self.message = message
        self.headers = dict(headers or {})

    def as_json(self) -> Response:
        """Return `{"error": {"code", "message", "status", "errors"}}`; a 304 has no body."""
        if self.status == 304:
            return Response(status_code=304, headers=self.headers)
        error = {
            "code": self.status,
            "message": self.message,
            "status": RPC_STATUS.get(self.status, "UNKNOWN"),
            "errors": [{"message": self.message, "domain": "global", "reason": self.reason}],
        }
        return JSONResponse({"error": error}, status_code=self.status, headers=self.headers)

    def as_xml(self) -> Response:
        """Return `<Error><Code/><Message/><Details/></Error>`; a 304 has no body."""
        if self.status == 304:
            return Response(status_code=304, headers=self.headers)
        body = (
            "<?xml version='1.0' encoding='UTF-8'?>"
            f"<Error><Code>{self.xml_code}</Code><Message>{escape(self.message)}</Message><Details>{escape(self.message)}</Details></Error>"
        )
        return Response(body, status_code=self.status, headers=self.headers, media_type="application/xml")


def invalid(message: str) -> StorageError:
    """400: the request itself is wrong."""
    return StorageError(400, "invalid", "InvalidArgument", message)


def unauthenticated() -> StorageError:
    """401: no bearer token, or one that this identity did not sign."""
    message = "Anonymous caller, or a token that is expired or foreign. Send a bearer token of the stack's service account."
    return StorageError(401, "required", "AuthenticationRequired", message, {"WWW-Authenticate": "Bearer"})


def no_such_bucket(bucket: str) -> StorageError:
    """404 for a bucket."""
    return StorageError(404, "notFound", "NoSuchBucket", f"The specified bucket does not exist: {bucket}")


def no_such_object(bucket: str, name: str) -> StorageError:
    """404 for an object, or for a generation of it that is not the live one."""
    return StorageError(404, "notFound", "NoSuchKey", f"No such object: {bucket}/{name}")


def precondition_failed() -> StorageError:
    """412 in the words of the service."""
    return StorageError(412, "conditionNotMet", "PreconditionFailed", "At least one of the pre-conditions you specified did not hold.")


def not_modified() -> StorageError:
    """304: a read whose caller already has this version."""
    return StorageError(304, "notModified", "NotModified", "Not modified")
