"""`make doctor`: says what is wrong and the mend, a line for each; exits 1 where something is.

make doctor                                      this machine, and its stack if it runs
make doctor PROJECT=my-project REGION=us-central1   a deployment
make doctor DO=sweep                             have the worker deliver and look at what is due; PROJECT and REGION as above
make doctor DO=reproject                         ... write all live documents anew
make doctor DO=reindex-faces                     ... make the index of faces anew
"""

import argparse
import json
import os
import sys
from collections.abc import Sequence

from infra.description import DEPLOYMENT
from infra.doctor import cloud, local
from infra.doctor.findings import Finding, exit_code, in_order
from infra.doctor.worker import TASKS, WorkerAway, ask
from infra.gcp import plan
from infra.gcp.gcloud import DeploymentStopped, Gcloud, person_environment
from infra.gcp.place import Place
from infra.local.supervisor.doctor import Seen
from infra.local.supervisor.emulators import find_emulators
from infra.local.supervisor.options import parse_options
from infra.local.supervisor.problems import CannotStart

AT_ONCE = 8
TASK_SECONDS = 300.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Look, or have the worker do something. 1 where something is wrong."""
    options = _parser().parse_args(arguments)
    try:
        if options.do:
            return _have_done(options)
        findings = _at_deployment(options) if options.project else _at_machine(options)
    except (DeploymentStopped, CannotStart) as stopped:
        sys.stderr.write(f"{stopped}\n")
        return 1
    for finding in in_order(findings):
        _say(finding.line)
    if not findings:
        _say("Nothing is wrong.")
    return exit_code(findings)


def _at_deployment(options: argparse.Namespace) -> list[Finding]:
    gcloud = _gcloud(options)
    place = _place(options, gcloud)
    return cloud.look_at_deployment(DEPLOYMENT, place, plan.stages(DEPLOYMENT, place), gcloud, AT_ONCE)


def _at_machine(options: argparse.Namespace) -> list[Finding]:
    chosen = parse_options(_where(options), os.environ)
    return local.look_at_machine_and_stack(chosen, find_emulators(os.environ), os.environ, _show)


def _have_done(options: argparse.Namespace) -> int:
    if options.project:
        gcloud = _gcloud(options)
        place = _place(options, gcloud)
        url, token = place.url("worker"), cloud.worker_token(place, gcloud)
    else:
        chosen = parse_options(_where(options), os.environ)
        try:
            url, token = chosen.layout.url("worker"), local.worker_token(chosen)
        except FileNotFoundError:
            raise CannotStart("No stack has run here yet: make run") from None
    try:
        _say(json.dumps(ask(url, TASKS[options.do], token, TASK_SECONDS)))
    except WorkerAway as away:
        sys.stderr.write(f"The worker {away}. Look at all of it: make doctor\n")
        return 1
    return 0


def _place(options: argparse.Namespace, gcloud: Gcloud) -> Place:
    described = gcloud.look(("projects", "describe", options.project))
    return Place(options.project, options.region, str(described["projectNumber"]), options.qdrant_host or None)


def _gcloud(options: argparse.Namespace) -> Gcloud:
    # A doctor says what it sees now: what passes by itself is not waited for.
    return Gcloud(options.project, person_environment(), patience_seconds=0)


def _where(options: argparse.Namespace) -> list[str]:
    return [part for name, value in (("--port", options.port), ("--state", options.state)) if value for part in (name, value)]


def _show(seen: Seen) -> None:
    _say(f"{seen.thing:16}{seen.what}")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m infra.doctor", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--project", help="the Google Cloud project of a deployment; without it, this machine")
    parser.add_argument("--region", default="us-central1")
    parser.add_argument("--qdrant-host", metavar="URL", help="where the deployment has its Qdrant elsewhere")
    parser.add_argument("--port", metavar="BASE", help="of a local stack that is not at the usual place")
    parser.add_argument("--state", metavar="DIR", help="the same")
    parser.add_argument("--do", choices=TASKS, help="have the worker do it")
    return parser


if __name__ == "__main__":
    sys.exit(main())
