"""What stands around the function, on one port: buckets that speak Cloud Storage's JSON API, a token endpoint and a worker."""

import email
import email.message
import email.policy
import json
import re
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.auth import crypt, jwt

_OBJECT = re.compile(r"(?:/download)?/storage/v1/b/([^/]+)/o/([^/]+)")
_UPLOAD = re.compile(r"/upload/storage/v1/b/([^/]+)/o")


@dataclass
class StoredObject:
    """One object; a bucket without versioning holds one generation of it."""

    content: bytes
    generation: int
    content_type: str = "application/octet-stream"


@dataclass
class Delivered:
    """What the worker was told, and with which identity."""

    path: str
    body: dict[str, Any]
    audience: str
    traceparent: str | None


@dataclass
class Surroundings:
    """State of the buckets and the worker, readable and settable by a test."""

    url: str = ""
    objects: dict[tuple[str, str], StoredObject] = field(default_factory=dict)
    downloads: list[str] = field(default_factory=list)
    delivered: list[Delivered] = field(default_factory=list)
    worker_status: int = 200
    storage_status: int = 200
    next_generation: int = 1_732_312_345_678_901

    def put(self, bucket: str, name: str, content: bytes, content_type: str = "application/octet-stream") -> int:
        """Store an object, replacing another generation of it, and return its generation."""
        self.next_generation += 1
        self.objects[bucket, name] = StoredObject(content, self.next_generation, content_type)
        return self.next_generation

    def reset(self) -> None:
        """Forget everything but the address."""
        self.objects.clear()
        self.downloads.clear()
        self.delivered.clear()
        self.worker_status = self.storage_status = 200


class SurroundingsServer(ThreadingHTTPServer):
    """Serves a Surroundings on a free port of the loopback interface; `credentials` is the file for GOOGLE_APPLICATION_CREDENTIALS."""

    daemon_threads = True

    def __init__(self, directory: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.surroundings = Surroundings(url=f"http://127.0.0.1:{self.server_address[1]}")
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()
        self.signer = crypt.RSASigner.from_string(pem)
        self.credentials = directory / "service-account.json"
        account = {
            "type": "service_account",
            "project_id": "a-project",
            "private_key_id": "a-key",
            "private_key": pem,
            "client_email": "image-uploaded@a-project.iam.gserviceaccount.com",
            "client_id": "1",
            "token_uri": f"{self.surroundings.url}/token",
        }
        self.credentials.write_text(json.dumps(account))
        threading.Thread(target=self.serve_forever, daemon=True, kwargs={"poll_interval": 0.05}).start()


class _Handler(BaseHTTPRequestHandler):
    server: SurroundingsServer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        surroundings, url = self.server.surroundings, urlsplit(self.path)
        match = _OBJECT.fullmatch(url.path)
        if match is None or surroundings.storage_status != 200:
            self._answer(surroundings.storage_status if match else 404, {"error": {"code": surroundings.storage_status, "message": "no"}})
            return
        bucket, name = match[1], unquote(match[2])
        stored = surroundings.objects.get((bucket, name))
        wanted = parse_qs(url.query).get("generation")
        if stored is None or (wanted and int(wanted[0]) != stored.generation):
            self._answer(404, {"error": {"code": 404, "message": f"No such object: {bucket}/{name}"}})
        elif url.path.startswith("/download/"):
            surroundings.downloads.append(name)
            self._answer(200, stored.content)
        else:
            self._answer(200, _resource(bucket, name, stored))

    def do_POST(self) -> None:
        url = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if url.path == "/token":
            self._issue_token(body)
        elif match := _UPLOAD.fullmatch(url.path):
            self._store(match[1], parse_qs(url.query), body)
        else:
            self._deliver(url.path, body)

    def _issue_token(self, body: bytes) -> None:
        assertion = parse_qs(body.decode())["assertion"][0]
        claims = jwt.decode(assertion, verify=False)
        if "target_audience" not in claims:
            self._answer(200, {"access_token": "an-access-token", "expires_in": 3600, "token_type": "Bearer"})
            return
        now = int(time.time())
        identity = {"iss": "https://accounts.google.com", "aud": claims["target_audience"], "sub": "1", "iat": now, "exp": now + 3600}
        self._answer(200, {"id_token": jwt.encode(self.server.signer, identity).decode()})

    def _store(self, bucket: str, query: dict[str, list[str]], body: bytes) -> None:
        surroundings = self.server.surroundings
        header = f"Content-Type: {self.headers['content-type']}\r\n\r\n".encode()
        description, content = email.message_from_bytes(header + body, policy=email.policy.HTTP).iter_parts()
        name = json.loads(_bytes_of(description))["name"]
        if query.get("ifGenerationMatch") == ["0"] and (bucket, name) in surroundings.objects:
            self._answer(412, {"error": {"code": 412, "message": "At least one of the pre-conditions you specified did not hold."}})
            return
        surroundings.put(bucket, name, _bytes_of(content), content.get_content_type())
        self._answer(200, _resource(bucket, name, surroundings.objects[bucket, name]))

    def _deliver(self, path: str, body: bytes) -> None:
        surroundings = self.server.surroundings
        token = self.headers["authorization"].removeprefix("Bearer ")
        if surroundings.worker_status == 200:
            audience = str(jwt.decode(token, verify=False)["aud"])
            surroundings.delivered.append(Delivered(path, json.loads(body), audience, self.headers.get("traceparent")))
        self._answer(surroundings.worker_status, {})

    def _answer(self, status: int, body: dict[str, Any] | bytes) -> None:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/octet-stream" if isinstance(body, bytes) else "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: pytest shows what matters."""


def _bytes_of(part: email.message.Message) -> bytes:
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    return content


def _resource(bucket: str, name: str, stored: StoredObject) -> dict[str, str]:
    return {
        "kind": "storage#object",
        "bucket": bucket,
        "name": name,
        "generation": str(stored.generation),
        "size": str(len(stored.content)),
        "contentType": stored.content_type,
    }
