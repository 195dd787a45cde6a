#!/usr/bin/env python3
"""Builds and runs all tests. Programs that mostly wait, for an emulator or for Terraform, run at the same time as the others.

Cargo runs one test program after the other. For each one it calls this script (`runner` in
<https://doc.rust-lang.org/cargo/reference/config.html#targettriplerunner>). The script passes programs that wait to its first
process, which starts them, and runs the others itself. Several calls of cargo would not work: for a part of the targets cargo
chooses other features, and builds crates again.

The output of a program that was passed on is printed when it ends, so that outputs do not mix. All programs run, and then the
script says which ones failed.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

# Test programs that mostly wait, for processes that they start.
WAITING = ["image", "outside", "witnesses"]
# The first argument of a call by cargo.
BY_CARGO = "--called-by-cargo"
CARGO_TEST = ["test", "--workspace", "--no-fail-fast"]


def called_by_cargo(folder: Path, program: str, *arguments: str) -> None:
    """Replaces this process by the program, or writes to the folder how to start it."""
    # Cargo adds a hash to the name.
    name = re.sub(r"-[0-9a-f]{16}$", "", Path(program).name)
    if name not in WAITING:
        os.execv(program, [program, *arguments])
    unfinished = folder / f".{name}"
    # Cargo sets the working folder and the environment for each program.
    start = {"arguments": [os.path.abspath(program), *arguments], "folder": os.getcwd(), "environment": dict(os.environ)}
    unfinished.write_text(json.dumps(start))
    unfinished.rename(folder / name)


def start(file: Path, threads: str) -> tuple[subprocess.Popen, object]:
    """Starts a program that was passed on."""
    told, output = json.loads(file.read_text()), tempfile.TemporaryFile()
    process = subprocess.Popen([*told["arguments"], "--quiet"], cwd=told["folder"], stdout=output, stderr=subprocess.STDOUT,
                               env={**told["environment"], "RUST_TEST_THREADS": threads})
    return process, output


def main() -> int:
    if subprocess.run(["cargo", *CARGO_TEST, "--no-run"]).returncode != 0:
        return 1
    began, processors = time.monotonic(), os.cpu_count() or 1
    failed, running = [], {}

    def ended(name: str, status: int) -> None:
        if status != 0:
            failed.append(name)
        print(f"######## {name}: {'failed' if status else 'passed'}, after {time.monotonic() - began:.0f} s", flush=True)

    described = subprocess.run(["rustc", "--version", "--verbose"], check=True, capture_output=True, text=True).stdout
    host = re.search(r"^host: (\S+)$", described, re.MULTILINE)[1]
    with tempfile.TemporaryDirectory(prefix="jit-runners-tests-") as scratch:
        folder = Path(scratch)
        # Tests that wait can run in many threads; the others get one thread for each processor.
        threads = os.environ.get("RUST_TEST_THREADS") or str(processors + 3)
        runner = json.dumps([sys.executable, str(Path(__file__).resolve()), BY_CARGO, scratch])
        others = subprocess.Popen(["cargo", "--config", f"target.{host}.runner={runner}", *CARGO_TEST],
                                  env={**os.environ, "RUST_TEST_THREADS": str(processors)})
        is_over = False
        while not is_over:
            is_over = others.poll() is not None
            for name in WAITING:
                if name not in running and (folder / name).exists():
                    running[name] = start(folder / name, threads)
            time.sleep(0.2)
        ended("everything else", others.returncode)
        for name in WAITING:
            if name not in running:
                print(f"cargo knows no test program {name}; see {__file__}", file=sys.stderr)
                failed.append(name)
                continue
            process, output = running[name]
            status = process.wait()
            output.seek(0)
            sys.stdout.buffer.write(output.read())
            ended(name, status)
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    if sys.argv[1:2] == [BY_CARGO]:
        called_by_cargo(Path(sys.argv[2]), *sys.argv[3:])
    else:
        sys.exit(main())
