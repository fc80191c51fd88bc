"""`python -m infra.gcp deploy | destroy | release | plan | yaml | table`: Reelgraph on Google Cloud."""

import argparse
import json
import os
import shlex
import sys
import time
from collections.abc import Sequence

from infra.description import DEPLOYMENT
from infra.gcp import manifests, plan, table
from infra.gcp.environments import CanvasKey
from infra.gcp.gcloud import DeploymentStopped, Gcloud, person_environment
from infra.gcp.place import Place
from infra.gcp.release import Release
from infra.gcp.runner import bring_about, take_away
from infra.gcp.steps import commands, looks

EXAMPLE_NUMBER = "123456789012"


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line asks; 1 where it could not be done, which is said on stderr."""
    options = _parser().parse_args(arguments)
    began = time.monotonic()
    try:
        options.act(options)
    except DeploymentStopped as stopped:
        sys.stderr.write(f"\n{stopped}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("\nInterrupted. Run it again: it goes on where it was.\n")
        return 130
    if options.act in (_deploy, _destroy, _release):
        _say(f"Done in {time.monotonic() - began:.0f} s.")
    return 0


def _deploy(options: argparse.Namespace) -> None:
    gcloud, place = _gcloud(options), _place(options)
    changes = bring_about(plan.stages(DEPLOYMENT, place), gcloud, _say, options.at_once)
    public = next(service for service in DEPLOYMENT.services if service.is_public)
    _say(f"{changes or 'No'} steps changed something. The studio: {place.url(public.name)}")


def _destroy(options: argparse.Namespace) -> None:
    gcloud, place = _gcloud(options), _place(options)
    with_data = options.data == "delete"
    kept = "Films, pictures and the database go too, for good." if with_data else (
        "Buckets, databases, their network and the queue stay, and cost what they hold (DATA=delete takes them too)."
    )  # fmt: skip
    _say(f"This takes Reelgraph out of the project {place.project}. {kept}")
    if options.confirm != place.project and input("Type the project's name to go on: ") != place.project:
        raise DeploymentStopped("Nothing was taken away.")
    removed = take_away(plan.with_released(DEPLOYMENT, place), gcloud, _say, options.at_once, with_data=with_data)
    _say(f"{removed or 'No'} things were taken away. Google's APIs stay switched on: others may use them.")


def _release(options: argparse.Namespace) -> None:
    images: manifests.Images = {"backend": options.backend_image, "image_uploaded": options.face_image}
    for image in images.values():
        if "@sha256:" not in image:
            raise DeploymentStopped(
                f"{image} has no digest: a release is of exactly one image. Name it HOST/PROJECT/REPOSITORY/NAME@sha256:..."
            )
    Release(DEPLOYMENT, _place(options), images, options.source).bring_about(_gcloud(options), _say)


def _plan(options: argparse.Namespace) -> None:
    for stage in plan.stages(DEPLOYMENT, _place_offline(options)):
        _say(stage.title)
        for step in stage.steps:
            _say(f"  {step.title}")
            for arguments in (*looks(step), *(command.arguments for command in commands(step))):
                _say(f"      gcloud {shlex.join(arguments)}")


def _yaml(options: argparse.Namespace) -> None:
    place, key = _place_offline(options), CanvasKey("PUBLIC-API-KEY")
    images: manifests.Images = {name: f"{place.registry}/{place.project}/reelgraph/{name}@sha256:{'0' * 64}" for name in manifests.IMAGES}
    for service in DEPLOYMENT.services:
        _say(json.dumps(manifests.service(service, DEPLOYMENT, place, images, key, "source"), indent=2) + "\n---")
    for job in DEPLOYMENT.jobs:
        _say(json.dumps(manifests.job(job, DEPLOYMENT, place, images, key, "source"), indent=2) + "\n---")


def _table(options: argparse.Namespace) -> None:
    changed = table.write(DEPLOYMENT, is_check=options.check)
    _say(f"{table.PAGE.name} {'is stale: python -m infra.gcp table' if options.check and changed else 'says what the description says'}")
    if options.check and changed:
        raise DeploymentStopped(f"{table.PAGE} is stale.\nWhat to do: python -m infra.gcp table")


def _place(options: argparse.Namespace) -> Place:
    described = _gcloud(options).look(("projects", "describe", options.project))
    return Place(options.project, options.region, str(described["projectNumber"]), options.qdrant_host or None)


def _place_offline(options: argparse.Namespace) -> Place:
    return Place(options.project, options.region, EXAMPLE_NUMBER, options.qdrant_host or None)


def _gcloud(options: argparse.Namespace) -> Gcloud:
    return Gcloud(options.project, person_environment(), pause_seconds=options.pause_seconds)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _parser() -> argparse.ArgumentParser:
    place = argparse.ArgumentParser(add_help=False)
    place.add_argument("--project", default="my-project")
    place.add_argument("--region", default="us-central1", help="Veo runs in us-central1")
    place.add_argument("--qdrant-host", metavar="URL", help="a Qdrant elsewhere, instead of a machine of our own")
    acting = argparse.ArgumentParser(add_help=False, parents=[place])
    acting.add_argument("--at-once", type=int, default=min(8, 2 * (os.cpu_count() or 1)), help="how many gclouds run at the same time")
    acting.add_argument("--pause-seconds", type=float, default=10, help="before asking again for what passes by itself")
    parser = argparse.ArgumentParser(prog="python -m infra.gcp", description=__doc__)
    actions = parser.add_subparsers(required=True)

    deploy = actions.add_parser("deploy", parents=[acting], help="from an empty project to a working studio; again: what is missing")
    deploy.set_defaults(act=_deploy)
    destroy = actions.add_parser("destroy", parents=[acting], help="take it away")
    destroy.add_argument("--confirm", metavar="PROJECT", help="the project's name, so that nobody is asked for it")
    destroy.add_argument("--data", choices=("keep", "delete"), default="keep")
    destroy.set_defaults(act=_destroy)
    release = actions.add_parser("release", parents=[acting], help="what the build does at its end: migrate, deploy, try, switch")
    release.add_argument("--backend-image", required=True, metavar="IMAGE@DIGEST")
    release.add_argument("--face-image", required=True, metavar="IMAGE@DIGEST")
    release.add_argument("--source", default="unknown", help="what the images were made from, as a label")
    release.set_defaults(act=_release)
    for name, act, text in (("plan", _plan, "print every step and its commands"), ("yaml", _yaml, "print Cloud Run's documents")):
        actions.add_parser(name, parents=[place], help=text).set_defaults(act=act)
    tables = actions.add_parser("table", help="write the tables of docs/deployment.md")
    tables.add_argument("--check", action="store_true", help="only say whether they are stale")
    tables.set_defaults(act=_table)
    return parser


if __name__ == "__main__":
    sys.exit(main())
