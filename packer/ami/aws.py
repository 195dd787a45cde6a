"""Calls the AWS CLI, which people have already configured, and says what to do when it refuses."""

# For Python 3.9, which Amazon Linux and macOS have.
from __future__ import annotations

import difflib
import json
import os
import re
import shutil
import subprocess


class Problem(Exception):
    """A message for people: what was found, and what to type next."""


class Refused(Exception):
    """AWS refused one call."""

    def __init__(self, code: str, message: str):
        super().__init__(message)
        self.code = code


# Where to install each tool from.
TOOLS = {
    "aws": "https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html",
    "packer": "https://developer.hashicorp.com/packer/install",
}
SIGN_IN = "sign in (`aws sso login`, or `aws configure`), or name a profile with AWS_PROFILE; `aws sts get-caller-identity` must answer"


def require(*tools: str) -> None:
    missing = [f"`{tool}` is not there: install it from {TOOLS[tool]}" for tool in tools if not shutil.which(tool)]
    if missing:
        raise Problem("\n     ".join(missing))


def call(region: str, service: str, operation: str, *options: str) -> dict:
    """AWS's answer. Raises `Refused` for a refusal that only the caller can explain, and `Problem` for any other."""
    command = ["aws", service, operation, *options, "--region", region, "--output", "json"]
    environment = os.environ | {"AWS_PAGER": ""}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    if done.returncode == 0:
        return json.loads(done.stdout) if done.stdout.strip() else {}
    said = done.stderr.strip() or done.stdout.strip()
    refused = re.search(r"An error occurred \((.+?)\).*?: (.*)", said, re.DOTALL)
    code, message = refused.groups() if refused else ("", said)
    what = f"`aws {service} {operation}` in {region}"
    if "Unable to locate credentials" in said or "could not be found" in said and "profile" in said:
        raise Problem(f"no AWS credentials ({said}); {SIGN_IN}")
    # The same code also means that an image belongs to another account.
    if code == "AuthFailure" and "credentials" in message:
        code = "InvalidClientTokenId"
    if code in ("ExpiredToken", "InvalidClientTokenId", "RequestExpired", "SignatureDoesNotMatch"):
        raise Problem(f"the credentials are refused in {region} ({code}: {message}); {SIGN_IN}")
    if code in ("UnauthorizedOperation", "AccessDenied", "AccessDeniedException"):
        raise Problem(f"{what} is not allowed: {message}; docs/image.md lists what is called")
    if "Could not connect to the endpoint" in said:
        raise Problem(f"{what} gets no answer ({said}); is {region} a region, and is there a network?")
    if not refused:
        raise Problem(f"{what} failed: {said}")
    raise Refused(code, message)


def home(given: str | None) -> str:
    """The region to work in."""
    region = given or os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    if not region:
        asked = subprocess.run(["aws", "configure", "get", "region"], capture_output=True, text=True, check=False)
        region = asked.stdout.strip()
    if not region:
        raise Problem("no region: give REGION=..., such as REGION=us-east-1, or set AWS_REGION")
    return region


def account(region: str) -> str:
    """The account of the credentials. Every command calls this first."""
    return call(region, "sts", "get-caller-identity")["Account"]


def check_regions(home_region: str, regions: list[str]) -> None:
    """Checks that every region exists, and that this account may use it."""
    answer = call(home_region, "ec2", "describe-regions", "--all-regions")
    known = {region["RegionName"]: region.get("OptInStatus", "opt-in-not-required") for region in answer["Regions"]}
    problems = []
    for region in regions:
        if region not in known:
            close = difflib.get_close_matches(region, known, 1)
            problems.append(f"there is no region {region}" + (f"; is it {close[0]}?" if close else ""))
        elif known[region] == "not-opted-in":
            problems.append(
                f"the region {region} is switched off for this account; switch it on with "
                f"`aws account enable-region --region-name {region}`, or leave it out"
            )
    if problems:
        raise Problem("\n     ".join(problems))


def check_public(regions: list[str]) -> None:
    """Checks that every region accepts public images, and does not encrypt volumes by default."""
    problems = []
    for region in regions:
        state = call(region, "ec2", "get-image-block-public-access-state")["ImageBlockPublicAccessState"]
        if state != "unblocked":
            problems.append(
                f"{region} refuses public images ({state}); allow them with "
                f"`aws ec2 disable-image-block-public-access --region {region}`, or leave PUBLIC=true out"
            )
        if call(region, "ec2", "get-ebs-encryption-by-default").get("EbsEncryptionByDefault"):
            problems.append(
                f"{region} encrypts every volume, and an encrypted image cannot be public; switch that off with "
                f"`aws ec2 disable-ebs-encryption-by-default --region {region}`, or leave PUBLIC=true out"
            )
    if problems:
        raise Problem("\n     ".join(problems))
