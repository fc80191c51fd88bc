"""The official Pub/Sub emulator."""

from tests.emulators import pubsub_emulator

__all__ = ["pubsub_emulator"]
