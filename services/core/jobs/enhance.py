"""Prompt enhancement as a job: what came back goes beside the person's own words, never over them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from services.core.budgets import ledger
from services.core.jobs.admission import admit
from services.core.jobs.advance import record_creation, refresh_node
from services.core.jobs.model import Job
from services.core.jobs.repository import find_active_job
from services.core.jobs.states import JobState
from services.core.kit.errors import Invalid
from services.core.kit.ids import new_id
from services.core.projects import events
from services.core.projects.model import Node
from services.core.projects.node_types import EnhancedPrompt, PromptConfig, parse_config
from services.core.projects.repository import get_node, get_project
from services.core.prompts.enhancement import Enhancement, EnhancementRequest, cache_key, check
from services.core.video.catalogue import PROMPT_MODEL


def start_enhancement(session: Session, *, project_id: UUID, node_id: UUID, user_id: UUID, now: datetime) -> Job:
    """Queue the enhancement of a prompt node's text; one already under way for the same text is returned instead."""
    project = get_project(session, project_id, lock=True)
    node = get_node(session, project_id, node_id)
    config = parse_config(node.type, node.config)
    if not isinstance(config, PromptConfig):
        raise Invalid(
            "not_a_prompt_node", f"{node.title!r} is of the type {node.type}; only prompts are enhanced.", "Choose a prompt node."
        )
    request = EnhancementRequest(idea=config.text)
    check(request)
    key = cache_key(request)
    running = find_active_job(session, node_id, key)
    if running is not None:
        return running
    price = PROMPT_MODEL.ceiling_microusd
    ledger.check_limit(session, project_id, limit_microusd=project.spending_limit_microusd, estimate_microusd=price)
    job = Job(
        id=new_id(),
        project_id=project_id,
        node_id=node_id,
        user_id=user_id,
        kind="enhance",
        state=JobState.QUEUED,
        version=1,
        model=PROMPT_MODEL.id,
        request=request.model_dump(mode="json"),
        cache_key=key,
        cost_microusd=price,
        queued_at=now,
        outputs=[],
        created_at=now,
    )
    session.add(job)
    record_creation(session, job, now=now)
    refresh_node(session, node_id, now=now)
    admit(session, job.model, now=now)
    return job


def record_enhancement(session: Session, job: Job, enhancement: Enhancement, *, now: datetime) -> None:
    """Put the result beside the text it was made of, and choose it unless the person has changed the text since."""
    node = session.get_one(Node, job.node_id, with_for_update=True)
    config = parse_config(node.type, node.config)
    assert isinstance(config, PromptConfig)
    enhanced = EnhancedPrompt(
        of_text=job.request["idea"],
        enhanced_prompt=enhancement.enhanced_prompt,
        negative_prompt=enhancement.negative_prompt,
        shot_notes=list(enhancement.shot_notes),
    )
    use = "enhanced" if config.text == enhanced.of_text else config.use
    changed = {"enhanced": enhanced.model_dump(mode="json"), "use": use}
    node.config = {**node.config, **changed}
    node.version += 1
    session.flush()
    payload = {"node_id": str(node.id), "config": changed, "version": node.version}
    events.append(session, job.project_id, "node.updated", payload, at=now, actor_id=None)
