"""A service whose environment is wrong refuses to start, and says what to set."""

import pytest

from services.core.settings import Settings, SettingsError, load_settings

SECRET = "0123456789abcdef0123456789abcdef"
ENVIRONMENT = {
    "GOOGLE_CLOUD_PROJECT": "reelgraph",
    "GCS_BUCKET": "reelgraph",
    "DATABASE_URL": "postgresql+pg8000://user:hunter2@db/reelgraph",
    "QDRANT_HOST": "http://qdrant:6333",
    "FACE_FUNCTION_URL": "https://faces.example",
    "JWT_SECRET": SECRET,
    "WORKER_URL": "https://worker.example",
    "INVOKER_ACCOUNT": "invoker@reelgraph.iam.gserviceaccount.com",
}


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Exactly what a service needs, whatever the machine of the test has set."""
    for field in Settings.model_fields:
        monkeypatch.delenv(field.upper(), raising=False)
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)


def refusal() -> str:
    with pytest.raises(SettingsError) as refused:
        load_settings()
    return str(refused.value)


def test_a_service_with_all_it_needs_starts() -> None:
    settings = load_settings()

    assert (settings.uploads_bucket, settings.renders_bucket, settings.media_bucket) == (
        "reelgraph-uploads",
        "reelgraph-renders",
        "reelgraph-media",
    )
    assert (settings.events, settings.live, settings.google_cloud_region) == ("pubsub", "firestore", "us-central1")


@pytest.mark.parametrize("name", sorted(set(ENVIRONMENT) - {"DATABASE_URL"}))
def test_a_service_does_not_start_without(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(name)

    assert refusal() == f"The service cannot start; see .env.example.\n  {name}: Field required"


def test_all_that_is_missing_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JWT_SECRET")
    monkeypatch.delenv("QDRANT_HOST")

    said = refusal()

    assert "JWT_SECRET: Field required" in said
    assert "QDRANT_HOST: Field required" in said


def test_a_short_secret_is_refused_with_the_command_that_makes_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JWT_SECRET", "hunter3")

    said = refusal()

    assert "JWT_SECRET" in said
    assert "openssl rand -hex 32" in said
    assert "hunter3" not in said


@pytest.mark.parametrize("instance", [None, "reelgraph:us-central1:main"])
def test_a_service_needs_exactly_one_database(monkeypatch: pytest.MonkeyPatch, instance: str | None) -> None:
    if instance:
        monkeypatch.setenv("INSTANCE_CONNECTION_NAME", instance)
    else:
        monkeypatch.delenv("DATABASE_URL")

    said = refusal()

    assert "set exactly one of DATABASE_URL and INSTANCE_CONNECTION_NAME" in said
    assert "hunter2" not in said


def test_cloud_sql_needs_its_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL")
    monkeypatch.setenv("INSTANCE_CONNECTION_NAME", "reelgraph:us-central1:main")
    assert "INSTANCE_CONNECTION_NAME needs DB_USER" in refusal()

    monkeypatch.setenv("DB_USER", "api")
    assert load_settings().db_user == "api"


def test_lists_are_split_on_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLOWED_ORIGINS", "https://a.example, https://b.example,")
    monkeypatch.setenv("EVENT_SUBSCRIBERS", "")

    settings = load_settings()

    assert settings.allowed_origins == ("https://a.example", "https://b.example")
    assert settings.event_subscribers == ()


def test_an_unknown_way_of_telling_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVENTS", "kafka")

    assert "EVENTS: Input should be 'pubsub' or 'direct'" in refusal()


def test_secrets_do_not_show_when_settings_are_printed() -> None:
    printed = repr(load_settings())

    assert SECRET not in printed
    assert "hunter2" not in printed
