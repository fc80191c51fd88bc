"""The steps below the services: accounts, network, registry, buckets, secrets, databases."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from infra import wanted
from infra.access import Account, ServiceAgent, account_id
from infra.foundation import Database, Foundation, Network, Secret, TimeToLive
from infra.gcp.place import Place
from infra.gcp.steps import RANDOM, Action, Cloud, Command, Outcome, Resource
from infra.model import Bucket

PROJECT_POLICY = ("projects", "get-iam-policy")
# The APIs that a page of ours calls with the canvas' key: to sign in by a custom token, to stay signed in, and to listen.
CANVAS_APIS = ("firestore.googleapis.com", "identitytoolkit.googleapis.com", "securetoken.googleapis.com")
SQL_INSTANCES = ("sql", "instances", "list")


def account(described: Account, place: Place) -> Resource:
    """A service account."""
    return Resource(
        title=f"account {account_id(described.name)}",
        look=("iam", "service-accounts", "list"),
        field="email",
        name=place.email(described.name),
        create=(Command(("iam", "service-accounts", "create", account_id(described.name), f"--display-name=Reelgraph: {described.uses}")),),
        delete=(Command(("iam", "service-accounts", "delete", place.email(described.name))),),
    )


def agent(described: ServiceAgent, place: Place) -> Action:
    """An agent of Google's, which has to exist before it can be granted anything."""
    is_storage = described.api == "storage.googleapis.com"
    make = Command(("storage", "service-agent") if is_storage else ("beta", "services", "identity", "create", f"--service={described.api}"))
    member = agent_member(described, place)

    def bring(cloud: Cloud) -> Outcome:
        # It exists for sure where it was granted something, which this deployment goes on to do.
        if any(member in binding["members"] for binding in cloud.look((*PROJECT_POLICY, place.project)).get("bindings", [])):
            return "in place"
        cloud.run(make)
        return "created"

    return Action(f"Google's agent {described.domain.split('.')[0]}", bring, (make,))


def agent_member(described: ServiceAgent, place: Place) -> str:
    """What policies call an agent."""
    return f"serviceAccount:service-{place.number}@{described.domain}"


def network(described: Network) -> Resource:
    """The VPC."""
    return Resource(
        title=f"network {described.name}",
        look=("compute", "networks", "list"),
        name=described.name,
        create=(Command(("compute", "networks", "create", described.name, "--subnet-mode=custom")),),
        delete=(Command(("compute", "networks", "delete", described.name)),),
        is_data=True,
    )


def inside_network(described: Network, place: Place) -> Iterator[Resource]:
    """The subnet of Cloud Run and Qdrant, and the range from which Google's services take addresses."""
    first, _, length = described.services_range.partition("/")
    yield Resource(
        title=f"subnet {described.name}",
        look=("compute", "networks", "subnets", "list", f"--regions={place.region}"),
        name=described.name,
        wanted={"ipCidrRange": described.subnet_range, "privateIpGoogleAccess": True},
        create=(
            Command(
                (
                    *("compute", "networks", "subnets", "create", described.name, f"--network={described.name}"),
                    *(f"--region={place.region}", f"--range={described.subnet_range}", "--enable-private-ip-google-access"),
                )
            ),
        ),
        delete=(Command(("compute", "networks", "subnets", "delete", described.name, f"--region={place.region}")),),
        is_data=True,
    )
    yield Resource(
        title=f"address range {described.name}-services",
        look=("compute", "addresses", "list", "--global"),
        name=f"{described.name}-services",
        wanted={"address": first, "prefixLength": int(length)},
        create=(
            Command(
                (
                    *("compute", "addresses", "create", f"{described.name}-services", "--global", "--purpose=VPC_PEERING"),
                    *(f"--addresses={first}", f"--prefix-length={length}", f"--network={described.name}"),
                )
            ),
        ),
        delete=(Command(("compute", "addresses", "delete", f"{described.name}-services", "--global")),),
        is_data=True,
    )


def peering(described: Network) -> Resource:
    """Private services access: how Cloud SQL gets an address in our network."""
    service = "servicenetworking.googleapis.com"
    where = (f"--network={described.name}", f"--service={service}")
    return Resource(
        title="private services access",
        look=("services", "vpc-peerings", "list", f"--network={described.name}"),
        field="service",
        name=service,
        create=(Command(("services", "vpc-peerings", "connect", *where, f"--ranges={described.name}-services")),),
        delete=(Command(("services", "vpc-peerings", "delete", *where)),),
        is_data=True,
    )


def repositories(foundation: Foundation, place: Place) -> Iterator[Resource]:
    """Our images, and a mirror of Docker Hub for the machine that has no way out."""
    for name, more in (
        (foundation.repository, ("--description=Images of Reelgraph",)),
        (foundation.mirror, ("--mode=remote-repository", "--remote-docker-repo=docker-hub")),
    ):
        where = (name, f"--location={place.region}")
        yield Resource(
            title=f"registry repository {name}",
            look=("artifacts", "repositories", "list", f"--location={place.region}"),
            name=name,
            create=(Command(("artifacts", "repositories", "create", *where, "--repository-format=docker", *more)),),
            delete=(Command(("artifacts", "repositories", "delete", *where)),),
        )


def bucket(described: Bucket, place: Place, origins: tuple[str, ...]) -> Resource:
    """A bucket that nobody can make public."""
    url = f"gs://{place.bucket(described.suffix)}"
    settings = wanted.bucket(described, origins)
    change = ["storage", "buckets", "update", url, "--uniform-bucket-level-access", "--public-access-prevention"]
    configured = [Command((*change, "--lifecycle-file={file}"), json.dumps({"rule": settings["lifecycle"]["rule"]}))]
    if settings["cors"]:
        configured.append(Command(("storage", "buckets", "update", url, "--cors-file={file}"), json.dumps(settings["cors"])))
    access = {"iamConfiguration": {"uniformBucketLevelAccess": {"enabled": True}, "publicAccessPrevention": "enforced"}}
    create = ("storage", "buckets", "create", url, f"--location={place.region}", "--uniform-bucket-level-access")
    return Resource(
        title=f"bucket {place.bucket(described.suffix)}",
        look=("storage", "buckets", "list", "--raw"),
        name=place.bucket(described.suffix),
        wanted={**settings, **access},
        create=(Command((*create, "--public-access-prevention")), *configured),
        update=tuple(configured),
        delete=(Command(("storage", "rm", url, "--recursive")),),
        is_data=True,
    )


def secrets(described: Iterable[Secret]) -> Iterator[Resource]:
    """The secrets without their values."""
    for secret in described:
        yield Resource(
            title=f"secret {secret.name}",
            look=("secrets", "list"),
            name=secret.name,
            create=(Command(("secrets", "create", secret.name, "--replication-policy=automatic")),),
            delete=(Command(("secrets", "delete", secret.name)),),
            is_data=secret.is_data,
        )


def secret_values(described: Iterable[Secret]) -> Iterator[Resource]:
    """A first version of each secret, that nobody has seen."""
    for secret in described:
        yield Resource(
            title=f"value of secret {secret.name}",
            look=("secrets", "versions", "list", secret.name, "--filter=state=ENABLED"),
            # Any version that is enabled will do: a person may have rotated it. The list has the newest first.
            field="state",
            name="ENABLED",
            create=(Command(("secrets", "versions", "add", secret.name, "--data-file={file}"), RANDOM),),
        )


def firestore(place: Place) -> Resource:
    """The database of live documents: the default one, whose daily free quota is enough for a small team."""
    return Resource(
        title="Firestore database",
        look=("firestore", "databases", "list"),
        name="(default)",
        wanted={"type": "FIRESTORE_NATIVE"},
        create=(Command(("firestore", "databases", "create", f"--location={place.region}", "--type=firestore-native")),),
        delete=(Command(("firestore", "databases", "delete", "--database=(default)")),),
        is_data=True,
    )


def time_to_live(described: TimeToLive) -> Resource:
    """A field by which Firestore deletes documents by itself."""
    return Resource(
        title=f"time to live of {described.collection_group}",
        look=("firestore", "fields", "ttls", "list"),
        # Its name ends in /collectionGroups/live/fields/expires_at.
        name=described.field,
        create=(
            Command(
                (
                    *("firestore", "fields", "ttls", "update", described.field),
                    *(f"--collection-group={described.collection_group}", "--enable-ttl", "--async"),
                )
            ),
        ),
    )


def canvas_key(name: str) -> Resource:
    """The public API key with which browsers sign in to Firebase; it works for nothing else."""
    targets = tuple(f"--api-target=service={api}" for api in CANVAS_APIS)
    return Resource(
        title=f"API key {name}",
        look=("services", "api-keys", "list"),
        field="displayName",
        name=name,
        wanted={"restrictions": {"apiTargets": [{"service": api} for api in CANVAS_APIS]}},
        create=(Command(("services", "api-keys", "create", f"--display-name={name}", *targets)),),
        update=(Command(("services", "api-keys", "update", "{uid}", *targets)),),
        delete=(Command(("services", "api-keys", "delete", "{uid}")),),
    )


def database_instance(described: Database, network_name: str, place: Place) -> Resource:
    """Cloud SQL without a public address. Google keeps the name of a deleted instance for up to a week."""
    flags = {"cloudsql.iam_authentication": "on", "max_connections": str(described.max_connections)}
    changeable = (
        f"--tier={described.tier}",
        f"--database-flags={','.join(f'{name}={value}' for name, value in flags.items())}",
        "--backup-start-time=03:00",
        "--enable-point-in-time-recovery",
    )
    return Resource(
        title=f"Cloud SQL {described.name} (the first time takes ten minutes)",
        look=SQL_INSTANCES,
        name=described.name,
        wanted={
            "databaseVersion": described.version,
            "settings": {
                "tier": described.tier,
                "ipConfiguration": {"ipv4Enabled": False},
                "databaseFlags": [{"name": name, "value": value} for name, value in flags.items()],
                "backupConfiguration": {"enabled": True, "pointInTimeRecoveryEnabled": True},
            },
        },
        ready={"state": "RUNNABLE"},
        create=(
            Command(
                (
                    *("sql", "instances", "create", described.name, f"--database-version={described.version}", "--edition=enterprise"),
                    *(f"--region={place.region}", f"--network=projects/{place.project}/global/networks/{network_name}"),
                    *("--no-assign-ip", "--storage-auto-increase", f"--storage-size={described.storage_gib}GB", *changeable),
                )
            ),
        ),
        update=(Command(("sql", "instances", "patch", described.name, "--no-assign-ip", *changeable)),),
        delete=(Command(("sql", "instances", "delete", described.name)),),
        is_data=True,
    )


def inside_database(described: Database, place: Place) -> Iterator[Resource]:
    """The database of that name, and those who log in: IAM accounts, no passwords."""
    instance = f"--instance={described.name}"
    yield Resource(
        title=f"database {described.database}",
        look=("sql", "databases", "list", instance),
        name=described.database,
        create=(Command(("sql", "databases", "create", described.database, instance)),),
    )
    for user in described.users:
        yield Resource(
            title=f"database user {place.database_user(user)}",
            look=("sql", "users", "list", instance),
            name=place.database_user(user),
            create=(Command(("sql", "users", "create", place.database_user(user), instance, "--type=cloud_iam_service_account")),),
        )


def database_roles(described: Database, staging: str, place: Place) -> Resource:
    """Who may do what inside the database. An import runs the SQL, since nobody else gets to a private address.

    The instance's label says which version of it ran.
    """
    sql = roles_sql(described, place)
    version = hashlib.sha256(sql.encode()).hexdigest()[:32]
    url = f"gs://{place.bucket(staging)}/database/roles-{version}.sql"
    reader = ("--member=serviceAccount:{serviceAccountEmailAddress}", "--role=roles/storage.objectViewer")
    run: Mapping[str, Any] = {"settings": {"userLabels": {"roles": version}}}
    return Resource(
        title="roles in the database",
        look=SQL_INSTANCES,
        name=described.name,
        wanted=run,
        create=(),
        update=(
            Command(("storage", "cp", "{file}", url), sql),
            Command(("storage", "buckets", "add-iam-policy-binding", f"gs://{place.bucket(staging)}", *reader)),
            Command(("sql", "import", "sql", described.name, url, f"--database={described.database}", "--user=postgres")),
            Command(("beta", "sql", "instances", "patch", described.name, f"--update-labels=roles={version}")),
        ),
    )


def roles_sql(described: Database, place: Place) -> str:
    """SQL that may run any number of times: the owner makes tables, the others get rows by a role that migrations grant them to."""
    owner = place.database_user(described.owner)
    others = ", ".join(f'"{place.database_user(user)}"' for user in described.users if user != described.owner)
    role = described.row_role
    return f"""DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN CREATE ROLE {role} NOLOGIN; END IF;
END $$;
GRANT ALL ON SCHEMA public TO "{owner}";
GRANT USAGE ON SCHEMA public TO {role};
GRANT {role} TO {others};
"""
