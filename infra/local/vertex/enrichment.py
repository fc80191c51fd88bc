"""What the simulated Gemini says: a prompt enriched with camera, lens, light and motion, the same for the same prompt."""

import hashlib
from dataclasses import dataclass

from infra.local.vertex.behaviour import PROMPT_WORD, without_words


@dataclass(frozen=True)
class Aspect:
    """One thing a cinematographer decides. Nothing is added where the prompt already speaks of it."""

    name: str
    spoken_of_by: tuple[str, ...]
    choices: tuple[str, ...]


ASPECTS = (
    Aspect(
        "camera",
        ("dolly", "tracking", "pan", "crane", "handheld", "aerial", "close-up", "wide shot", "camera"),
        (
            "Slow dolly-in from a medium shot to a close-up, eye level",
            "Gentle tracking shot moving left to right at shoulder height",
            "Slow crane move that rises and reveals the surroundings",
            "Steady handheld medium close-up with subtle breathing",
            "Low-angle wide shot with a slow push forward",
        ),
    ),
    Aspect(
        "lens",
        ("mm", "lens", "bokeh", "depth of field"),
        (
            "35mm lens at f/2, shallow depth of field",
            "50mm prime lens, creamy background separation",
            "85mm portrait lens, soft bokeh highlights",
            "anamorphic 40mm lens with faint horizontal flares",
        ),
    ),
    Aspect(
        "light",
        ("light", "lit", "golden hour", "neon", "sunset", "moon"),
        (
            "warm golden-hour light from the side with long soft shadows",
            "soft overcast daylight with gentle contrast",
            "low-key lighting with a cool rim light and warm practicals",
            "early morning light filtering through thin haze",
        ),
    ),
    Aspect(
        "motion",
        ("moves", "moving", "walk", "run", "breeze", "slow motion"),
        (
            "natural, unhurried movement; hair and fabric stir in a light breeze",
            "one continuous action with believable weight and momentum",
            "subtle changes of expression and small natural gestures",
            "dust motes drift through the air as the scene breathes",
        ),
    ),
    Aspect(
        "look",
        ("film", "grain", "photorealistic", "animation", "anime", "cartoon"),
        (
            "Photorealistic, fine film grain, restrained natural colour grade",
            "Cinematic colour contrast of teal shadows and amber highlights",
            "Soft filmic contrast, true skin tones, high detail",
        ),
    ),
)
NEGATIVE_PROMPT = (
    "blurry, low resolution, flicker, jitter, warped faces, extra fingers, deformed hands, duplicated limbs, text, subtitles, "
    "watermark, logo"
)


def choose(prompt: str) -> dict[str, str]:
    """Return a phrase for each aspect, by its name; those the prompt already speaks of are left out."""
    meant = without_words(prompt)
    digest = hashlib.sha256(meant.encode()).digest()
    spoken = meant.lower()
    return {
        aspect.name: aspect.choices[digest[position] % len(aspect.choices)]
        for position, aspect in enumerate(ASPECTS)
        if not any(word in spoken for word in aspect.spoken_of_by)
    }


def enrich(prompt: str) -> str:
    """Return the prompt with what it leaves open filled in; its `[simulate:...]` words are kept, at the end, for the video to come."""
    meant = without_words(prompt).rstrip(" .") or "A quiet scene"
    phrases = choose(prompt)
    shot = ", ".join(phrase for name, phrase in phrases.items() if name in ("camera", "lens", "light"))
    sentences = [meant[:1].upper() + meant[1:], *(sentence for sentence in (shot, phrases.get("motion"), phrases.get("look")) if sentence)]
    text = " ".join(f"{sentence[:1].upper()}{sentence[1:]}." for sentence in sentences)
    return text + "".join(match.group(0) for match in PROMPT_WORD.finditer(prompt))


def text_for(property_name: str, prompt: str) -> str:
    """Return what a string property of that name should say about the prompt."""
    phrases = choose(prompt)
    name = property_name.lower()
    if "negative" in name:
        return NEGATIVE_PROMPT
    if "note" in name or "rationale" in name or "reason" in name:
        added = ", ".join(phrases) or "nothing"
        return f"Kept the subject and the action as written; added {added}. One shot, no cuts."
    if "prompt" in name or "description" in name:
        return enrich(prompt)
    for aspect in ASPECTS:
        if aspect.name in name:
            return phrases.get(aspect.name, "as the prompt says")
    if "title" in name or "name" in name:
        return " ".join(without_words(prompt).split()[:6]) or "Untitled"
    if "mood" in name or "style" in name:
        return "cinematic, calm, intimate"
    return without_words(prompt) or "A quiet scene"
