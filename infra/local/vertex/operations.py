"""Carries accepted operations to their end: render, wait if told to, write into the bucket, answer; and again after a restart."""

import asyncio
import base64
import shutil
import sys
import time
from pathlib import Path
from typing import Any, assert_never

from infra.local.vertex.ledger import Ledger, Operation
from infra.local.vertex.object_store import ObjectExistsError, ObjectMissingError, ObjectStore, ObjectUri, StoreUnavailableError
from infra.local.vertex.plan import Failure, Nothing, Videos
from infra.local.vertex.render.specification import RenderOrder
from infra.local.vertex.rendering import Renderer, RenderFailedError

RESPONSE_TYPE = "type.googleapis.com/cloud.ai.large_models.vision.GenerateVideoResponse"
STORE_RETRY_SECONDS = (0.2, 0.5, 1, 2, 5, 10, 10, 10, 10, 10)
INTERNAL, NOT_FOUND, UNAVAILABLE = 13, 5, 14  # google.rpc.Code


class _OperationFailed(Exception):
    """The operation ends in this error, and is not billed."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


class Operations:
    """The operations of one simulator; one task for each that is pending. Lives on one event loop."""

    def __init__(self, ledger: Ledger, store: ObjectStore, renderer: Renderer, directory: Path) -> None:
        self._ledger = ledger
        self._store = store
        self._renderer = renderer
        self._directory = directory
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._released: dict[str, asyncio.Event] = {}

    def resume(self) -> None:
        """Take up everything that was pending when the last process ended."""
        for operation in self._ledger.list_operations(pending_only=True):
            self.start(operation.name)

    def start(self, name: str) -> None:
        """Begin to work on a stored operation."""
        self._released[name] = asyncio.Event()
        task = asyncio.create_task(self._run(name))
        self._tasks[name] = task
        task.add_done_callback(lambda _: self._forget(name))

    def release(self, name: str | None) -> list[str]:
        """Let a held operation (None: all) come to its end; return the names."""
        released = self._ledger.release(name)
        for each in released:
            if each in self._released:
                self._released[each].set()
        return released

    async def stop(self) -> None:
        """Abandon the work; a restart takes it up again."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _forget(self, name: str) -> None:
        self._tasks.pop(name, None)
        self._released.pop(name, None)

    async def _run(self, name: str) -> None:
        operation = self._ledger.find_operation(name)
        if operation is None:
            raise LookupError(f"operation {name} is not stored")
        try:
            result = await self._carry_out(operation)
            refund = False
        except _OperationFailed as failure:
            result, refund = {"error": {"code": failure.code, "message": str(failure)}}, True
        except Exception as error:  # the border: whatever went wrong here must not leave the operation pending for ever
            print(f"vertex: operation {name} failed: {error!r}", file=sys.stderr)
            result, refund = {"error": {"code": INTERNAL, "message": "Internal error."}}, True
        self._ledger.finish(name, result, time.time(), refund=refund)
        if "files" not in result:
            await asyncio.to_thread(shutil.rmtree, self._folder(name), ignore_errors=True)

    async def _carry_out(self, operation: Operation) -> dict[str, Any]:
        ending = operation.plan.ending
        files = await self._render(operation.name, ending) if isinstance(ending, Videos) else []
        await self._wait_until_ready(operation)
        match ending:
            case Failure(code=code, message=message):
                return {"error": {"code": code, "message": message}}
            case Nothing(reasons=()):
                return {"response": {"@type": RESPONSE_TYPE}}
            case Nothing(reasons=reasons):
                return {"response": _response(reasons)}
            case Videos(reasons=reasons):
                if operation.plan.folder is None:
                    return {"response": _response(reasons), "files": [str(file) for file in files]}
                uris = [await self._write(file, ObjectUri.parse(operation.plan.folder)) for file in files]
                await asyncio.sleep(operation.plan.linger_seconds)
                return {"response": _response(reasons) | {"videos": [{"gcsUri": str(uri), "mimeType": "video/mp4"} for uri in uris]}}
            case unknown:
                assert_never(unknown)

    async def _render(self, name: str, ending: Videos) -> list[Path]:
        folder = self._folder(name)
        folder.mkdir(parents=True, exist_ok=True)
        files = [folder / f"sample_{number}.mp4" for number in ending.sample_numbers]
        order = RenderOrder(specifications=ending.specifications, outputs=tuple(files), crash=ending.crash)
        try:
            await self._renderer.render(order)
        except RenderFailedError as error:
            print(f"vertex: rendering of {name} failed: {error}", file=sys.stderr)
            raise _OperationFailed(INTERNAL, "Video generation failed. Please try again.") from error
        return files

    async def _wait_until_ready(self, operation: Operation) -> None:
        await asyncio.sleep(max(0.0, operation.ready_at - time.time()))
        if operation.held:
            current = self._ledger.find_operation(operation.name)  # it may have been released while it rendered
            if current is not None and current.held:
                await self._released[operation.name].wait()

    async def _write(self, file: Path, folder: ObjectUri) -> ObjectUri:
        uri = folder.child(file.name)
        for pause_seconds in (*STORE_RETRY_SECONDS, None):
            try:
                await asyncio.to_thread(self._store.create, uri, file, "video/mp4")
            except ObjectExistsError:
                return uri  # the folder is ours alone: we wrote it before a restart
            except ObjectMissingError as error:
                raise _OperationFailed(NOT_FOUND, f"The storage location gs://{uri.bucket} does not exist.") from error
            except StoreUnavailableError as error:
                if pause_seconds is None:
                    raise _OperationFailed(UNAVAILABLE, "The storage location could not be written.") from error
                await asyncio.sleep(pause_seconds)
            else:
                return uri
        raise AssertionError("the last attempt returns or raises")

    def _folder(self, name: str) -> Path:
        return self._directory / name.rpartition("/")[2]


def answer(operation: Operation) -> dict[str, Any]:
    """The body of fetchPredictOperation for a stored operation."""
    if operation.result is None:
        return {"name": operation.name}
    result = dict(operation.result)
    files = result.pop("files", None)
    if files is not None:
        videos = [{"bytesBase64Encoded": base64.b64encode(Path(file).read_bytes()).decode(), "mimeType": "video/mp4"} for file in files]
        result["response"] = result["response"] | {"videos": videos}
    return {"name": operation.name, "done": True, **result}


def _response(reasons: tuple[str, ...]) -> dict[str, Any]:
    response: dict[str, Any] = {"@type": RESPONSE_TYPE, "raiMediaFilteredCount": len(reasons)}
    return response | {"raiMediaFilteredReasons": list(reasons)} if reasons else response
