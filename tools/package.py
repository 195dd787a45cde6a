#!/usr/bin/env python3
"""Packs the program of the functions: OUT/<function>.zip for each, with one executable `bootstrap`.

The same program gives the same zips, byte for byte. A program that `provided.al2023` cannot run is refused: one for another
architecture, or one that needs a newer glibc than Amazon Linux 2023 has
(<https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html>).
"""

import argparse
import io
import re
import struct
import sys
import zipfile
from pathlib import Path

FUNCTIONS = ["webhook", "scaleup", "scaledown", "lifecycle", "rebalancer"]
NEWEST_GLIBC = (2, 34)
# e_machine of the ELF header (https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html).
MACHINES = {"x86_64": 62, "arm64": 183}
# The oldest time that a zip can hold.
NO_TIME = (1980, 1, 1, 0, 0, 0)


def problems(program: bytes, architecture: str) -> list[str]:
    """Why Lambda could not run a program."""
    if program[:4] != b"\x7fELF" or len(program) < 20:
        return ["is no ELF program"]
    found = []
    machine = struct.unpack_from("<H", program, 18)[0]
    if machine != MACHINES[architecture]:
        found.append(f"is not for {architecture} (ELF machine {machine})")
    newest = newest_glibc(program)
    if newest > NEWEST_GLIBC:
        found.append(f"needs glibc {written(newest)}; Amazon Linux 2023 has {written(NEWEST_GLIBC)}")
    # These names exist since glibc 2.36. They say how a program was linked, and are not functions.
    found += [f"needs {name.decode()} of glibc" for name in sorted(set(re.findall(rb"GLIBC_ABI_\w+", program)))]
    return found


def newest_glibc(program: bytes) -> tuple[int, ...]:
    """The newest version among the glibc symbols that a program uses."""
    versions = re.findall(rb"GLIBC_(\d+(?:\.\d+)+)\0", program)
    return max((tuple(map(int, version.split(b"."))) for version in versions), default=(0,))


def written(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))


def packed(program: bytes) -> bytes:
    """The zip of a program. It does not contain when, by whom and on which system it was made."""
    entry = zipfile.ZipInfo("bootstrap", NO_TIME)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.create_system = 3  # Unix, on every system
    entry.external_attr = 0o100755 << 16
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr(entry, program, compresslevel=9)
    return content.getvalue()


def write_all(files: dict[Path, bytes]) -> None:
    """Writes temporary files first and then renames them, so that no file is incomplete and all appear together."""
    scratch = {file: file.with_name(f".{file.name}.new") for file in files}
    try:
        for file, content in files.items():
            file.parent.mkdir(parents=True, exist_ok=True)
            scratch[file].write_bytes(content)
        for file, written_file in scratch.items():
            written_file.replace(file)
    finally:
        for written_file in scratch.values():
            written_file.unlink(missing_ok=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", type=Path, help="the program of all functions")
    parser.add_argument("out", type=Path, help="where the zips go")
    parser.add_argument("--architecture", choices=MACHINES, required=True)
    arguments = parser.parse_args()
    try:
        program = arguments.program.read_bytes()
    except OSError as error:
        print(f"{arguments.program}: {error.strerror}", file=sys.stderr)
        return 1
    refused = problems(program, arguments.architecture)
    if refused:
        print("\n".join(f"{arguments.program}: {problem}" for problem in refused), file=sys.stderr)
        return 1
    package = packed(program)
    try:
        write_all({arguments.out / f"{name}.zip": package for name in FUNCTIONS})
    except OSError as error:
        print(f"the packages cannot be written to {arguments.out}: {error.strerror}", file=sys.stderr)
        return 1
    names, glibc = ",".join(FUNCTIONS), written(newest_glibc(program))
    print(f"{arguments.out}/{{{names}}}.zip: each {len(package) / 1e6:.2f} MB, "
          f"{len(program) / 1e6:.2f} MB unpacked, glibc {glibc}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
