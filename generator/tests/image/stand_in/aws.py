"""A wrapper of the AWS CLI, in front of an emulator. It records every call, does what the emulator cannot, and produces the faults
that a test has prepared in $AMI_WORLD. Everything else is the real CLI and the emulator's answer."""

import json
import os
import pathlib
import subprocess
import sys

WORLD = pathlib.Path(os.environ["AMI_WORLD"])
ARGUMENTS = sys.argv[1:]
SERVICE, OPERATION = ARGUMENTS[:2]
REGION = ARGUMENTS[ARGUMENTS.index("--region") + 1] if "--region" in ARGUMENTS else ""


def real(*arguments: str) -> subprocess.CompletedProcess:
    command = [os.environ["AMI_REAL_AWS"], "--endpoint-url", os.environ["AMI_ENDPOINT"], *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def prepared(name: str) -> str | None:
    file = WORLD / name
    return file.read_text(encoding="utf-8") if file.is_file() else None


def option(name: str) -> str:
    return ARGUMENTS[ARGUMENTS.index(name) + 1]


def refuse(said: str) -> None:
    print(f"\nAn error occurred {said}", file=sys.stderr)
    sys.exit(254)


def states(text: str) -> str:
    """Sets the states that a test has prepared for images, for all calls or for some calls."""
    answer = json.loads(text)
    for image in answer["Images"]:
        # The emulator forgets the architecture, and always returns today's date.
        tags = {tag["Key"]: tag["Value"] for tag in image.get("Tags", [])}
        image.setdefault("Architecture", tags.get("jit-runners:architecture", "x86_64"))
        image["CreationDate"] = tags.get("test:created", image["CreationDate"])
        for name in (f"state-{image['ImageId']}", f"state-{REGION}"):
            state, _, looks = (prepared(name) or "").partition(" ")
            if not state or name == f"state-{REGION}" and not image.get("Tags"):
                continue
            image["State"] = state
            image["StateReason"] = {"Message": "as the test says"}
            if looks:
                left = int(looks) - 1
                (WORLD / name).write_text(f"{state} {left}" if left else "", encoding="utf-8")
        for mapping in image.get("BlockDeviceMappings", []):
            if prepared(f"encrypted-{image['ImageId']}") is not None:
                mapping["Ebs"]["Encrypted"] = True
    return json.dumps(answer)


with (WORLD / "calls").open("a", encoding="utf-8") as calls:
    print(*ARGUMENTS, file=calls)
for which in (f"refuse-{OPERATION}-{REGION}", f"refuse-{OPERATION}"):
    if (said := prepared(which)) is not None:
        refuse(said)
if (answer := prepared(f"answer-{OPERATION}")) is not None:
    print(answer)
    sys.exit()
if OPERATION == "get-image-block-public-access-state":
    print(json.dumps({"ImageBlockPublicAccessState": prepared(f"block-{REGION}") or "unblocked"}))
    sys.exit()
# Every command makes these calls first, and their answers never change, so later answers come from a file.
memory = WORLD / f"memory-{OPERATION}"
lasting = OPERATION in ("describe-regions", "get-caller-identity") and "AWS_ACCESS_KEY_ID" in os.environ and "AWS_PROFILE" not in os.environ
if lasting and memory.is_file():
    print(memory.read_text(encoding="utf-8"))
    sys.exit()
done = real(*ARGUMENTS)
if lasting and done.returncode == 0:
    memory.write_text(done.stdout, encoding="utf-8")
print(done.stderr, file=sys.stderr, end="")
if done.returncode == 0 and OPERATION == "describe-images":
    done.stdout = states(done.stdout)
# The emulator copies without tags.
if done.returncode == 0 and OPERATION == "copy-image":
    image = json.loads(done.stdout)["ImageId"]
    found = json.loads(real("ec2", "describe-images", "--region", REGION, "--image-ids", image).stdout)["Images"][0]
    ids = {"image": [image], "snapshot": [mapping["Ebs"]["SnapshotId"] for mapping in found["BlockDeviceMappings"]]}
    for specification in json.loads(option("--tag-specifications")):
        tags = json.dumps(specification["Tags"])
        tagged = ids[specification["ResourceType"]]
        real("ec2", "create-tags", "--region", REGION, "--resources", *tagged, "--tags", tags).check_returncode()
print(done.stdout, end="")
sys.exit(done.returncode)
