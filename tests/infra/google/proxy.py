"""A proxy that is all of googleapis.com: gcloud and we send requests to Google's own addresses, and get answers of this process.

It ends TLS with certificates of an authority made for the test, which gcloud is told to trust.
"""

import json
import os
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from infra.local.identity import Identity

NAMES = ("*.googleapis.com", "googleapis.com", "*.run.app", "*.us-central1.run.app")


@dataclass(frozen=True)
class Call:
    """A request to a Google API."""

    method: str
    host: str
    path: str
    query: dict[str, str]
    body: bytes
    headers: dict[str, str]
    target: str
    """Path and query as they came."""

    def json(self) -> Any:
        """The body, an empty object where there is none."""
        return json.loads(self.body) if self.body else {}


@dataclass(frozen=True)
class Answer:
    """What comes back."""

    status: int
    body: bytes
    headers: dict[str, str]


def answer(document: Any, status: int = 200) -> Answer:
    """JSON."""
    return Answer(status, json.dumps(document).encode(), {"content-type": "application/json"})


Serve = Callable[[Call], Answer]


class Proxy:
    """Serves on a free port of loopback until `close`."""

    def __init__(self, directory: Path, serve: Serve) -> None:
        self.authority = directory / "authority.pem"
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(_certificate(directory, self.authority))

        class Handler(_Handler):
            tls, respond = context, staticmethod(serve)

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()

    def environment(self, directory: Path, identity: Identity) -> dict[str, str]:
        """The environment in which gcloud, as the account of `identity`, and Python find Google here."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        return {
            **kept,
            "CLOUDSDK_CONFIG": str(directory / "gcloud"),
            "CLOUDSDK_AUTH_CREDENTIAL_FILE_OVERRIDE": str(identity.credentials_path),
            "CLOUDSDK_CORE_ACCOUNT": identity.client_email,
            "CLOUDSDK_CORE_DISABLE_USAGE_REPORTING": "1",
            "CLOUDSDK_CORE_CUSTOM_CA_CERTS_FILE": str(self.authority),
            "CLOUDSDK_PROXY_TYPE": "http",
            "CLOUDSDK_PROXY_ADDRESS": "127.0.0.1",
            "CLOUDSDK_PROXY_PORT": str(self.port),
            "HTTPS_PROXY": f"http://127.0.0.1:{self.port}",
            "SSL_CERT_FILE": str(self.authority),
        }


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    tls: ssl.SSLContext
    respond: Serve

    def do_CONNECT(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.connection = self.tls.wrap_socket(self.connection, server_side=True)
        self.rfile = self.connection.makefile("rb", -1)
        self.wfile = self.connection.makefile("wb", 0)
        self.close_connection = False

    def _respond(self) -> None:
        body = (
            self._chunked()
            if self.headers.get("transfer-encoding") == "chunked"
            else self.rfile.read(int(self.headers["content-length"] or 0))
        )
        parts = urlsplit(self.path)
        query = {name: values[-1] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
        headers = {name.lower(): value for name, value in self.headers.items()}
        host = str(headers["host"]).partition(":")[0]
        try:
            given = self.respond(Call(self.command, host, parts.path, query, body, headers, self.path))
        except Exception as error:
            given = answer({"error": {"code": 500, "message": f"{type(error).__name__}: {error}", "status": "INTERNAL"}}, 500)
        self.send_response(given.status)
        for name, value in given.headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(given.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(given.body)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = _respond

    def _chunked(self) -> bytes:
        parts = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def log_message(self, *_: Any) -> None:
        """What was called is in the journal."""


def _certificate(directory: Path, authority: Path) -> Path:
    """Make an authority and a certificate by it; return the file with certificate and key."""
    now = datetime.now(UTC)
    issuer_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())

    def named(name: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])

    def begun(subject: str, public_key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
        builder = x509.CertificateBuilder().subject_name(named(subject)).issuer_name(named("Google in a test")).public_key(public_key)
        builder = builder.serial_number(x509.random_serial_number())
        return builder.not_valid_before(now - timedelta(hours=1)).not_valid_after(now + timedelta(days=1))

    signed_by = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key())
    issuer = (
        begun("Google in a test", issuer_key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.KeyUsage(True, False, False, False, False, True, True, False, False), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(issuer_key.public_key()), critical=False)
        .sign(issuer_key, hashes.SHA256())
    )
    certificate = (
        begun("googleapis.com", key.public_key())
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name) for name in NAMES]), critical=False)
        .add_extension(signed_by, critical=False)
        .sign(issuer_key, hashes.SHA256())
    )
    authority.write_bytes(issuer.public_bytes(serialization.Encoding.PEM))
    path = directory / "googleapis.pem"
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM) + private)
    return path
