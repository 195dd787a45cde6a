#!/usr/bin/env python3
"""Builds all tests and runs them: those that mostly wait, for an emulator or for Terraform, beside the others.

Each of those prints what it has to say when it ends, so that nothing is mixed up. All of them run, and then it is told which
failed.
"""

import json
import os
import subprocess
import sys
import tempfile
import time

# Test programs that mostly wait.
WAITING = ["outside", "witnesses"]


def cargo(*arguments: str) -> list[str]:
    # The whole workspace each time: with a part of it, crates would have other features, and be built again.
    return ["cargo", "test", "--workspace", "--no-fail-fast", *arguments]


def others() -> list[str]:
    """Options for all test programs that are not named above."""
    described = subprocess.run(["cargo", "metadata", "--no-deps", "--format-version", "1"], check=True, stdout=subprocess.PIPE)
    targets = [target for package in json.loads(described.stdout)["packages"] for target in package["targets"]]
    names = {target["name"] for target in targets if target["kind"] == ["test"]}
    missing = [name for name in WAITING if name not in names]
    if missing:
        sys.exit(f"there is no test program {' and no '.join(missing)}; see {__file__}")
    return ["--lib", "--bins", *(f"--test={name}" for name in sorted(names - set(WAITING)))]


def main() -> int:
    if subprocess.run(cargo("--no-run")).returncode != 0:
        return 1
    began = time.monotonic()
    failed = []

    def ended(name: str, status: int) -> None:
        if status != 0:
            failed.append(name)
        print(f"######## {name}: {'failed' if status else 'passed'}, after {time.monotonic() - began:.0f} s", flush=True)

    outputs = {name: tempfile.TemporaryFile() for name in WAITING}
    running = {
        name: subprocess.Popen(cargo("--quiet", f"--test={name}"), stdout=output, stderr=subprocess.STDOUT)
        for name, output in outputs.items()
    }
    # These compute: as many at a time as there are processors.
    computing = {**os.environ, "RUST_TEST_THREADS": str(os.cpu_count() or 1)}
    for name, options in [("everything else", others()), ("examples in the documentation", ["--doc"])]:
        ended(name, subprocess.run(cargo(*options), env=computing).returncode)
    for name, process in running.items():
        status = process.wait()
        outputs[name].seek(0)
        sys.stdout.buffer.write(outputs[name].read())
        ended(name, status)
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
