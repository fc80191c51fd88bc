"""Brings a job of the stand-in in line with its description, by the client that Google Cloud is called with."""

from datetime import timedelta
from typing import Any

from google.api_core.exceptions import NotFound
from google.cloud import run_v2

from infra.model import Job

TIMEOUT_SECONDS = 10.0


def provision_job(job: Job, endpoint: str, location: str, credentials: Any) -> list[str]:
    """Create or change the job; return what was done, nothing where all was right.

    Its environment is the stand-in's own, which holds secrets that nobody shall find in a job's description.
    """
    client: Any = run_v2.JobsClient(transport="rest", credentials=credentials, client_options={"api_endpoint": endpoint})
    limits = {"cpu": str(job.cpu), "memory": f"{job.memory_mib}Mi"}
    container = run_v2.Container(image=job.image, command=list(job.command), resources=run_v2.ResourceRequirements(limits=limits))
    task = run_v2.TaskTemplate(containers=[container], max_retries=job.max_retries, timeout=timedelta(seconds=job.timeout_seconds))
    wanted = run_v2.Job(template=run_v2.ExecutionTemplate(template=task))
    try:
        current = client.get_job(name=f"{location}/jobs/{job.name}", timeout=TIMEOUT_SECONDS)
    except NotFound:
        client.create_job(parent=location, job=wanted, job_id=job.name, timeout=TIMEOUT_SECONDS).result(TIMEOUT_SECONDS)
        return [f"job {job.name} created"]
    if current.template.template == task:
        return []
    current.template.template = task
    client.update_job(job=current, timeout=TIMEOUT_SECONDS).result(TIMEOUT_SECONDS)
    return [f"job {job.name} changed"]
