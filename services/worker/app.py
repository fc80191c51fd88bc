"""The worker: what Cloud Tasks, Cloud Scheduler and the functions call. Private; every call carries an OIDC token.

"Not yet" and "not any more" are 200: a task that asks for nothing must not come back, and 429 or 503 would slow the whole
queue. Only what failed answers 500, and comes again. What deletes for good first looks whether Postgres still knows the thing.
"""

from collections.abc import Callable
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, FastAPI, Header, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict
from sqlalchemy.exc import SQLAlchemyError
from starlette.middleware import Middleware

from services.core.accounts.service import delete_expired
from services.core.assets.service import get_asset, give_up_uploads, inspect_again, uploaded_object
from services.core.bootstrap import Container
from services.core.characters.analysis import FaceAnalyzed
from services.core.characters.model import Face
from services.core.commands.message import CommandRecord, read_command
from services.core.commands.service import carry_out
from services.core.exports import follow
from services.core.jobs import poll, settle, submit, sweep
from services.core.jobs.admission import admit
from services.core.kit.errors import NotFound, Unavailable
from services.core.kit.http_errors import Border, install_error_handlers
from services.core.kit.observed import Observed
from services.core.kit.telemetry import TRACERESPONSE
from services.core.outbox.rows import add_live_project
from services.core.projects.live import reproject
from services.core.projects.model import Project
from services.worker import diagnostics
from services.worker.oidc import verified_caller


class _Body(BaseModel):
    model_config = ConfigDict(extra="ignore")


class JobTask(_Body):
    """A job to look at."""

    job_id: UUID


class ModelTask(_Body):
    """A model whose queue to look at."""

    model: str


class ProjectTask(_Body):
    """A project to look at."""

    project_id: UUID


class AssetTask(_Body):
    """A file to look at."""

    asset_id: UUID


class FaceTask(_Body):
    """A face to forget."""

    face_id: UUID


class FinalizedObject(_Body):
    """An object that was just written."""

    bucket: str
    name: str
    generation: str


class ExportTask(_Body):
    """An export to look at."""

    export_id: UUID


class Done(BaseModel):
    """The task needs not come again. `result` is for logs and tests."""

    result: dict[str, Any] = {}


def container_of(request: Request) -> Container:
    """The container this process was started with."""
    container: Container = request.app.state.container
    return container


TheContainer = Annotated[Container, Depends(container_of)]


def is_redelivery(retries: Annotated[int, Header(alias="X-CloudTasks-TaskRetryCount")] = 0) -> bool:
    """Whether Cloud Tasks has delivered this very task before and got no 2xx."""
    return retries > 0


Redelivery = Annotated[bool, Depends(is_redelivery)]

tasks = APIRouter(prefix="/tasks", dependencies=[Depends(verified_caller)])
health = APIRouter()


def create_app(container: Container) -> FastAPI:
    """The worker over `container`."""
    middleware = [Middleware(Observed, flushes=True), Middleware(Border)]
    app = FastAPI(title="Reelgraph worker", openapi_url=None, docs_url=None, redoc_url=None, middleware=middleware)
    app.state.container = container
    app.include_router(health)
    app.include_router(tasks)
    app.include_router(diagnostics.router)
    install_error_handlers(app)
    app.add_exception_handler(NotFound, _answer_gone)
    return app


def _answer_gone(_request: Request, error: Exception) -> JSONResponse:
    """What the task names was deleted meanwhile: nothing is left to do, so it must not come again."""
    assert isinstance(error, NotFound)
    return JSONResponse({"result": {"gone": error.code}})


@health.get("/healthz")
def healthz() -> Done:
    """The process is up."""
    return Done()


@health.get("/readyz")
def readyz(container: TheContainer) -> Done:
    """The database answers."""
    try:
        container.database.is_ready()
    except SQLAlchemyError as error:
        raise Unavailable("database_unavailable", "The database does not answer.") from error
    return Done()


@tasks.post("/submit")
def submit_job(task: JobTask, container: TheContainer, redelivery: Redelivery) -> Done:
    """Send an admitted job to its provider."""
    submit.submit(container.tools, task.job_id, is_redelivery=redelivery)
    return Done()


@tasks.post("/poll")
def poll_job(task: JobTask, container: TheContainer) -> Done:
    """Ask how a job gets on, if it is due."""
    poll.poll(container.tools, task.job_id)
    return Done()


@tasks.post("/poll-now")
def poll_job_now(task: JobTask, container: TheContainer) -> Done:
    """Ask how a job gets on, due or not."""
    poll.poll_now(container.tools, task.job_id)
    return Done()


@tasks.post("/check")
def check_job(task: JobTask, container: TheContainer) -> Done:
    """Find out what became of a submit without an answer."""
    poll.look_for_lost(container.tools, task.job_id)
    return Done()


@tasks.post("/settle")
def settle_job(task: JobTask, container: TheContainer, redelivery: Redelivery) -> Done:
    """Make takes of what the provider wrote."""
    settle.settle(container.tools, task.job_id, is_redelivery=redelivery)
    return Done()


@tasks.post("/admit")
def admit_jobs(task: ModelTask, container: TheContainer) -> Done:
    """Admit queued jobs of a model."""
    with container.database.unit_of_work() as session:
        admitted = admit(session, task.model, now=container.clock())
    return Done(result={"admitted": admitted})


@tasks.post("/object-finalized")
def object_finalized(event: FinalizedObject, container: TheContainer, response: Response) -> Done:
    """An object appeared in the renders bucket. Its event knows no trace: the answer names that of its job."""
    if (traceparent := poll.object_finalized(container.tools, event.bucket, event.name)) is not None:
        response.headers[TRACERESPONSE] = traceparent
    return Done()


@tasks.post("/face-analyzed")
def face_analyzed(message: FaceAnalyzed, container: TheContainer) -> Done:
    """The face function inspected an upload."""
    return Done(result={"recorded": container.characters.record_analysis(message)})


@tasks.post("/command")
def carry_out_command(record: CommandRecord, container: TheContainer) -> Done:
    """A command came by the topic. 422, with the reason, for one that nobody can carry out: it must not come again."""
    command = read_command(record)
    with container.database.unit_of_work() as session:
        answer = carry_out(session, command, now=container.clock())
    return Done(result={"type": answer.type, "rev": answer.rev, "detail": answer.detail})


@tasks.post("/index-faces")
def index_faces(task: AssetTask, container: TheContainer) -> Done:
    """Bring the faces of a picture to the index."""
    return Done(result={"indexed": container.characters.index_new_faces(asset_id=task.asset_id)})


@tasks.post("/forget-face")
def forget_face(task: FaceTask, container: TheContainer) -> Done:
    """Remove a deleted face from the index."""
    with container.database.unit_of_work() as session:
        if session.get(Face, task.face_id) is not None:
            return Done(result={"kept": str(task.face_id)})
    container.characters.forget_face(task.face_id)
    return Done()


@tasks.post("/forget-project")
def forget_project(task: ProjectTask, container: TheContainer) -> Done:
    """Remove what a deleted project left outside Postgres: its files and its faces in the index."""
    with container.database.unit_of_work() as session:
        if session.get(Project, task.project_id) is not None:
            return Done(result={"kept": str(task.project_id)})
    settings, store = container.settings, container.store
    for bucket in (settings.uploads_bucket, settings.media_bucket):
        for stored in store.list_under(bucket, f"{task.project_id}/"):
            store.delete(bucket, stored.name)
    container.characters.forget_project(task.project_id)
    return Done()


@tasks.post("/delete-original")
def delete_original(task: AssetTask, container: TheContainer) -> Done:
    """Delete an inspected upload from quarantine: as it came, it may say where it was taken."""
    with container.database.unit_of_work() as session:
        asset = get_asset(session, task.asset_id)
    if asset.state == "pending":
        return Done(result={"kept": str(task.asset_id)})
    container.store.delete(container.settings.uploads_bucket, uploaded_object(asset.project_id, asset.id))
    return Done()


@tasks.post("/inspect-again")
def inspect_upload_again(task: AssetTask, container: TheContainer) -> Done:
    """Have an upload inspected whose event was lost."""
    return Done(result={"asked": inspect_again(container.database, container.store, container.settings, task.asset_id)})


@tasks.post("/follow-export")
def follow_export(task: ExportTask, container: TheContainer) -> Done:
    """Do what is due for an export: start its execution, or see how that gets on."""
    follow.follow(container.export_tools, task.export_id)
    return Done()


@tasks.post("/stop-export")
def stop_export(task: ExportTask, container: TheContainer) -> Done:
    """End the execution of a cancelled export."""
    follow.stop(container.export_tools, task.export_id)
    return Done()


@tasks.post("/project-revision")
def project_revision(task: ProjectTask, container: TheContainer) -> Done:
    """Write the project's revision for its listeners, a second after the last one was written."""
    with container.database.unit_of_work() as session:
        add_live_project(session, task.project_id)
    return Done()


@tasks.post("/reproject")
def reproject_live(container: TheContainer) -> Done:
    """Write all live documents anew from Postgres: after Firestore lost them, or was restored."""
    return Done(result={"documents": reproject(container.database)})


@tasks.post("/sweep")
def sweep_all(container: TheContainer) -> Done:
    """Everything that is due and that nobody is at. One part that fails does not keep the others from running."""
    parts: dict[str, Callable[[], object]] = {
        "outbox": container.drain.deliver_due,
        "jobs": lambda: sweep.sweep_jobs(container.tools),
        "exports": lambda: follow.sweep_exports(container.export_tools),
        "faces": container.characters.index_new_faces,
        "uploads": lambda: give_up_uploads(container.database, now=container.clock()),
        "expired": lambda: _delete_expired(container),
    }
    return Done(result=sweep.run_all(parts))


def _delete_expired(container: Container) -> object:
    with container.database.unit_of_work() as session:
        return delete_expired(session, container.clock())
