"""`ami.prune`: keeps the newest images of each architecture and all images in use, and removes the others with their
snapshots. If it cannot see which images are in use, it removes nothing."""

import argparse
import json
import re

import aws
import images


def run(given: argparse.Namespace) -> int:
    if given.keep < 1:
        raise aws.Problem(f"KEEP={given.keep} would leave nothing to go back to; give 1 or more")
    aws.require("aws")
    region = aws.home(given.region)
    account = aws.account(region)
    regions = list(dict.fromkeys([region, *given.regions]))
    aws.check_regions(region, regions)
    stayed = []
    for where in regions:
        print(f"{given.prefix} in {where}, account {account}:", flush=True)
        stayed += _prune(where, given)
    if stayed:
        raise aws.Problem("\n     ".join(stayed))
    if not given.apply:
        print("Nothing was removed; add APPLY=true to do so.")
    return 0


def _prune(region: str, given: argparse.Namespace) -> list[str]:
    found = sorted(images.own(region, **{images.TAG: given.prefix}), key=lambda image: image.created, reverse=True)
    used = in_use(region)
    kept, old, newest = {}, [], {}
    for image in found:
        count = newest.setdefault(image.architecture, 0)
        if image.state == "pending":
            kept[image.id] = "being made"
        elif image.state == "available" and count < given.keep:
            newest[image.architecture] = count + 1
            kept[image.id] = "one of the newest"
        elif image.id in used:
            kept[image.id] = used[image.id]
        else:
            old.append(image)
    for image in found:
        print(f"  {'keeps  ' if image.id in kept else 'removes'} {image}: {kept.get(image.id, 'old')}")
    leftovers = _leftovers(region, given.prefix)
    for snapshot in leftovers:
        print(f"  removes {snapshot}: no image has it")
    if not found and not leftovers:
        print("  nothing")
    if not given.apply:
        return []
    stayed = [line for image in old for line in images.remove(image)]
    return stayed + [line for snapshot in leftovers for line in images.remove_snapshot(region, snapshot)]


def in_use(region: str) -> dict[str, str]:
    """Images in use, and what uses them."""
    used: dict[str, str] = {}

    def note(value, by: str) -> None:
        for image in re.findall(r"\bami-[0-9a-f]{8,17}\b", json.dumps(value)):
            used.setdefault(image, f"used by {by}")

    try:
        for stack in aws.call(region, "cloudformation", "describe-stacks")["Stacks"]:
            note(stack.get("Parameters", []), f"the stack {stack['StackName']}")
        # This also finds images of Terraform deployments: scale-up has the default image and the label mappings in its environment.
        for function in aws.call(region, "lambda", "list-functions")["Functions"]:
            name, environment = function["FunctionName"], function.get("Environment", {})
            # The environment is hidden if a customer-managed key encrypts it, and this caller may not use the key.
            if "Error" in environment and name.endswith("-scaleup"):
                raise aws.Problem(f"the environment of {name} is hidden ({environment['Error'].get('Message')})")
            note(environment, f"the function {name}")
        for reservation in aws.call(region, "ec2", "describe-instances")["Reservations"]:
            for instance in reservation["Instances"]:
                if instance["State"]["Name"] != "terminated":
                    note(instance["ImageId"], f"the instance {instance['InstanceId']}")
        for template in aws.call(region, "ec2", "describe-launch-templates")["LaunchTemplates"]:
            options = ("--launch-template-id", template["LaunchTemplateId"], "--versions", "$Latest", "$Default")
            versions = aws.call(region, "ec2", "describe-launch-template-versions", *options)
            note(versions["LaunchTemplateVersions"], f"the launch template {template['LaunchTemplateName']}")
    except (aws.Refused, aws.Problem) as refused:
        raise aws.Problem(f"cannot see what is in use in {region}, so nothing was removed there: {refused}") from refused
    return used


def _leftovers(region: str, prefix: str) -> list[str]:
    """Our snapshots without an image, which an interrupted removal left. A pending image may not name its snapshots yet."""
    everything = images.own(region)
    if any(image.state == "pending" for image in everything):
        return []
    named = {snapshot for image in everything for snapshot in image.snapshots}
    tagged = ("--owner-ids", "self", "--filters", f"Name=tag:{images.TAG},Values={prefix}", "Name=status,Values=completed")
    answer = aws.call(region, "ec2", "describe-snapshots", *tagged)
    return sorted(snapshot["SnapshotId"] for snapshot in answer["Snapshots"] if snapshot["SnapshotId"] not in named)
