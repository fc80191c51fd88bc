"""What the tests of the storage stand-in share."""

from collections.abc import Callable
from pathlib import Path

from google.cloud.storage import Client
from google.oauth2.service_account import Credentials

from tests.local.cloud_tasks.support import StandIn

# Makes the client of product code for one stand-in.
ClientFactory = Callable[[StandIn], Client]


def service_account_credentials(file: Path) -> Credentials:
    """Credentials from a service-account file, as `google.auth.default()` makes them."""
    scopes = ["https://www.googleapis.com/auth/cloud-platform"]
    return Credentials.from_service_account_file(str(file), scopes=scopes)  # type: ignore[no-any-return]  # google-auth has no annotations here
