"""The one-machine stack: stand-ins that speak the wire protocols of the Google services which have no official emulator."""
