"""The rules a request must keep before anything is paid for: Google's client checks none of them. Pure."""

from collections.abc import Callable

from services.core.kit.errors import Invalid, Problem
from services.core.video import chain
from services.core.video.catalogue import IMAGE_TYPES, MAXIMUM_PROMPT_CHARACTERS, MAXIMUM_SEED, VideoModel, find_model
from services.core.video.request import ExtendVideo, FramesToVideo, ReferencesToVideo, TextToVideo, VideoRequest, inputs_of


def problems(request: VideoRequest) -> list[Problem]:
    """All that is wrong with a request, in the order a form would show it; empty when it can be sent."""
    try:
        model = find_model(request.model).model
    except Invalid as unknown_model:
        return [unknown_model]
    return [problem for rule in _RULES if (problem := rule(request, model)) is not None]


def check(request: VideoRequest) -> None:
    """Raise the first problem of a request, an Invalid with the field's name; return where there is none."""
    for problem in problems(request):
        raise problem


def _listed(values: tuple[object, ...]) -> str:
    *others, last = (str(value) for value in values)
    return f"{', '.join(others)} or {last}" if others else last


def _prompt_is_there(request: VideoRequest, _model: VideoModel) -> Invalid | None:
    if request.prompt.strip() or not isinstance(request, TextToVideo | ReferencesToVideo):
        return None
    return Invalid("prompt_missing", "There is no prompt.", "Describe what the video should show.", field="prompt")


def _prompts_are_short(request: VideoRequest, _model: VideoModel) -> Invalid | None:
    for field, words, text in (("prompt", "prompt", request.prompt), ("negative_prompt", "negative prompt", request.negative_prompt or "")):
        if len(text) > MAXIMUM_PROMPT_CHARACTERS:
            return Invalid(
                "prompt_too_long",
                f"The {words} has {len(text):,} characters; {MAXIMUM_PROMPT_CHARACTERS:,} is the most.",
                f"Shorten the {words}.",
                field=field,
                maximum=MAXIMUM_PROMPT_CHARACTERS,
            )
    return None


def _duration_is_offered(request: VideoRequest, model: VideoModel) -> Invalid | None:
    if isinstance(request, ExtendVideo) or request.duration_seconds in model.durations_seconds:
        return None
    return Invalid(
        "duration_not_offered",
        f"{model.name} makes videos of {_listed(model.durations_seconds)} s, not of {request.duration_seconds} s.",
        f"Set the duration to {_listed(model.durations_seconds)} s; longer videos are made by extending.",
        field="duration_seconds",
        offered=list(model.durations_seconds),
    )


def _resolution_is_offered(request: VideoRequest, model: VideoModel) -> Invalid | None:
    if request.resolution in model.resolutions or isinstance(request, ExtendVideo):
        return None
    return Invalid(
        "resolution_not_offered",
        f"{model.name} does not make {request.resolution} videos.",
        f"Set the resolution to {_listed(model.resolutions)}, or choose another model.",
        field="resolution",
        offered=list(model.resolutions),
    )


def _duration_fits_resolution(request: VideoRequest, model: VideoModel) -> Invalid | None:
    only = model.only_duration_seconds.get(request.resolution)
    if only is None or request.duration_seconds == only or isinstance(request, ExtendVideo):
        return None
    free = tuple(resolution for resolution in model.resolutions if resolution not in model.only_duration_seconds)
    return Invalid(
        "duration_needs_8_seconds_for_resolution",
        f"{model.name} makes {request.resolution} videos of {only} s only, not of {request.duration_seconds} s.",
        f"Set the duration to {only} s, or keep {request.duration_seconds} s and set the resolution to {_listed(free)}.",
        field="duration_seconds",
        offered=[only],
    )


def _aspect_is_offered(request: VideoRequest, model: VideoModel) -> Invalid | None:
    if request.aspect_ratio in model.aspect_ratios:
        return None
    return Invalid(
        "aspect_not_offered",
        f"{model.name} makes {_listed(model.aspect_ratios)} videos, not {request.aspect_ratio}.",
        f"Set the aspect ratio to {_listed(model.aspect_ratios)}.",
        field="aspect_ratio",
        offered=list(model.aspect_ratios),
    )


def _samples_in_range(request: VideoRequest, model: VideoModel) -> Invalid | None:
    if 1 <= request.samples <= model.max_samples:
        return None
    return Invalid(
        "samples_out_of_range",
        f"{request.samples} videos were asked for; {model.name} makes 1 to {model.max_samples} at once.",
        f"Set the number of videos to 1 to {model.max_samples}.",
        field="samples",
        maximum=model.max_samples,
    )


def _seed_in_range(request: VideoRequest, _model: VideoModel) -> Invalid | None:
    if request.seed is None or 0 <= request.seed <= MAXIMUM_SEED:
        return None
    return Invalid(
        "seed_out_of_range",
        f"The seed {request.seed} is not between 0 and {MAXIMUM_SEED}.",
        f"Set a whole number from 0 to {MAXIMUM_SEED}, or none for a new result each time.",
        field="seed",
        maximum=MAXIMUM_SEED,
    )


def _inputs_are_pictures(request: VideoRequest, model: VideoModel) -> Invalid | None:
    for media in inputs_of(request):
        if media.content_type not in IMAGE_TYPES:
            return Invalid(
                "input_type_not_offered",
                f"{model.name} does not read {media.content_type} pictures.",
                "Use a JPEG, PNG or WebP picture.",
                field="inputs",
                asset_id=str(media.asset_id),
                offered=list(IMAGE_TYPES),
            )
    return None


def _last_frame_is_offered(request: VideoRequest, model: VideoModel) -> Invalid | None:
    if model.can_last_frame or not isinstance(request, FramesToVideo):
        return None
    return Invalid(
        "last_frame_not_offered",
        f"{model.name} takes no last frame.",
        "Remove the last frame, or choose another model.",
        field="last_frame",
    )


def _references_are_few(request: VideoRequest, model: VideoModel) -> Invalid | None:
    if not isinstance(request, ReferencesToVideo):
        return None
    count = len(request.references)
    if count == 0:
        return Invalid("references_missing", "There is no reference picture.", "Connect at least one picture.", field="references")
    if count <= model.max_references:
        return None
    return Invalid(
        "too_many_references",
        f"{count} reference pictures are connected; {model.name} takes {model.max_references} at most.",
        f"Disconnect {count - model.max_references} of them.",
        field="references",
        maximum=model.max_references,
    )


def _duration_fits_references(request: VideoRequest, model: VideoModel) -> Invalid | None:
    needed = model.reference_duration_seconds
    if not isinstance(request, ReferencesToVideo) or request.duration_seconds == needed:
        return None
    return Invalid(
        "references_need_8_seconds",
        f"{model.name} makes videos with reference pictures of {needed} s only, not of {request.duration_seconds} s.",
        f"Set the duration to {needed} s, or disconnect the reference pictures.",
        field="duration_seconds",
        offered=[needed],
    )


def _references_fit_aspect(request: VideoRequest, model: VideoModel) -> Invalid | None:
    if not isinstance(request, ReferencesToVideo) or request.aspect_ratio != "9:16" or model.references_portrait:
        return None
    return Invalid(
        "references_portrait_not_offered",
        f"{model.name} does not make 9:16 videos with reference pictures.",
        "Set the aspect ratio to 16:9, or disconnect the reference pictures.",
        field="aspect_ratio",
        offered=["16:9"],
    )


def _extension_is_offered(request: VideoRequest, model: VideoModel) -> Invalid | None:
    if model.can_extend or not isinstance(request, ExtendVideo):
        return None
    return Invalid("extension_not_offered", f"{model.name} does not extend videos.", "Choose another model.", field="model")


def _extension_resolution(request: VideoRequest, model: VideoModel) -> Invalid | None:
    if not isinstance(request, ExtendVideo) or request.resolution == chain.RESOLUTION:
        return None
    return Invalid(
        "extension_needs_720p",
        f"{model.name} extends {chain.RESOLUTION} videos only, not {request.resolution}.",
        f"Set the resolution to {chain.RESOLUTION} for the video and all its extensions.",
        field="resolution",
        offered=[chain.RESOLUTION],
    )


def _extensions_are_few(request: VideoRequest, _model: VideoModel) -> Invalid | None:
    if not isinstance(request, ExtendVideo) or request.hop <= chain.MAXIMUM_HOPS:
        return None
    return Invalid(
        "too_many_extensions",
        f"This would be extension {request.hop} of the video; {chain.MAXIMUM_HOPS} is the most.",
        f"Remove extensions until {chain.MAXIMUM_HOPS} are left, or start a new video from the last frame.",
        field="extensions",
        maximum=chain.MAXIMUM_HOPS,
    )


_RULES: tuple[Callable[[VideoRequest, VideoModel], Invalid | None], ...] = (
    _prompt_is_there,
    _prompts_are_short,
    _duration_is_offered,
    _resolution_is_offered,
    _duration_fits_resolution,
    _aspect_is_offered,
    _samples_in_range,
    _seed_in_range,
    _inputs_are_pictures,
    _last_frame_is_offered,
    _references_are_few,
    _duration_fits_references,
    _references_fit_aspect,
    _extension_is_offered,
    _extension_resolution,
    _extensions_are_few,
)
