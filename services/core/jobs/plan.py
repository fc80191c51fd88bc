"""What a run would do: which clips exist already, which are under way, which have to be paid for, and in what order.

Reads the database, changes nothing; the estimate on the run button and the run itself are the same plan.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

from sqlalchemy.orm import Session

from services.core.assets.model import Asset
from services.core.assets.service import get_asset
from services.core.characters.service import reference_assets
from services.core.jobs.model import Take
from services.core.jobs.repository import find_active_job, find_take, get_take
from services.core.kit.errors import Conflict, Invalid, Problem
from services.core.kit.ids import new_id
from services.core.projects.graph import Graph, GraphNode
from services.core.projects.node_types import ImageConfig, PromptConfig, VideoConfig
from services.core.video.catalogue import DEFAULT_MODEL, find_model, limits_of
from services.core.video.request import (
    ExtendVideo,
    FramesToVideo,
    ImageToVideo,
    MediaInput,
    ReferencesToVideo,
    TextToVideo,
    VideoRequest,
    cache_key,
    price_microusd,
)
from services.core.video.rules import check

Scope = Literal["node", "from", "all"]


@dataclass(frozen=True, slots=True)
class ParentTake:
    """A clip that exists."""

    take_id: UUID
    sha256: str
    hop: int
    aspect_ratio: str


@dataclass(frozen=True, slots=True)
class ParentJob:
    """A clip that a job is making or will make."""

    job_id: UUID
    hop: int
    aspect_ratio: str


Parent = ParentTake | ParentJob


@dataclass(frozen=True, slots=True)
class Step:
    """One clip of one node. Exactly one of: done before (`take_id`), under way (`attached_job_id`), or new work (`job_id`)."""

    node_id: UUID
    kind: Literal["generate", "extend"]
    hop: int
    """Within the node: 0 for its first clip."""
    hops: int
    request: VideoRequest
    key: str
    """The cache key; while the parent is still being made, a key of the same work on that job."""
    parent: Parent | None
    take_id: UUID | None = None
    attached_job_id: UUID | None = None
    job_id: UUID | None = None

    @property
    def cost_microusd(self) -> int:
        """What this step newly costs."""
        return price_microusd(self.request) if self.job_id else 0

    @property
    def seconds(self) -> int:
        """How long this step usually takes from now."""
        return 0 if self.take_id else limits_of(self.request.model).expected_seconds


@dataclass(frozen=True)
class Plan:
    """All steps in the order of work."""

    steps: tuple[Step, ...]
    aliases: dict[str, str] = field(default_factory=dict)
    """Model names that were given and stand for others, so that the answer can say so."""

    @property
    def cost_microusd(self) -> int:
        """What the run may newly cost."""
        return sum(step.cost_microusd for step in self.steps)

    @property
    def expected_seconds(self) -> int:
        """The longest chain of steps that wait for each other; chains run side by side."""
        done: dict[UUID | None, int] = {}
        longest = 0
        for step in self.steps:
            before = done.get(step.parent.job_id, 0) if isinstance(step.parent, ParentJob) else 0
            total = before + step.seconds
            done[step.job_id or step.attached_job_id] = total
            longest = max(longest, total)
        return longest


class Planner:
    """Plans one run over a frozen graph."""

    def __init__(self, session: Session, project_id: UUID, graph: Graph, *, forced: bool) -> None:
        self._session = session
        self._project_id = project_id
        self._graph = graph
        self._forced = forced
        self._asked: set[UUID] = set()
        self._steps: list[Step] = []
        self._ends: dict[UUID, Parent] = {}
        self._aliases: dict[str, str] = {}

    def plan(self, scope: Scope, node_id: UUID | None) -> Plan:
        """Plan a node, a node with all that follows from it, or everything. Raises Problem, naming the node that is not ready."""
        self._asked = self._targets(scope, node_id)
        for node in self._graph.in_order(self._asked):
            self._plan_node(node)
        return Plan(tuple(self._steps), self._aliases)

    def _targets(self, scope: Scope, node_id: UUID | None) -> set[UUID]:
        if scope == "all":
            wanted = set(self._graph.nodes)
        else:
            if node_id is None:
                raise Invalid("node_id_missing", f"A run of scope {scope!r} needs a node.", "Send node_id, or run all.", field="node_id")
            node = self._graph.node(node_id)
            wanted = {node.id} | (self._graph.descendants(node.id) if scope == "from" else set())
            if scope == "node" and node.type != "video":
                raise Invalid(
                    "nothing_to_run", f"{node.title!r} is of the type {node.type}; there is nothing to render.", "Run a video node."
                )
        videos = {id_ for id_ in wanted if self._graph.nodes[id_].type == "video"}
        if not videos:
            raise Invalid("nothing_to_run", "There is no video node to run.", "Add a video node and connect a prompt or a picture.")
        return videos

    def _plan_node(self, node: GraphNode) -> Parent:
        if node.id in self._ends:
            return self._ends[node.id]
        config = node.config
        assert isinstance(config, VideoConfig)
        try:
            end = self._plan_clips(node, config)
        except Problem as problem:
            # The node is part of what went wrong: in a run of forty nodes a person must know which.
            problem.facts.setdefault("node_id", str(node.id))
            problem.facts.setdefault("node_title", node.title)
            raise
        self._ends[node.id] = end
        return end

    def _plan_clips(self, node: GraphNode, config: VideoConfig) -> Parent:
        sources = self._graph.sources(node.id, "video")
        before = self._upstream_end(sources[0]) if sources else None
        hops = len(config.extensions)
        first = self._extension(node, config, before, None) if before else self._first_clip(node, config)
        if hops and not isinstance(first, ExtendVideo):
            _check_can_be_extended(first)
        # All requests are checked before any is planned: the 21st extension is refused although the first twenty would do.
        start = before.hop if before else -1
        for number in range(1, hops + 1):
            check(self._extend_request(node, config, start + 1 + number, config.extensions[number - 1].prompt))
        end = self._add(node, "extend" if before else "generate", 0, hops, first, before)
        for number, extension in enumerate(config.extensions, start=1):
            end = self._add(node, "extend", number, hops, self._extension(node, config, end, extension.prompt), end)
        return end

    def _upstream_end(self, source: GraphNode) -> Parent:
        """The clip that a wired video node gives: what this run makes of it, what was chosen, or what has to be made first."""
        if source.id not in self._asked and source.selected_take_id is not None:
            return self._as_parent(*get_take(self._session, source.selected_take_id))
        return self._plan_node(source)

    def _as_parent(self, take: Take, asset: Asset) -> ParentTake:
        assert asset.sha256 is not None
        portrait = (asset.height or 0) > (asset.width or 0)
        return ParentTake(take.id, asset.sha256, take.hop, "9:16" if portrait else "16:9")

    def _add(
        self,
        node: GraphNode,
        kind: Literal["generate", "extend"],
        hop: int,
        hops: int,
        request: VideoRequest,
        parent: Parent | None,
    ) -> Parent:
        match parent:
            case ParentTake(sha256=sha256):
                key = cache_key(request, parent_sha256=sha256)
            case ParentJob(job_id=job_id):
                key = cache_key(request, parent_sha256=waiting_key(job_id))
            case None:
                key = cache_key(request)
        chain_hop = 0 if parent is None else parent.hop + 1
        made = self._find_made(node, key, parent)
        if made is not None:
            self._steps.append(Step(node.id, kind, hop, hops, request, key, parent, take_id=made.take_id))
            return made
        active = find_active_job(self._session, node.id, key)
        job_id = active.id if active else new_id()
        new = None if active else job_id
        attached = job_id if active else None
        self._steps.append(Step(node.id, kind, hop, hops, request, key, parent, attached_job_id=attached, job_id=new))
        return ParentJob(job_id, chain_hop, request.aspect_ratio)

    def _find_made(self, node: GraphNode, key: str, parent: Parent | None) -> ParentTake | None:
        if isinstance(parent, ParentJob) or (self._forced and node.id in self._asked):
            return None
        found = find_take(self._session, node.id, key, preferred=node.selected_take_id)
        return self._as_parent(*found) if found else None

    def _first_clip(self, node: GraphNode, config: VideoConfig) -> VideoRequest:
        images = self._graph.sources(node.id, "image")
        lasts = self._graph.sources(node.id, "last_frame")
        references = self._graph.sources(node.id, "references")
        common = self._common(node, config)
        duration = config.duration_seconds
        if references and (images or lasts):
            raise Invalid(
                "references_exclude_frames",
                f"{node.title!r} has references and a first or last frame; the model takes one or the other.",
                "Disconnect the references, or the frames.",
            )
        if lasts and not images:
            raise Invalid(
                "first_frame_missing", f"{node.title!r} has a last frame but no first frame.", "Connect a picture to First frame."
            )
        request: VideoRequest
        if references:
            request = ReferencesToVideo(**common, duration_seconds=duration, references=self._references(references, config))
        elif lasts:
            request = FramesToVideo(**common, duration_seconds=duration, image=self._picture(images[0]), last_frame=self._picture(lasts[0]))
        elif images:
            request = ImageToVideo(**common, duration_seconds=duration, image=self._picture(images[0]))
        else:
            request = TextToVideo(**common, duration_seconds=duration)
        check(request)
        return request

    def _common(self, node: GraphNode, config: VideoConfig) -> dict[str, object]:
        resolved = find_model(config.model or DEFAULT_MODEL)
        if resolved.alias:
            self._aliases[resolved.alias] = resolved.model.id
        prompt, negative = self._words(node, config)
        return {
            "model": resolved.model.id,
            "prompt": prompt,
            "negative_prompt": negative,
            "resolution": config.resolution,
            "aspect_ratio": config.aspect_ratio,
            "samples": config.samples,
            "seed": config.seed,
            "generate_audio": config.generate_audio,
            "person_generation": config.person_generation,
        }

    def _words(self, node: GraphNode, config: VideoConfig) -> tuple[str, str | None]:
        """The prompt and the negative prompt: what is wired wins over what is typed into the video node."""
        for source in self._graph.sources(node.id, "prompt"):
            assert isinstance(source.config, PromptConfig)
            enhanced = source.config.enhanced if source.config.use == "enhanced" else None
            negative = config.negative_prompt or (enhanced.negative_prompt if enhanced else None) or None
            return source.config.chosen_text(), negative
        return config.prompt, config.negative_prompt

    def _extension(self, node: GraphNode, config: VideoConfig, parent: Parent, prompt: str | None) -> ExtendVideo:
        request = self._extend_request(node, config, parent.hop + 1, prompt)
        if request.aspect_ratio != parent.aspect_ratio:
            raise Invalid(
                "extension_aspect_ratio",
                f"The video to extend is {parent.aspect_ratio}, but {node.title!r} is set to {request.aspect_ratio}.",
                f"Set the aspect ratio to {parent.aspect_ratio}.",
                field="aspect_ratio",
            )
        check(request)
        return request

    def _extend_request(self, node: GraphNode, config: VideoConfig, hop: int, prompt: str | None) -> ExtendVideo:
        common = self._common(node, config) | {"samples": 1}
        if prompt and prompt.strip():
            common["prompt"] = prompt
        return ExtendVideo(**common, hop=max(1, hop))

    def _picture(self, node: GraphNode) -> MediaInput:
        assert isinstance(node.config, ImageConfig)
        if node.config.asset_id is None:
            raise Conflict(
                "picture_missing", f"{node.title!r} has no picture yet.", "Upload one, or disconnect it.", input_node_id=str(node.id)
            )
        asset = get_asset(self._session, node.config.asset_id, project_id=self._project_id)
        if asset.state != "ready":
            what = "is still being inspected" if asset.state == "pending" else "could not be used"
            raise Conflict(
                "picture_not_ready",
                f"The picture of {node.title!r} {what}.",
                "Wait until it is there, or upload another.",
                input_node_id=str(node.id),
            )
        return media_input(asset)

    def _references(self, nodes: Iterable[GraphNode], config: VideoConfig) -> tuple[MediaInput, ...]:
        """The wired pictures, then more pictures of the same characters as far as the model takes them."""
        pictures = [self._picture(node) for node in nodes]
        room = find_model(config.model or DEFAULT_MODEL).model.max_references
        for picture in tuple(pictures):
            for asset in reference_assets(self._session, picture.asset_id):
                if len(pictures) < room and all(known.sha256 != asset.sha256 for known in pictures):
                    pictures.append(media_input(asset))
        return tuple(pictures)


def _check_can_be_extended(first: VideoRequest) -> None:
    if first.resolution != "720p":
        raise Invalid(
            "extension_needs_720p",
            f"A {first.resolution} video cannot be extended; extensions are 720p.",
            "Set the resolution to 720p, or remove the extensions.",
            field="resolution",
        )


def waiting_key(job_id: UUID) -> str:
    """Stands, in the key of an extension, for the bytes of the video that a job is still making."""
    return f"job:{job_id}"


def media_input(asset: Asset) -> MediaInput:
    """A ready file as an input of a request."""
    assert asset.bucket
    assert asset.object_name
    assert asset.sha256
    return MediaInput(
        asset_id=asset.id,
        bucket=asset.bucket,
        object_name=asset.object_name,
        content_type=asset.content_type,
        sha256=asset.sha256,
    )
