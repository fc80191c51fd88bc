"""/api/auth: getting an account, signing in, staying signed in, signing out.

The refresh token is answered in the body, for programs, and as a cookie, for browsers, whose scripts then need not keep it. The cookie
is sent to these routes only and never from another site; everything else takes the access token as a bearer.
"""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Body, Cookie, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from services.api.dependencies import CurrentUser, TheContainer, UnitOfWork
from services.core.accounts import live_tokens
from services.core.accounts import service as accounts
from services.core.accounts.model import User
from services.core.accounts.service import Credentials, Registration, SignedIn
from services.core.kit.errors import Unauthenticated

COOKIE = "reelgraph_refresh"
COOKIE_PATH = "/api/auth"

router = APIRouter(prefix="/api/auth", tags=["auth"])


class UserAnswer(BaseModel):
    """A person, as that person may see it."""

    id: UUID
    email: str
    display_name: str
    created_at: datetime

    @classmethod
    def of(cls, user: User) -> "UserAnswer":
        """The answer for `user`."""
        return cls(id=user.id, email=user.email, display_name=user.display_name, created_at=user.created_at)


class SignedInAnswer(BaseModel):
    """Who signed in, and the tokens."""

    user: UserAnswer
    access_token: str = Field(description="Send it as `Authorization: Bearer`.")
    expires_at: datetime = Field(description="When the access token stops being accepted.")
    refresh_token: str = Field(description="Good for one refresh. Also set as a cookie.")
    refresh_expires_at: datetime


class RefreshTokenBody(BaseModel):
    """The refresh token, for clients that keep no cookies."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    refresh_token: str = Field(min_length=1, max_length=200)


class LiveTokenAnswer(BaseModel):
    """A Firebase custom token. The emulator checks no signature: there, `user_id` and `until` make the same claims."""

    token: str
    user_id: UUID
    until: datetime


def given_refresh_token(
    body: Annotated[RefreshTokenBody | None, Body(description="Leave it out where the cookie is sent.")] = None,
    cookie: Annotated[str | None, Cookie(alias=COOKIE, include_in_schema=False)] = None,
) -> str | None:
    """The refresh token of the body, else of the cookie."""
    return body.refresh_token if body else cookie


GivenRefreshToken = Annotated[str | None, Depends(given_refresh_token)]


@router.post("/register", status_code=201)
def register(
    registration: Registration, session: UnitOfWork, container: TheContainer, request: Request, response: Response
) -> SignedInAnswer:
    """Get an account, and be signed in."""
    signed_in = accounts.register(session, container.settings.jwt_secret, registration, container.clock())
    return _answer(signed_in, request, response)


@router.post("/login")
def login(credentials: Credentials, session: UnitOfWork, container: TheContainer, request: Request, response: Response) -> SignedInAnswer:
    """Sign in."""
    signed_in = accounts.login(session, container.settings.jwt_secret, credentials, container.clock())
    return _answer(signed_in, request, response)


@router.post("/refresh")
def refresh(refresh_token: GivenRefreshToken, container: TheContainer, request: Request, response: Response) -> SignedInAnswer:
    """Exchange the refresh token for new tokens; it is used up by this. Using it again later ends the session."""
    if not refresh_token:
        raise Unauthenticated("refresh_token_missing", "There is no refresh token in the body or the cookie.", accounts.SIGN_IN)
    signed_in = accounts.refresh(container.database, container.settings.jwt_secret, refresh_token, container.clock())
    return _answer(signed_in, request, response)


@router.post("/logout", status_code=204)
def logout(refresh_token: GivenRefreshToken, session: UnitOfWork, container: TheContainer, response: Response) -> None:
    """Sign out on this device. Without a token there is nothing to end, which is as good."""
    if refresh_token:
        accounts.logout(session, refresh_token, container.clock())
    response.delete_cookie(COOKIE, path=COOKIE_PATH, httponly=True, samesite="strict")


@router.get("/me")
def me(user: CurrentUser) -> UserAnswer:
    """Who the access token stands for."""
    return UserAnswer.of(user)


@router.post("/live-token")
def issue_live_token(user: CurrentUser, container: TheContainer) -> LiveTokenAnswer:
    """A token for the Firestore listener, good for ten minutes; ask for the next one before it ends."""
    token = live_tokens.mint(lambda: container.signature, user.id, container.clock())
    return LiveTokenAnswer(token=token.value, user_id=token.user_id, until=token.until)


def _answer(signed_in: SignedIn, request: Request, response: Response) -> SignedInAnswer:
    response.set_cookie(
        COOKIE,
        signed_in.refresh_token,
        max_age=int(accounts.REFRESH_TOKEN_LIFETIME.total_seconds()),
        path=COOKIE_PATH,
        # Behind Cloud Run's front end the connection to us is plain http. A browser drops a Secure cookie from http://127.0.0.1.
        secure="https" in (request.url.scheme, request.headers.get("x-forwarded-proto")),
        httponly=True,
        samesite="strict",
    )
    return SignedInAnswer(
        user=UserAnswer.of(signed_in.user),
        access_token=signed_in.access_token.value,
        expires_at=signed_in.access_token.expires_at,
        refresh_token=signed_in.refresh_token,
        refresh_expires_at=signed_in.refresh_expires_at,
    )
