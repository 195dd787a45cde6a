"""Images and their snapshots, in one region."""

import re
from dataclasses import dataclass

import aws

# The tag that image.pkr.hcl sets, and one for copies: `<region>/<id>` of the original.
TAG = "jit-runners:image"
COPY_OF = "jit-runners:copy-of"


@dataclass
class Image:
    """An image, as AWS describes it."""

    region: str
    id: str
    name: str
    state: str
    why: str
    architecture: str
    created: str
    tags: dict[str, str]
    snapshots: list[str]
    encrypted: bool
    size: int

    def __str__(self) -> str:
        return f"{self.id} ({self.name}, {self.architecture}, {self.created[:10]})"


def _image(region: str, found: dict) -> Image:
    volumes = [mapping["Ebs"] for mapping in found.get("BlockDeviceMappings", []) if "Ebs" in mapping]
    return Image(
        region=region,
        id=found["ImageId"],
        name=found.get("Name", ""),
        state=found.get("State", ""),
        why=found.get("StateReason", {}).get("Message", ""),
        architecture=found.get("Architecture", ""),
        created=found.get("CreationDate", ""),
        tags={tag["Key"]: tag["Value"] for tag in found.get("Tags", [])},
        snapshots=[volume["SnapshotId"] for volume in volumes if volume.get("SnapshotId")],
        encrypted=any(volume.get("Encrypted") for volume in volumes),
        size=sum(volume.get("VolumeSize", 0) for volume in volumes),
    )


def own(region: str, **tags: str) -> list[Image]:
    """Images of this account with these tags."""
    filters = [f"Name=tag:{key},Values={value}" for key, value in tags.items()]
    options = ["--filters", *filters] if filters else []
    answer = aws.call(region, "ec2", "describe-images", "--owners", "self", *options)
    return [_image(region, found) for found in answer["Images"]]


def find(region: str, image_id: str) -> Image:
    """The image, in any state."""
    lost = aws.Problem(
        f"there is no image {image_id} in {region}, or it is not shared with this account; "
        f"if it is in another region, give REGION=that one. "
        f"`aws ec2 describe-images --owners self --region {region}` lists yours"
    )
    try:
        answer = aws.call(region, "ec2", "describe-images", "--image-ids", image_id)
    except aws.Refused as refused:
        if refused.code.startswith("InvalidAMIID"):
            raise lost from refused
        raise aws.Problem(f"{image_id} in {region}: {refused}") from refused
    if not answer["Images"]:
        raise lost
    return _image(region, answer["Images"][0])


def check_id(text: str) -> None:
    """Checks that the text has the form of an image's id."""
    if not text:
        raise aws.Problem("no image: give AMI_ID=ami-..., as Packer printed it at the end of the build")
    if not re.fullmatch(r"ami-([0-9a-f]{8}|[0-9a-f]{17})", text):
        raise aws.Problem(f"`{text}` is not an image's id: `ami-` and 8 or 17 hexadecimal digits, such as ami-0123456789abcdef0")


def check_available(image: Image) -> None:
    """Checks that instances can be launched from the image."""
    if image.state == "pending":
        raise aws.Problem(
            f"{image.id} in {image.region} is still pending: EC2 writes its snapshot. Wait for it with "
            f"`aws ec2 wait image-available --image-ids {image.id} --region {image.region}`, then type the same again"
        )
    if image.state != "available":
        why = f" ({image.why})" if image.why else ""
        raise aws.Problem(f"{image.id} in {image.region} is {image.state}{why}, not available; take another one")


def remove(image: Image) -> list[str]:
    """Deregisters an image and deletes its snapshots. Returns what could not be removed, with the command to do it."""
    try:
        aws.call(image.region, "ec2", "deregister-image", "--image-id", image.id)
    except (aws.Refused, aws.Problem) as refused:
        command = f"aws ec2 deregister-image --image-id {image.id} --region {image.region}"
        return [f"{image.id} in {image.region} stays: {refused}; remove it with `{command}`"]
    return [stayed for snapshot in image.snapshots for stayed in remove_snapshot(image.region, snapshot)]


def remove_snapshot(region: str, snapshot: str) -> list[str]:
    """Deletes a snapshot. Returns what could not be removed, with the command to do it."""
    try:
        aws.call(region, "ec2", "delete-snapshot", "--snapshot-id", snapshot)
    except (aws.Refused, aws.Problem) as refused:
        if isinstance(refused, aws.Refused) and refused.code == "InvalidSnapshot.NotFound":
            return []
        command = f"aws ec2 delete-snapshot --snapshot-id {snapshot} --region {region}"
        return [f"{snapshot} in {region} stays, and is paid for: {refused}; remove it with `{command}`"]
    return []
