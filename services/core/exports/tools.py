"""What the steps of an export work with."""

from dataclasses import dataclass

from services.core.assets.objects import ObjectStore
from services.core.exports.executions import Executions
from services.core.kit.clock import Clock
from services.core.kit.database import Database
from services.core.settings import Settings


@dataclass(frozen=True)
class ExportTools:
    """Database, time, buckets, and Cloud Run."""

    settings: Settings
    database: Database
    clock: Clock
    store: ObjectStore
    executions: Executions
