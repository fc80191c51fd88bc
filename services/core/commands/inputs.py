"""Inputs of a command put in place of what nodes hold, for one run: the project stays as it is. Pure."""

from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

from services.core.commands.message import BadCommand, NodeInput
from services.core.projects.graph import Graph, GraphNode
from services.core.projects.node_types import AnyConfig, ImageConfig, PromptConfig, VideoConfig


def with_inputs(graph: Graph, inputs: Mapping[UUID, NodeInput]) -> Graph:
    """The graph in which nodes hold `inputs`. Raises BadCommand for a node that is not there or takes no such input."""
    nodes = dict(graph.nodes)
    for node_id, given in inputs.items():
        if node_id not in nodes:
            raise unknown_node(node_id)
        nodes[node_id] = replace(nodes[node_id], config=_config(graph, nodes[node_id], given))
    return Graph(nodes, graph.wires)


def unknown_node(node_id: UUID) -> BadCommand:
    """The command names a node that its project does not have."""
    return BadCommand(
        "node_not_found",
        f"There is no node {node_id} in the project.",
        "Look up the node's id; it may have been deleted.",
        node_id=str(node_id),
    )


def _config(graph: Graph, node: GraphNode, given: NodeInput) -> AnyConfig:
    match node.config:
        case PromptConfig() if given.text is not None:
            # What was enhanced was another text.
            return node.config.model_copy(update={"text": given.text, "use": "text"})
        case ImageConfig() if given.asset_id is not None:
            return node.config.model_copy(update={"asset_id": given.asset_id})
        case VideoConfig() if given.prompt is not None and not graph.sources(node.id, "prompt"):
            return node.config.model_copy(update={"prompt": given.prompt})
        case VideoConfig() if given.prompt is not None:
            message, advice = "takes its words from a prompt node", "Give the text of that prompt node instead."
        case _:
            (name,) = given.model_dump(exclude_none=True)
            message = f"is of the type {node.type} and takes no {name}"
            advice = "Prompt nodes take text, image nodes asset_id, video nodes prompt."
    raise BadCommand("input_unsuitable", f"{node.title!r} {message}.", advice, node_id=str(node.id))
