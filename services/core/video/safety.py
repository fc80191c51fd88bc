"""What the provider's safety filter refused, in words for people: its support codes, sorted into categories with advice. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class SafetyCategory(StrEnum):
    """Why something was refused, the gravest first: that order decides when several apply."""

    CHILD = "child"
    PROHIBITED = "prohibited"
    CELEBRITY = "celebrity"
    SEXUAL = "sexual"
    VIOLENCE = "violence"
    DANGEROUS = "dangerous"
    HATE = "hate"
    TOXIC = "toxic"
    VULGAR = "vulgar"
    THIRD_PARTY_CONTENT = "third_party_content"
    VIDEO_SAFETY = "video_safety"
    OTHER = "other"


# Support codes: https://docs.cloud.google.com/vertex-ai/generative-ai/docs/video/responsible-ai-and-usage-guidelines
_CODES: dict[SafetyCategory, tuple[int, ...]] = {
    SafetyCategory.CHILD: (58061214, 17301594),
    SafetyCategory.CELEBRITY: (29310472, 15236754),
    SafetyCategory.VIDEO_SAFETY: (64151117, 42237218),
    SafetyCategory.DANGEROUS: (62263041,),
    SafetyCategory.HATE: (57734940, 22137204),
    SafetyCategory.OTHER: (74803281, 29578790, 42876398),
    SafetyCategory.PROHIBITED: (89371032, 49114662, 63429089, 72817394, 60599140),
    SafetyCategory.THIRD_PARTY_CONTENT: (35561574, 35561575),
    SafetyCategory.SEXUAL: (90789179, 43188360),
    SafetyCategory.TOXIC: (78610348,),
    SafetyCategory.VIOLENCE: (61493863, 56562880),
    SafetyCategory.VULGAR: (32635315,),
}
CATEGORY_OF_CODE: dict[int, SafetyCategory] = {code: category for category, codes in _CODES.items() for code in codes}

NEVER_RETRIED = frozenset({SafetyCategory.CHILD, SafetyCategory.CELEBRITY, SafetyCategory.PROHIBITED})
"""Sending the same again would be wrong here; elsewhere the filter is not deterministic, and a second try may pass."""

_WORDS: dict[SafetyCategory, tuple[str, str]] = {
    SafetyCategory.CHILD: (
        "The request was refused because it shows, or seems to show, a child.",
        "Describe adults only, and check that no input picture shows a child or a very young looking face.",
    ),
    SafetyCategory.PROHIBITED: (
        "The request was refused because it asks for content that the provider prohibits.",
        "Change what the shot shows; the same request will be refused again.",
    ),
    SafetyCategory.CELEBRITY: (
        "The request was refused because a face or a name looks like a real, known person.",
        "Photos of real people meet this filter often. Use a picture with another face or a generated one, take names of known people "
        "out of the prompt, or describe the person in words without a picture.",
    ),
    SafetyCategory.SEXUAL: (
        "The request was refused as sexual content.",
        "Describe clothing and situation more soberly, and check the input pictures.",
    ),
    SafetyCategory.VIOLENCE: (
        "The request was refused as violent content.",
        "Leave out wounds, weapons in use and harm to people; suggest the action instead of showing it.",
    ),
    SafetyCategory.DANGEROUS: (
        "The request was refused because it shows something dangerous.",
        "Leave out acts that could hurt somebody who imitates them.",
    ),
    SafetyCategory.HATE: (
        "The request was refused as hateful content.",
        "Leave out symbols and words that demean a group of people.",
    ),
    SafetyCategory.TOXIC: (
        "The request was refused because of toxic language.",
        "Put the prompt, and what people say in it, in milder words.",
    ),
    SafetyCategory.VULGAR: (
        "The request was refused because of vulgar language.",
        "Put the prompt, and what people say in it, in milder words.",
    ),
    SafetyCategory.THIRD_PARTY_CONTENT: (
        "The request was refused because it looks like somebody else's protected work.",
        "Leave out brands, characters and works that belong to others; describe the look you want instead.",
    ),
    SafetyCategory.VIDEO_SAFETY: (
        "The video was rendered and then withheld by the provider's safety filter.",
        "Try again: the filter does not always decide alike. If it goes on, describe people and action more soberly.",
    ),
    SafetyCategory.OTHER: (
        "The request was refused by the provider's safety filter, which gave no closer reason.",
        "Try again: the filter does not always decide alike. If it goes on, put the prompt in other words or change the input picture.",
    ),
}

_CODE = re.compile(r"(?<!\d)\d{7,9}(?!\d)")
_REFUSAL = re.compile(r"support codes?\b|usage guidelines|responsible ai|sensitive words", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SafetyBlock:
    """A refusal. Nothing is charged for it; `retryable` says whether the very same request may be sent again by itself."""

    category: SafetyCategory
    codes: tuple[int, ...]
    message: str
    advice: str
    retryable: bool


def parse_reasons(reasons: Iterable[str]) -> SafetyBlock:
    """The refusal that the provider's sentences name by their support codes.

    An unknown code, and no code at all, is category `other`; of several the gravest counts, and one that is never retried settles that.
    """
    codes = tuple(dict.fromkeys(int(code) for reason in reasons for code in _CODE.findall(reason)))
    categories = {CATEGORY_OF_CODE.get(code, SafetyCategory.OTHER) for code in codes} or {SafetyCategory.OTHER}
    return block_of(next(category for category in SafetyCategory if category in categories), codes)


def block_of(category: SafetyCategory, codes: tuple[int, ...] = ()) -> SafetyBlock:
    """A refusal of a known category."""
    message, advice = _WORDS[category]
    return SafetyBlock(category=category, codes=codes, message=message, advice=advice, retryable=category not in NEVER_RETRIED)


def is_refusal(message: str) -> bool:
    """Whether an error message is the safety filter speaking: prompts are also refused by HTTP 400 and by an operation's error."""
    return _REFUSAL.search(message) is not None
