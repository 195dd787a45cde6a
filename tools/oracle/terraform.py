"""Terraform's own values of many expressions: one `terraform console` for all of them."""

import base64
import os
import subprocess
import tempfile
from pathlib import Path

from notation import quoted, read_json

# What a failed expression gives; no expression gives this text.
FAILED = "the expression failed"
# Expressions in one local value. Terraform orders locals by what they refer to, which takes long for many of them.
IN_ONE_LOCAL = 100


class Failure(Exception):
    """Terraform refused a whole module."""


def values(program: str, expressions: list[str]) -> list:
    """The value of each expression, from JSON, or `FAILED`."""
    if not expressions:
        return []
    with tempfile.TemporaryDirectory(prefix="jit-runners-oracle-") as folder:
        begins = range(0, len(expressions), IN_ONE_LOCAL)
        lines = ["locals {"]
        for begin in begins:
            lines.append(f"  from_{begin} = [")
            lines += [f"    try(jsonencode({hcl}), jsonencode({quoted(FAILED)})),"
                      for hcl in expressions[begin:begin + IN_ONE_LOCAL]]
            lines.append("  ]")
        names = ", ".join(f"local.from_{begin}" for begin in begins)
        lines += [f"  all = base64encode(jsonencode(concat({names})))", "}", ""]
        Path(folder, "main.tf").write_text("\n".join(lines), encoding="utf-8")
        environment = {**os.environ, "CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1"}
        environment.pop("TF_CLI_CONFIG_FILE", None)
        run = subprocess.run([program, f"-chdir={folder}", "console"], input="local.all\n", text=True, env=environment,
                             capture_output=True)
    if run.returncode != 0:
        raise Failure(run.stderr)
    texts = read_json(base64.b64decode(run.stdout.strip().splitlines()[-1].strip('"')).decode())
    return [read_json(text) for text in texts]
