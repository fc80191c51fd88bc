"""What the stand-in refuses, with the status and the sentence a Qdrant server answers with."""

from collections.abc import Iterator
from contextlib import contextmanager


class QdrantError(Exception):
    """An answer other than success; `status` is the HTTP status."""

    status = 500

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class WrongInput(QdrantError):
    """The request is well-formed JSON and still cannot be served."""

    status = 400

    def __init__(self, message: str) -> None:
        super().__init__(f"Wrong input: {message}")


class MalformedBody(QdrantError):
    """The body is not the JSON that this endpoint takes."""

    status = 400

    def __init__(self, message: str) -> None:
        super().__init__(f"Format error in JSON body: {message}")


class CollectionMissing(QdrantError):
    """No collection of that name exists."""

    status = 404

    def __init__(self, collection: str) -> None:
        super().__init__(f"Not found: Collection `{collection}` doesn't exist!")


class CollectionExists(QdrantError):
    """A collection of that name exists already."""

    status = 409

    def __init__(self, collection: str) -> None:
        super().__init__(f"Wrong input: Collection `{collection}` already exists!")


class PointMissing(QdrantError):
    """An update named a point that is not stored."""

    status = 404

    def __init__(self, message: str) -> None:
        super().__init__(f"Not found: {message}")


class InternalError(QdrantError):
    """The engine failed in a way that no request should cause."""

    def __init__(self, message: str) -> None:
        super().__init__(f"Service internal error: {message}")


@contextmanager
def engine_errors(collection: str) -> Iterator[None]:
    """Translate what qdrant-edge raises: a bare `Exception` whose text is the only thing to tell causes apart by."""
    try:
        yield
    except QdrantError:
        raise
    except (TypeError, ValueError, OverflowError) as error:
        raise MalformedBody(str(error)) from error
    except Exception as error:
        message = str(error)
        if "Shard is not initialized" in message:  # deleted while this request was on its way
            raise CollectionMissing(collection) from error
        if message.startswith("No point with id"):
            raise PointMissing(message) from error
        if "dimension error" in message or "vector name error" in message or "Validation" in message:
            raise WrongInput(message) from error
        raise InternalError(message) from error
