"""Official emulators for the function's dead letters."""

from tests.emulators import pubsub_emulator

__all__ = ["pubsub_emulator"]
