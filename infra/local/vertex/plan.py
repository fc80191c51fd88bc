"""What an accepted operation will do, decided once at its submit: stored with it, so that a restart ends it the same way."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from infra.local.vertex.render.specification import RenderSpecification

JournalStatus = Literal["billed", "blocked", "failed"]


class _Ending(BaseModel):
    model_config = ConfigDict(frozen=True)


class Videos(_Ending):
    """The videos of `sample_numbers` are rendered; the other samples were filtered for `reasons`."""

    kind: Literal["videos"] = "videos"
    specifications: tuple[RenderSpecification, ...]
    sample_numbers: tuple[int, ...]
    reasons: tuple[str, ...] = ()
    crash: bool = False


class Nothing(_Ending):
    """No video: filtered for `reasons`, or, with none, without a word."""

    kind: Literal["nothing"] = "nothing"
    reasons: tuple[str, ...] = ()


class Failure(_Ending):
    """The operation ends in an error."""

    kind: Literal["failure"] = "failure"
    code: int
    message: str


class Plan(BaseModel):
    """The way of one operation. `folder` is the gs:// prefix of its own that it writes below; None: the reply carries the bytes."""

    model_config = ConfigDict(frozen=True)

    ending: Annotated[Videos | Nothing | Failure, Field(discriminator="kind")]
    folder: str | None
    linger_seconds: float

    @property
    def journal_status(self) -> JournalStatus:
        """How the submit is billed if nothing else happens."""
        match self.ending:
            case Videos():
                return "billed"
            case Nothing():
                return "blocked"
            case Failure():
                return "failed"
