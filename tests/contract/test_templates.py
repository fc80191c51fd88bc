"""The templates that the studio offers: each is a workflow that this server takes, and settings that its models take."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from services.core.kit.ids import new_id
from services.core.projects.graph import Graph, GraphNode, Wire, check_graph
from services.core.projects.node_types import PromptConfig, VideoConfig, parse_config
from services.core.projects.workflow import VERSION, Workflow, parse_workflow
from services.core.video.catalogue import DEFAULT_MODEL
from services.core.video.request import ExtendVideo, MediaInput, ReferencesToVideo, TextToVideo, VideoRequest
from services.core.video.rules import problems

FOLDER = Path(__file__).resolve().parents[2] / "frontend/src/app/_projects/templates"
FILES = sorted(FOLDER.glob("*.json"))
TEMPLATES = pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)


def a_graph(workflow: Workflow) -> Graph:
    ids: dict[str, UUID] = {node.key: new_id() for node in workflow.nodes}
    nodes = [GraphNode(ids[node.key], node.type, node.title, parse_config(node.type, node.config)) for node in workflow.nodes]
    wires = [Wire(ids[wire.source], wire.source_port, ids[wire.target], wire.target_port) for wire in workflow.connections]
    return Graph({node.id: node for node in nodes}, tuple(wires))


def a_picture() -> MediaInput:
    return MediaInput(asset_id=new_id(), bucket="uploads", object_name="face.jpg", content_type="image/jpeg", sha256="0" * 64)


def requests_of(graph: Graph, node: GraphNode, config: VideoConfig) -> list[VideoRequest]:
    """What running a video node of a template asks for, once there are pictures on its picture nodes."""
    words = [source.config.chosen_text() for source in graph.sources(node.id, "prompt") if isinstance(source.config, PromptConfig)]
    shared: dict[str, Any] = {
        "model": config.model or DEFAULT_MODEL,
        "prompt": (words or [config.prompt])[0],
        "negative_prompt": config.negative_prompt,
        "resolution": config.resolution,
        "aspect_ratio": config.aspect_ratio,
        "samples": config.samples,
    }
    references = tuple(a_picture() for _ in graph.sources(node.id, "references"))
    first: VideoRequest = TextToVideo(**shared, duration_seconds=config.duration_seconds)
    if references:
        first = ReferencesToVideo(**shared, duration_seconds=config.duration_seconds, references=references)
    hops = [ExtendVideo(**{**shared, "prompt": hop.prompt or ""}, hop=number) for number, hop in enumerate(config.extensions, start=1)]
    return [first, *hops]


def test_there_are_templates() -> None:
    assert len(FILES) >= 3


@TEMPLATES
def test_a_template_is_a_workflow_whose_wires_fit(file: Path) -> None:
    document = json.loads(file.read_text())
    workflow = parse_workflow(document)

    assert document["version"] == VERSION  # an older one would be read, too, but what ships is of today
    check_graph(a_graph(workflow))
    assert all(node.title for node in workflow.nodes)


@TEMPLATES
def test_every_video_of_a_template_can_be_asked_for_as_it_is(file: Path) -> None:
    graph = a_graph(parse_workflow(json.loads(file.read_text())))

    requests = [
        request
        for node in graph.nodes.values()
        if isinstance(node.config, VideoConfig)
        for request in requests_of(graph, node, node.config)
    ]

    assert requests
    assert [problem for request in requests for problem in problems(request)] == []
    assert all(request.prompt for request in requests)
