"""The `make ami.*` commands: builds images with Packer, copies them to other regions, removes old ones.

    python3 packer/ami COMMAND --help

Each command first checks whether it can do everything, then says what it will do, then does it. All need Python and the AWS CLI,
and builds need Packer.
"""

import argparse
import sys

import aws
import building
import copying
import pruning


def main() -> int:
    arguments = parser().parse_args()
    try:
        return arguments.run(arguments)
    except aws.Problem as problem:
        print(f"ami: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("ami: interrupted", file=sys.stderr)
        return 130


def parser() -> argparse.ArgumentParser:
    whole = argparse.ArgumentParser(prog="ami", description="Images of jit-runners: see docs/image.md.")
    commands = whole.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, run, text: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=text, description=text)
        command.set_defaults(run=run)
        command.add_argument("--region", help="where the image is; by default that of AWS_REGION or of the profile")
        return command

    building.arguments(add("validate", building.validate, "Check the template with Packer; builds nothing."))
    building.arguments(add("build", building.build, "Build a private image in one region."))
    building.arguments(add("build-test", building.build_test, "Build a private image under a name of its own, to try."))
    distribute = add("build-distribute", building.build_distribute, "Build an image and copy it to other regions.")
    building.arguments(distribute)
    for command in (distribute, add("copy", copying.run, "Copy an image to other regions.")):
        command.add_argument("--regions", type=words, default=[], help="further regions, separated by blanks or commas")
        command.add_argument("--public", action="store_true", help="let everybody use the images")
        if command is not distribute:
            command.add_argument("image", nargs="?", default="", help="the image's id, ami-...")
    prune = add("prune", pruning.run, "Remove old images; only says so without --apply.")
    prune.add_argument("--keep", type=int, default=3, help="how many of the newest stay (3)")
    prune.add_argument("--prefix", default=building.PREFIX, help=f"images of this name ({building.PREFIX})")
    prune.add_argument("--regions", type=words, default=[], help="further regions, separated by blanks or commas")
    prune.add_argument("--apply", action="store_true", help="remove them")
    return whole


def words(text: str) -> list[str]:
    """Each word once, in the order given."""
    return list(dict.fromkeys(text.replace(",", " ").split()))


if __name__ == "__main__":
    sys.exit(main())
