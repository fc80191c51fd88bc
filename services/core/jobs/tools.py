"""What the steps of a job work with."""

from dataclasses import dataclass

from services.core.assets.objects import ObjectStore
from services.core.kit.clock import Clock
from services.core.kit.database import Database
from services.core.prompts.gemini import GeminiDriver
from services.core.settings import Settings
from services.core.video.media.runner import MediaRunner
from services.core.video.veo import VeoDriver


@dataclass(frozen=True)
class Tools:
    """Database, time, buckets, the providers and the media process."""

    settings: Settings
    database: Database
    clock: Clock
    store: ObjectStore
    veo: VeoDriver
    gemini: GeminiDriver
    media: MediaRunner
