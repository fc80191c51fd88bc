"""The person's own Google project and credentials, for `make run REAL=1`."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from infra.local.supervisor.problems import CannotStart

FILE = "application_default_credentials.json"
LOGIN = "gcloud auth application-default login"
# Taken over from the person's environment where they are set.
SETTINGS = ("GOOGLE_CLOUD_REGION", "GEMINI_API_KEY", "SIGNING_ACCOUNT")


@dataclass(frozen=True)
class RealGoogle:
    """A project whose buckets and Vertex AI are used; `credentials` is a file of application default credentials."""

    credentials: Path
    settings: Mapping[str, str]

    @property
    def project(self) -> str:
        """The project's id."""
        return self.settings["GOOGLE_CLOUD_PROJECT"]

    def keep_for_clients(self, directory: Path) -> Path:
        """Make `directory` a gcloud configuration with these credentials only, for CLOUDSDK_CONFIG; return it.

        The Google clients look there when GOOGLE_APPLICATION_CREDENTIALS is not set. It must not be, since `fetch_id_token` would ask
        Google for a token that our worker does not accept, instead of asking the stand-in.
        """
        directory.mkdir(parents=True, exist_ok=True)
        link = directory / FILE
        link.unlink(missing_ok=True)
        link.symlink_to(self.credentials)
        return directory


def real_google(environment: Mapping[str, str]) -> RealGoogle:
    """Read the environment. Raises CannotStart with what is missing."""
    missing = [name for name in ("GOOGLE_CLOUD_PROJECT", "GCS_BUCKET") if not environment.get(name)]
    if missing:
        raise CannotStart(f"REAL=1 uses your own Google project: set {' and '.join(missing)} (see .env.example).")
    credentials = _credentials_file(environment)
    if not credentials.is_file():
        raise CannotStart(f"REAL=1 needs your Google credentials, and there are none in {credentials}: {LOGIN}")
    try:
        kind = json.loads(credentials.read_text()).get("type")
    except (OSError, ValueError) as error:
        raise CannotStart(f"REAL=1 cannot read your Google credentials in {credentials} ({error}): {LOGIN}") from None
    if kind != "service_account" and not environment.get("SIGNING_ACCOUNT"):
        raise CannotStart("Your Google credentials cannot sign URLs: set SIGNING_ACCOUNT to a service account (see .env.example).")
    wanted = ("GOOGLE_CLOUD_PROJECT", "GCS_BUCKET", *SETTINGS)
    return RealGoogle(credentials.absolute(), {name: environment[name] for name in wanted if environment.get(name)})


def _credentials_file(environment: Mapping[str, str]) -> Path:
    if named := environment.get("GOOGLE_APPLICATION_CREDENTIALS"):
        return Path(named).expanduser()
    configuration = environment.get("CLOUDSDK_CONFIG") or "~/.config/gcloud"
    return Path(configuration).expanduser() / FILE
