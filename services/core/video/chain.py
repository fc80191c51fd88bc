"""The rules of a chain of extensions: how much is sent, how much comes back, how long a chain may grow. Pure.

One hop sends the tail of the master (its last seconds) to the provider and appends what is new in the answer. The provider alone would
stop at 37 s; because only a short tail travels, a chain keeps growing to 8 + 20 x 7 = 148 s.
"""

from dataclasses import dataclass

from services.core.kit.errors import Invalid

FRAMES_PER_SECOND = 24  # Veo: every output is 24 fps
BASE_SECONDS = 8.0  # Veo: the longest clip that is made without an extension
HOP_SECONDS = 7.0  # Veo: an extension adds 7 s
MAXIMUM_HOPS = 20  # Veo: "up to 20 times"
INPUT_SECONDS = (1.0, 30.0)  # Vertex AI: the video to extend is 1 to 30 s long
MAXIMUM_OUTPUT_SECONDS = 37.0  # Vertex AI: input plus extension, 30 + 7
RESOLUTION = "720p"  # Veo: extensions are 720p only
TAIL_SECONDS = 8.0  # ours: as long as a base clip; 8 + 7 stays far under the 37 s
TOLERANCE_SECONDS = 0.4  # ours: under half of the shortest tail, so that no length can be read as both forms


@dataclass(frozen=True)
class NewOnly:
    """The answer holds the new seconds alone: append it whole."""


@dataclass(frozen=True)
class TailPlusNew:
    """The answer repeats the tail before the new seconds: drop the tail, append the rest."""


@dataclass(frozen=True)
class Unexpected:
    """The answer has neither length; `sentence` says so to a person."""

    sentence: str


ExtensionForm = NewOnly | TailPlusNew | Unexpected


def classify_extension(
    tail_seconds: float, returned_seconds: float, new_seconds: float = HOP_SECONDS, tolerance: float = TOLERANCE_SECONDS
) -> ExtensionForm:
    """Tell from its length alone which form an extension came back in.

    Of the two forms the nearer one counts, if it is within `tolerance` seconds; the provider's documentation does not say which it returns.
    """
    from_new_only = abs(returned_seconds - new_seconds)
    from_tail_plus_new = abs(returned_seconds - tail_seconds - new_seconds)
    if min(from_new_only, from_tail_plus_new) > tolerance:
        return Unexpected(
            f"The extension is {returned_seconds:.2f} s long; expected about {new_seconds:.0f} s, "
            f"or {tail_seconds + new_seconds:.2f} s with the {tail_seconds:.2f} s that were sent."
        )
    return NewOnly() if from_new_only <= from_tail_plus_new else TailPlusNew()


def total_seconds(base_seconds: float, hops: int) -> float:
    """Length of a chain after `hops` extensions of a clip of `base_seconds`: 148 s for 8 s and 20 hops."""
    return base_seconds + hops * HOP_SECONDS


def tail_seconds_for(master_seconds: float) -> float:
    """How much of the end of the master to send: at most `TAIL_SECONDS`, all of it when it is shorter.

    Raises Invalid when the master is shorter than the provider accepts.
    """
    shortest, longest = INPUT_SECONDS
    if master_seconds < shortest:
        raise Invalid(
            "video_too_short_to_extend",
            f"The video is {master_seconds:.2f} s long; only videos of at least {shortest:.0f} s can be extended.",
            "Extend a longer video.",
        )
    return min(master_seconds, TAIL_SECONDS, longest)


def require_hop(hops_done: int, resolution: str, aspect_ratio: str, master_aspect_ratio: str) -> None:
    """Refuse a hop that the provider would refuse, before anything is paid for.

    Raises Invalid: the chain is complete, the resolution is not 720p, or the aspect ratio differs from the master's.
    """
    if hops_done >= MAXIMUM_HOPS:
        raise Invalid(
            "chain_complete",
            f"This video was extended {hops_done} times; {MAXIMUM_HOPS} is the most.",
            "Start a new chain from its last frame.",
        )
    if resolution != RESOLUTION:
        raise Invalid("extension_resolution", f"Extensions are {RESOLUTION}, not {resolution}.", f"Choose {RESOLUTION}.")
    if aspect_ratio != master_aspect_ratio:
        raise Invalid(
            "extension_aspect_ratio",
            f"The video is {master_aspect_ratio}; its extension cannot be {aspect_ratio}.",
            f"Choose {master_aspect_ratio}.",
        )
