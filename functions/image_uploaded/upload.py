"""What happens to one uploaded picture, from its bucket to the worker."""

import hashlib
import re
import threading
from dataclasses import dataclass, field

from analyze import FaceAnalyzer
from objects import Objects
from payload import Analyzed, FaceAnalyzed, ObjectReference, Rejected
from picture import UnusablePictureError, decode_jpeg, encode_jpeg, encode_thumbnail, normalise
from structured_log import log
from worker import Worker

_NAME = re.compile(r"(?P<project_id>[^/]+)/(?P<asset_id>[^/]+)/original")


@dataclass(frozen=True)
class Upload:
    """One generation of an uploaded object."""

    bucket: str
    name: str
    generation: int


@dataclass(frozen=True)
class UploadHandler:
    """Handles uploads; safe to use from several threads, and to give the same upload twice."""

    uploads_bucket: str
    media_bucket: str
    objects: Objects
    analyzer: FaceAnalyzer
    worker: Worker
    # Decoded pictures are what fills the memory: one at a time, while other threads wait for the network.
    _decoding: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    def handle(self, upload: Upload) -> None:
        """Normalise and analyze an upload and tell the worker. Raises where trying again may help; refusals of pictures are final."""
        match = _NAME.fullmatch(upload.name)
        if match is None or upload.bucket != self.uploads_bucket:
            log("INFO", "upload.ignored", bucket=upload.bucket, name=upload.name, reason="not the name or bucket of an uploaded picture")
            return
        directory = f"{match['project_id']}/{match['asset_id']}/{upload.generation}"
        outcome = self._outcome(upload, directory)
        if outcome is None:
            log("INFO", "upload.ignored", name=upload.name, generation=upload.generation, reason="deleted or replaced meanwhile")
            return
        self.worker.tell(
            FaceAnalyzed(
                bucket=upload.bucket,
                name=upload.name,
                generation=str(upload.generation),
                project_id=match["project_id"],
                asset_id=match["asset_id"],
                outcome=outcome,
            )
        )
        if isinstance(outcome, Rejected):
            log("INFO", "upload.rejected", name=upload.name, generation=upload.generation, code=outcome.code)
        else:
            log("INFO", "upload.analyzed", name=upload.name, generation=upload.generation, faces=len(outcome.faces))

    def _outcome(self, upload: Upload, directory: str) -> Analyzed | Rejected | None:
        """Return what became of the picture, None where it is gone."""
        try:
            original = self.objects.read(upload.bucket, upload.name, upload.generation)
            if original is None:
                return None
            with self._decoding:
                picture = normalise(original)
        except UnusablePictureError as error:
            return Rejected(error.code, str(error))
        image = ObjectReference(self.media_bucket, f"{directory}/image.jpg")
        thumbnail = ObjectReference(self.media_bucket, f"{directory}/thumbnail.webp")
        # An earlier delivery may have written it with another version of the codecs. What is described is what is stored.
        stored = self.objects.write_once(image.bucket, image.name, encode_jpeg(picture), "image/jpeg")
        self.objects.write_once(thumbnail.bucket, thumbnail.name, encode_thumbnail(picture), "image/webp")
        pixels = decode_jpeg(stored)
        return Analyzed(
            width=pixels.shape[1],
            height=pixels.shape[0],
            sha256=hashlib.sha256(stored).hexdigest(),
            size_bytes=len(stored),
            content_type="image/jpeg",
            image=image,
            thumbnail=thumbnail,
            faces=self.analyzer.analyze(pixels),
        )
