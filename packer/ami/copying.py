"""`ami.copy`: the same image in other regions. Each copy is created with a tag that names its source image. So after any
interruption the next run finds it, copies nothing twice, and leaves nothing behind."""

import argparse
import json
import os
import time
from dataclasses import dataclass, field

import aws
import building
import images

# Seconds between two checks, the longest time of a copy in seconds, and how often in a row a copy may be missing: a new image is
# not visible everywhere at once.
LOOK = float(os.environ.get("AMI_LOOK_SECONDS", "15"))
PATIENCE = float(os.environ.get("AMI_PATIENCE_SECONDS", str(2 * 60 * 60)))
MISSES = 5


@dataclass
class Outcome:
    """The result for each region."""

    done: dict[str, str] = field(default_factory=dict)
    pending: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def run(given: argparse.Namespace) -> int:
    images.check_id(given.image)
    aws.require("aws")
    region = aws.home(given.region)
    account = aws.account(region)
    targets = [other for other in given.regions if other != region]
    if not targets:
        raise aws.Problem(f'no other regions than {region}: give REGIONS="eu-central-1 us-west-2"')
    aws.check_regions(region, [region, *targets])
    image = images.find(region, given.image)
    images.check_available(image)
    if given.public:
        if image.encrypted:
            raise aws.Problem(f"{image.id} is encrypted, and no encrypted image can be public; build one with `make ami.build-distribute PUBLIC=true`")
        aws.check_public(targets)

    there = {target: _copies(image, target) for target in targets}
    print(f"Copies {image}, {image.size} GiB, from {region}, account {account}, for {'everybody' if given.public else 'this account, encrypted'}:")
    for target, copies in there.items():
        print(f"  {target:16}{_intent(copies)}", flush=True)
    outcome = Outcome()
    try:
        _start(image, there, given.public, outcome)
        _follow(outcome)
    except KeyboardInterrupt:
        outcome.problems.append("interrupted; type the same again to follow what was begun")
    if given.public:
        _publish(outcome)
    return _tell(outcome)


def _copies(image: images.Image, target: str) -> list[images.Image]:
    return images.own(target, **{images.COPY_OF: f"{image.region}/{image.id}"})


def _intent(copies: list[images.Image]) -> str:
    for copy in copies:
        if copy.state in ("available", "pending"):
            return f"{copy.id} is {'there' if copy.state == 'available' else 'on its way'} already"
    return "a new copy" + (f", and {copies[0].id} is removed, which failed" if copies else "")


def _start(image: images.Image, there: dict[str, list[images.Image]], public: bool, outcome: Outcome) -> None:
    for target, copies in there.items():
        whole = [copy for copy in copies if copy.state == "available"]
        on_its_way = [copy for copy in copies if copy.state == "pending"]
        for copy in copies:
            if copy.state not in ("available", "pending"):
                outcome.problems += images.remove(copy)
        if whole:
            outcome.done[target] = whole[0].id
        elif on_its_way:
            outcome.pending[target] = on_its_way[0].id
        else:
            try:
                outcome.pending[target] = _copy(image, target, public)
            except (aws.Refused, aws.Problem) as refused:
                outcome.problems.append(f"{target}: not copied: {refused}")


def _copy(image: images.Image, target: str, public: bool) -> str:
    tags = {key: value for key, value in image.tags.items() if not key.startswith("aws:")}
    tags = {images.TAG: building.PREFIX, "Name": image.name} | tags | {images.COPY_OF: f"{image.region}/{image.id}"}
    listed = [{"Key": key, "Value": value} for key, value in tags.items()]
    specifications = [{"ResourceType": kind, "Tags": listed} for kind in ("image", "snapshot")]
    # Without a given key, each region encrypts with the account's key for EBS in that region.
    encrypted = [] if public else ["--encrypted"]
    answer = aws.call(
        target,
        "ec2",
        "copy-image",
        *("--source-region", image.region, "--source-image-id", image.id, "--name", image.name, *encrypted),
        *("--tag-specifications", json.dumps(specifications)),
    )
    return answer["ImageId"]


def _follow(outcome: Outcome) -> None:
    """Waits until every copy is available or has failed."""
    deadline = time.monotonic() + PATIENCE
    misses: dict[str, int] = {}
    followed = dict(outcome.pending)
    while followed and time.monotonic() < deadline:
        for target, copy_id in list(followed.items()):
            try:
                copy = images.find(target, copy_id)
            except aws.Problem as problem:
                misses[target] = misses.get(target, 0) + 1
                if misses[target] == MISSES:
                    del followed[target]
                    outcome.problems.append(f"{target}: cannot follow {copy_id}: {problem}")
                continue
            misses[target] = 0
            if copy.state == "pending":
                continue
            del followed[target], outcome.pending[target]
            if copy.state == "available":
                outcome.done[target] = copy_id
            else:
                why = copy.why or f"its state is {copy.state}"
                removed = f"{target}: the copy {copy_id} failed and was removed: {why}; type the same again"
                outcome.problems += images.remove(copy) or [removed]
        if followed:
            time.sleep(LOOK)


def _publish(outcome: Outcome) -> None:
    for target, copy_id in outcome.done.items():
        everybody = ("--image-id", copy_id, "--launch-permission", "Add=[{Group=all}]")
        try:
            aws.call(target, "ec2", "modify-image-attribute", *everybody)
        except (aws.Refused, aws.Problem) as refused:
            outcome.problems.append(
                f"{target}: {copy_id} is there, but only for this account: {refused}; "
                "when the region takes public images, type the same again, and nothing is copied anew"
            )


def _tell(outcome: Outcome) -> int:
    for target, copy_id in outcome.done.items():
        print(f"{target:18}{copy_id}")
    for target, copy_id in outcome.pending.items():
        print(f"{target:18}{copy_id} is still on its way; type the same again to follow it")
    if outcome.problems:
        raise aws.Problem("\n     ".join(outcome.problems))
    return 1 if outcome.pending else 0
