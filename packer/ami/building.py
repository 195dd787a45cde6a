"""`ami.validate` and `ami.build*`: they check everything first, say what they will do, and run Packer."""

import argparse
import pathlib
import re
import subprocess

import aws

PACKER = pathlib.Path(__file__).resolve().parent.parent
ROOT = PACKER.parent
PREFIX = "jit-runners"
TEST_PREFIX = "jit-runners-test"
# The generated values of the image's variables.
AGREED = pathlib.Path("packer/stack.pkrvars.hcl")

# Variables of the template that are passed to Packer, with their help texts.
OPTIONS = {
    "architecture": "x86_64 or arm64; by default that of the default instance type",
    "base_image": "the name of Amazon Linux's image, with wildcards",
    "extra_script": "a script of your own, run as root before the clean-up",
    "instance_type": "the instance that builds",
    "kms_key_id": "the key that encrypts the image",
    "subnet_id": "where to build; by default in the default VPC",
    "volume_size": "the root volume's size in GiB",
}


def arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("--generated", type=pathlib.Path, default=ROOT / "generated", help="what `cargo run generate` wrote")
    for name, text in OPTIONS.items():
        command.add_argument(f"--{name.replace('_', '-')}", help=text)


def validate(given: argparse.Namespace) -> int:
    aws.require("packer")
    variables = _variables(given, given.region or "us-east-1", PREFIX)
    for step in (["init"], ["fmt", "-check", "-diff"], ["validate", *variables]):
        code = _packer(*step)
        if code:
            return code
    return 0


def build(given: argparse.Namespace) -> int:
    return _build(given, PREFIX, [], public=False)


def build_test(given: argparse.Namespace) -> int:
    return _build(given, TEST_PREFIX, [], public=False)


def build_distribute(given: argparse.Namespace) -> int:
    if not given.regions:
        raise aws.Problem('no regions to copy to: give REGIONS="eu-central-1 us-west-2", or build in one with `make ami.build`')
    if given.kms_key_id:
        raise aws.Problem("a key is of one region: build with `make ami.build KMS_KEY_ID=...`, then `make ami.copy` encrypts with each region's key for EBS")
    return _build(given, PREFIX, given.regions, given.public)


def _build(given: argparse.Namespace, prefix: str, regions: list[str], public: bool) -> int:
    aws.require("packer", "aws")
    region = aws.home(given.region)
    account = aws.account(region)
    copies = [other for other in regions if other != region]
    aws.check_regions(region, [region, *copies])
    if public:
        aws.check_public([region, *copies])
    _check_network(given, region)
    variables = _variables(given, region, prefix)
    variables += [f"-var=public={str(public).lower()}"]
    if copies:
        quoted = ", ".join(f'"{other}"' for other in copies)
        variables += [f"-var=copy_regions=[{quoted}]"]
    print(f"Builds the image {prefix}-... in {region}, account {account}:")
    print(f"  runner        {_agreed(given, 'runner_version')}, {given.architecture or _agreed(given, 'architecture')}")
    print(f"  for           {'everybody' if public else 'this account, encrypted'}")
    print(f"  copies        {', '.join(copies) or 'none'}")
    print(f"  own script    {given.extra_script or 'none'}")
    print(f"  network       {given.subnet_id or 'the default VPC, with a public address while the build lasts'}", flush=True)
    code = _packer("init") or _packer("build", *variables)
    if code:
        raise aws.Problem(
            f"Packer ended with code {code}, see above. It removes what it began, unless it was killed: then look for "
            f"instances with the tag jit-runners:image={prefix} in {region}"
        )
    print("Packer's last lines name the image of each region: DefaultAMI of a stack, or default_ami of a module.")
    return 0


def _check_network(given: argparse.Namespace, region: str) -> None:
    if given.subnet_id:
        try:
            aws.call(region, "ec2", "describe-subnets", "--subnet-ids", given.subnet_id)
        except aws.Refused as refused:
            raise aws.Problem(f"the subnet {given.subnet_id} is not in {region}: {refused}") from refused
    elif not aws.call(region, "ec2", "describe-vpcs", "--filters", "Name=is-default,Values=true")["Vpcs"]:
        raise aws.Problem(f"{region} has no default VPC: give SUBNET_ID=..., a subnet that reaches the internet")


def _variables(given: argparse.Namespace, region: str, prefix: str) -> list[str]:
    file = given.generated / AGREED
    if not file.is_file():
        raise aws.Problem(f"{file} is not there: write it with `cargo run generate`")
    if given.extra_script and not pathlib.Path(given.extra_script).is_file():
        raise aws.Problem(f"{given.extra_script} is not a file: EXTRA_SCRIPT is the path of a script")
    given_values = {name: getattr(given, name) for name in OPTIONS if getattr(given, name)}
    if given.extra_script:
        given_values["extra_script"] = str(pathlib.Path(given.extra_script).resolve())
    values = {"region": region, "name_prefix": prefix} | given_values
    return [f"-var-file={file}", *(f"-var={name}={value}" for name, value in values.items())]


def _agreed(given: argparse.Namespace, name: str) -> str:
    text = (given.generated / AGREED).read_text(encoding="utf-8")
    found = re.search(rf'^{name}\s*= "(.*)"$', text, re.MULTILINE)
    return found.group(1) if found else "?"


def _packer(command: str, *options: str) -> int:
    """Runs Packer, and returns its exit code. After an interrupt, Packer first removes its instance, so this always waits for it."""
    with subprocess.Popen(["packer", command, *options, str(PACKER)]) as process:
        while True:
            try:
                return process.wait()
            except KeyboardInterrupt:
                print("ami: waits for Packer to remove what it began", flush=True)
