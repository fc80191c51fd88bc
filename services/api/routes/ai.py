"""/api/ai: what the models do: enhance a prompt, find a face, make a video, make it longer; and what it costs."""

from datetime import timedelta
from typing import Literal
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from services.api.answers import AssetAnswer, FaceAnswer, JobAnswer, RunAnswer
from services.api.dependencies import TheContainer, UnitOfWork
from services.api.idempotency import Idempotent
from services.api.visibility import CallerId, authorize_thing
from services.core.accounts.authorization import Action, authorize
from services.core.assets.model import Asset
from services.core.characters.service import list_faces, require_one_face
from services.core.jobs.enhance import start_enhancement
from services.core.jobs.plan import Plan, Step
from services.core.jobs.repository import list_steps
from services.core.jobs.runs import estimate, start_run
from services.core.kit.errors import Conflict, Invalid, NotFound
from services.core.outbox.rows import add_task
from services.core.projects.node_types import Hop, VideoConfig, parse_config
from services.core.projects.operations import UpdateNode, apply
from services.core.projects.repository import get_node, get_project
from services.core.video.catalogue import CATALOGUE_VERSION, DEFAULT_MODEL, list_models
from services.core.video.chain import MAXIMUM_HOPS

INSPECTION_TIME = timedelta(minutes=1)  # an inspection takes seconds, a cold start included; after this its event was lost

router = APIRouter(prefix="/api/ai", tags=["ai"])


class NodeOrder(BaseModel):
    """A node to work on."""

    model_config = ConfigDict(extra="forbid")
    project_id: UUID
    node_id: UUID


class GenerateOrder(NodeOrder):
    """A video node to render. `force` pays again for a clip that exists already."""

    force: bool = False


class ExtendOrder(NodeOrder):
    """A video node to make longer: one entry of `hops` for each extension of 7 seconds."""

    hops: list[Hop] = Field(min_length=1, max_length=100)


class AnalyzeOrder(BaseModel):
    """A picture in which to find a face."""

    model_config = ConfigDict(extra="forbid")
    asset_id: UUID


class EstimateOrder(BaseModel):
    """A run to estimate."""

    model_config = ConfigDict(extra="forbid")
    project_id: UUID
    scope: Literal["node", "from", "all"]
    node_id: UUID | None = None
    force: bool = False


class EstimateStep(BaseModel):
    """One clip: `exists` already, is `under_way`, or is `new` work that is paid for."""

    node_id: UUID
    hop: int
    kind: str
    model: str
    work: Literal["exists", "under_way", "new"]
    cost_microusd: int
    expected_seconds: int

    @classmethod
    def of(cls, step: Step) -> "EstimateStep":
        """The answer for a planned step."""
        work: Literal["exists", "under_way", "new"] = "exists" if step.take_id else "under_way" if step.attached_job_id else "new"
        return cls(
            node_id=step.node_id,
            hop=step.hop,
            kind=step.kind,
            model=step.request.model,
            work=work,
            cost_microusd=step.cost_microusd,
            expected_seconds=step.seconds,
        )


class EstimateAnswer(BaseModel):
    """What a run would do, cost at most, and take."""

    cost_microusd: int
    expected_seconds: int
    steps: list[EstimateStep]
    aliases: dict[str, str] = Field(description="Model names that stand for others, and which.")

    @classmethod
    def of(cls, plan: Plan) -> "EstimateAnswer":
        """The answer for a plan."""
        return cls(
            cost_microusd=plan.cost_microusd,
            expected_seconds=plan.expected_seconds,
            steps=[EstimateStep.of(step) for step in plan.steps],
            aliases=plan.aliases,
        )


class ModelAnswer(BaseModel):
    """A video model and all that it takes."""

    id: str
    name: str
    summary: str
    stage: str
    durations_seconds: list[int]
    resolutions: list[str]
    aspect_ratios: list[str]
    only_duration_seconds: dict[str, int] = Field(description="Resolutions that come in one duration alone.")
    max_samples: int
    max_references: int
    reference_duration_seconds: int
    references_portrait: bool
    can_extend: bool
    can_last_frame: bool
    price_microusd_per_second: dict[str, int]
    expected_seconds: int


class ModelsAnswer(BaseModel):
    """The catalogue."""

    version: str
    default: str
    max_extensions: int
    models: list[ModelAnswer]


class AnalysisAnswer(BaseModel):
    """The one good face of a picture."""

    asset: AssetAnswer
    face: FaceAnswer


@router.get("/models")
def list_video_models() -> ModelsAnswer:
    """The video models: what each can do and what it costs."""
    models = [
        ModelAnswer(
            id=model.id,
            name=model.name,
            summary=model.summary,
            stage=model.stage,
            durations_seconds=list(model.durations_seconds),
            resolutions=list(model.resolutions),
            aspect_ratios=list(model.aspect_ratios),
            only_duration_seconds=dict(model.only_duration_seconds),
            max_samples=model.max_samples,
            max_references=model.max_references,
            reference_duration_seconds=model.reference_duration_seconds,
            references_portrait=model.references_portrait,
            can_extend=model.can_extend,
            can_last_frame=model.can_last_frame,
            price_microusd_per_second=dict(model.price_microusd_per_second),
            expected_seconds=model.expected_seconds,
        )
        for model in list_models()
    ]
    return ModelsAnswer(version=CATALOGUE_VERSION, default=DEFAULT_MODEL, max_extensions=MAXIMUM_HOPS, models=models)


@router.post("/estimate")
def estimate_run(order: EstimateOrder, user_id: CallerId, session: UnitOfWork) -> EstimateAnswer:
    """Price and time of a run before it is started."""
    authorize(session, user_id, order.project_id, Action.VIEW_PROJECT)
    plan = estimate(session, order.project_id, scope=order.scope, node_id=order.node_id, forced=order.force)
    return EstimateAnswer.of(plan)


@router.post("/enhance-prompt", status_code=202, response_model=JobAnswer)
def enhance_prompt(order: NodeOrder, user_id: CallerId, session: UnitOfWork, container: TheContainer, once: Idempotent) -> Response:
    """Have Gemini enhance a prompt node's text. The result stands beside the text, which is kept; either can be used."""
    authorize(session, user_id, order.project_id, Action.RUN_WORK)

    def work() -> JobAnswer:
        job = start_enhancement(session, project_id=order.project_id, node_id=order.node_id, user_id=user_id, now=container.clock())
        return JobAnswer.of(job)

    return once.answer(202, work)


@router.post("/generate-video", status_code=202, response_model=RunAnswer)
def generate_video(order: GenerateOrder, user_id: CallerId, session: UnitOfWork, container: TheContainer, once: Idempotent) -> Response:
    """Render a video node from what is wired into it, extensions included."""
    authorize(session, user_id, order.project_id, Action.RUN_WORK)
    return once.answer(202, lambda: _run_node(session, container, order, user_id, forced=order.force))


@router.post("/extend-video", status_code=202, response_model=RunAnswer)
def extend_video(order: ExtendOrder, user_id: CallerId, session: UnitOfWork, container: TheContainer, once: Idempotent) -> Response:
    """Make a video longer by 7 seconds for each hop, 20 at most; what exists of it is not paid for again."""
    authorize(session, user_id, order.project_id, Action.RUN_WORK)

    def work() -> RunAnswer:
        get_project(session, order.project_id, lock=True)
        node = get_node(session, order.project_id, order.node_id)
        config = parse_config(node.type, node.config)
        if not isinstance(config, VideoConfig):
            raise Invalid("not_a_video_node", f"{node.title!r} is no video node; only videos are extended.", "Choose a video node.")
        hops = [hop.model_dump(mode="json") for hop in [*config.extensions, *order.hops]]
        change = UpdateNode(node_id=order.node_id, config={"extensions": hops})
        apply(session, order.project_id, change, actor_id=user_id, now=container.clock())
        return _run_node(session, container, order, user_id, forced=False)

    return once.answer(202, work)


def _run_node(session: UnitOfWork, container: TheContainer, order: NodeOrder, user_id: UUID, *, forced: bool) -> RunAnswer:
    run = start_run(
        session,
        project_id=order.project_id,
        user_id=user_id,
        scope="node",
        node_id=order.node_id,
        forced=forced,
        now=container.clock(),
    )
    return RunAnswer.of(run, list_steps(session, run.id))


@router.post("/analyze-face", responses={202: {"description": "It is still being inspected; ask again."}})
def analyze_face(
    order: AnalyzeOrder,
    user_id: CallerId,
    session: UnitOfWork,
    container: TheContainer,
    response: Response,
) -> AnalysisAnswer | AssetAnswer:
    """The one good face of a picture, or a problem: not an image, no face, several faces, a face too small.

    Uploads are inspected by themselves; a picture that still waits after a minute is inspected anew.
    """
    asset = session.get(Asset, order.asset_id)
    missing = NotFound("file_not_found", f"There is no file {order.asset_id}.", "It may have been deleted.")
    authorize_thing(session, user_id, asset.project_id if asset else None, Action.UPLOAD_FILE, missing)
    assert asset is not None
    if asset.kind != "image":
        raise Conflict("not_an_image", f"The file {asset.id} is a video.", "Choose a picture.")
    if asset.state == "pending":
        response.status_code = 202
        waited = container.clock() - asset.created_at
        if waited >= INSPECTION_TIME:
            # At most once a minute, however often people ask.
            name = f"inspect-again-{asset.id}-{waited // INSPECTION_TIME}"
            add_task(session, "/tasks/inspect-again", {"asset_id": str(asset.id)}, name=name)
        return AssetAnswer.of(asset, container.store)
    face = require_one_face(session, asset, list_faces(session, asset_id=asset.id))
    return AnalysisAnswer(asset=AssetAnswer.of(asset, container.store), face=FaceAnswer.of_all([face], session)[0])
