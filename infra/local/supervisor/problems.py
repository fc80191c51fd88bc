"""What keeps a stack from starting, as the one line a person reads: what is wrong, and the mend."""


class CannotStart(Exception):
    """The stack cannot start. The message is complete: it is printed as it is, without a traceback."""
