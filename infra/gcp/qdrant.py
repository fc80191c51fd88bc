"""The steps of Qdrant's virtual machine: Container-Optimized OS, one container, a disk of its own, a private address."""

import hashlib
from collections.abc import Iterator

from infra.foundation import Network, VectorStore
from infra.gcp.place import Place
from infra.gcp.steps import Command, Resource

TAG = "reelgraph-qdrant"
METADATA = "http://metadata.google.internal/computeMetadata/v1/instance/service-accounts/default/token"


def disk(described: VectorStore, place: Place) -> Resource:
    """The disk of the vectors, which outlives the machine."""
    where = (f"{described.name}-data", f"--zone={place.zone}")
    return Resource(
        title=f"disk {described.name}-data",
        look=("compute", "disks", "list", f"--zones={place.zone}"),
        name=f"{described.name}-data",
        create=(Command(("compute", "disks", "create", *where, f"--size={described.disk_gib}GB", "--type=pd-balanced")),),
        delete=(Command(("compute", "disks", "delete", *where)),),
        is_data=True,
    )


def firewall(described: VectorStore, network: Network) -> Resource:
    """Who may reach Qdrant: our subnet, from where Cloud Run comes."""
    name = f"{described.name}-from-subnet"
    return Resource(
        title=f"firewall rule {name}",
        look=("compute", "firewall-rules", "list"),
        name=name,
        wanted={"sourceRanges": [network.subnet_range], "targetTags": [TAG]},
        create=(
            Command(
                (
                    *("compute", "firewall-rules", "create", name, f"--network={network.name}", f"--allow=tcp:{described.port}"),
                    *(f"--source-ranges={network.subnet_range}", f"--target-tags={TAG}"),
                )
            ),
        ),
        delete=(Command(("compute", "firewall-rules", "delete", name)),),
    )


def machine(described: VectorStore, network: Network, mirror: str, place: Place) -> Resource:
    """The machine. Its label says what it was started with; another version is another machine with the same disk and address."""
    start = cloud_init(described, mirror, place)
    version = hashlib.sha256(start.encode()).hexdigest()[:32]
    where = (described.name, f"--zone={place.zone}")
    disk_of_vectors = f"--disk=name={described.name}-data,device-name=vectors,mode=rw,boot=no,auto-delete=no"
    create = Command(
        (
            *("compute", "instances", "create", *where, f"--machine-type={described.machine_type}"),
            *("--image-family=cos-stable", "--image-project=cos-cloud", "--boot-disk-size=10GB", disk_of_vectors),
            *(f"--subnet={network.name}", f"--private-network-ip={described.address}", "--no-address", f"--tags={TAG}"),
            *(f"--service-account={place.email('qdrant')}", "--scopes=cloud-platform", f"--labels=version={version}"),
            *("--shielded-secure-boot", "--metadata=google-logging-enabled=true", "--metadata-from-file=user-data={file}"),
        ),
        start,
    )
    delete = Command(("compute", "instances", "delete", *where))
    return Resource(
        title=f"virtual machine {described.name}",
        look=("compute", "instances", "list", f"--zones={place.zone}"),
        name=described.name,
        wanted={"labels": {"version": version}},
        create=(create,),
        update=(delete, create),
        delete=(delete,),
    )


def steps(described: VectorStore, network: Network, mirror: str, place: Place) -> Iterator[Resource]:
    """Everything that Qdrant needs besides its secret, in no order but the machine last."""
    yield disk(described, place)
    yield firewall(described, network)
    yield machine(described, network, mirror, place)


def cloud_init(described: VectorStore, mirror: str, place: Place) -> str:
    """What the machine does at each start: mount the disk, fetch the API key as its own account, run the container."""
    image = f"{place.registry}/{place.project}/{mirror}/{described.image}"
    secret = f"https://secretmanager.googleapis.com/v1/projects/{place.project}/secrets/{described.secret}/versions/latest:access"
    return f"""#cloud-config
write_files:
- path: /etc/systemd/system/qdrant.service
  content: |
    [Unit]
    Description=Qdrant
    Wants=gcr-online.target
    After=gcr-online.target
    [Service]
    Environment=HOME=/home/qdrant
    Restart=always
    RestartSec=10
    ExecStartPre=/bin/bash /etc/qdrant/prepare
    ExecStart=/usr/bin/docker run --rm --name=qdrant --network=host --env-file=/run/qdrant.env -v /mnt/disks/vectors:/qdrant/storage {image}
    ExecStop=/usr/bin/docker stop qdrant
- path: /etc/qdrant/prepare
  content: |
    set -euo pipefail
    disk=/dev/disk/by-id/google-vectors
    mkdir -p /home/qdrant /mnt/disks/vectors
    blkid "$disk" || mkfs.ext4 -m 0 "$disk"
    mountpoint -q /mnt/disks/vectors || mount -o discard,noatime "$disk" /mnt/disks/vectors
    docker-credential-gcr configure-docker --registries={place.registry}
    token=$(curl -sSf -H Metadata-Flavor:Google {METADATA} | sed -E 's/.*"access_token": ?"([^"]+)".*/\\1/')
    key=$(curl -sSf -H "Authorization: Bearer $token" {secret} | tr -d '\\n' | sed -E 's/.*"data": ?"([^"]+)".*/\\1/' | base64 -d)
    (umask 077; echo "QDRANT__SERVICE__API_KEY=$key" > /run/qdrant.env)
    docker rm -f qdrant || true
runcmd:
- systemctl daemon-reload
- systemctl start qdrant.service
"""
