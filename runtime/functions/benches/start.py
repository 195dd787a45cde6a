#!/usr/bin/env python3
"""Times the start of the functions in bin/, from the start of the process to its first request to Lambda's Runtime API.

All services that a start calls are stand-ins on loopback: the Runtime API, Secrets Manager, DynamoDB, SQS and GitHub. With `--tls`
all but the first use TLS, and the functions trust the machine's root certificates, as in AWS, and the stand-in's own. The time of
the network and of Lambda itself comes on top. The measurement includes the time of this stand-in, which is Python.
It asserts nothing.
"""

import argparse
import json
import os
import re
import socket
import ssl
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

FUNCTIONS = ["webhook", "scaleup", "scaledown", "lifecycle", "rebalancer"]
ROOT = Path(__file__).resolve().parents[3]
KEY = ROOT / "runtime/functions/tests/outside/github/keys/app.pkcs1.pem"
SECRET = "arn:aws:secretsmanager:us-east-1:123456789012:secret:bench"
# Seconds to wait for the first request of a process.
PATIENCE = 10


class StandIn(BaseHTTPRequestHandler):
    """Answers the requests of a start, but not the request for the first event, which waits until the process has ended."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        if self.path == "/2018-06-01/runtime/invocation/next":
            self.server.asked(time.perf_counter())
            self.rfile.read(1)
            self.close_connection = True
            return
        self.answer(404, {})

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("content-length", 0)))
        operation = self.headers.get("x-amz-target", "").split(".")[-1]
        if operation == "GetSecretValue":
            self.answer(200, {"ARN": SECRET, "Name": "bench", "VersionId": "1" * 32, "SecretString": KEY.read_text()})
        elif re.fullmatch(r"/app/installations/\d+/access_tokens", self.path):
            token = {"token": "ghs_bench", "expires_at": "2099-01-01T00:00:00Z", "permissions": {}}
            self.answer(201, token)
        else:
            self.answer(200, {})
        self.server.answered.append(operation or self.path)

    def answer(self, status: int, body: dict) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), StandIn)
        self.context, self.answered, self.asked = context, [], lambda at: None
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def finish_request(self, request: socket.socket, client_address: object) -> None:
        if self.context:
            request = self.context.wrap_socket(request, server_side=True)
        super().finish_request(request, client_address)

    def handle_error(self, *_: object) -> None:
        pass  # Processes are killed while they wait for an answer.


def certificate(scratch: Path) -> tuple[ssl.SSLContext, Path]:
    """The TLS context of a stand-in, and a file of root certificates: the machine's, and the one that signed the stand-in's."""
    authority, leaf = ["-keyout", scratch / "ca.key", "-out", scratch / "ca.pem"], scratch / "leaf.pem"
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    openssl = lambda *words: subprocess.run(["openssl", *words], check=True, capture_output=True)
    openssl("req", "-x509", *key, "-subj", "/CN=bench authority", *authority)
    openssl("req", "-x509", *key, "-subj", "/CN=bench", "-addext", "subjectAltName=IP:127.0.0.1",
            "-addext", "basicConstraints=critical,CA:FALSE", "-CA", scratch / "ca.pem", "-CAkey", scratch / "ca.key",
            "-keyout", scratch / "leaf.key", "-out", leaf)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(leaf, scratch / "leaf.key")
    machine = Path(ssl.get_default_verify_paths().cafile or "/etc/ssl/certs/ca-certificates.crt")
    roots = scratch / "roots.pem"
    roots.write_text((machine.read_text() if machine.is_file() else "") + (scratch / "ca.pem").read_text())
    return context, roots


def environment(runtime_api: int, services: str, roots: Path | None) -> dict[str, str]:
    """The environment that Lambda and a deployment set, with the variables of all functions."""
    variables = {
        "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{runtime_api}",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_LOG_GROUP_NAME": "bench",
        "AWS_LAMBDA_LOG_STREAM_NAME": "bench",
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "bench",
        "AWS_SECRET_ACCESS_KEY": "bench",
        "AWS_SESSION_TOKEN": "bench",
        "AWS_ENDPOINT_URL": services,
        "DEPLOYMENT_NAME": "bench",
        "METRICS_NAMESPACE": "bench",
        "GITHUB_API_URL": f"{services}/api/v3",
        "GITHUB_APP_ID": "1",
        "GITHUB_INSTALLATION_ID": "2",
        "WEBHOOK_SECRET_ARN": SECRET,
        "PRIVATE_KEY_SECRET_ARN": SECRET,
        "SCALEUP_QUEUE_URL": f"{services}/123456789012/bench-scaleup",
        "LIFECYCLE_QUEUE_URL": f"{services}/123456789012/bench-lifecycle",
        "TABLE_NAME": "bench-runners",
        "LABEL_MAPPINGS": "[]",
        "DEFAULT_INSTANCE_TYPE": "t3.medium",
        "DEFAULT_AMI": "ami-0123456789abcdef0",
        "SUBNET_IDS": "subnet-0123456789abcdef0",
        "RUNNER_SECURITY_GROUP_ID": "sg-0123456789abcdef0",
        "RUNNER_INSTANCE_PROFILE_ARN": "arn:aws:iam::123456789012:instance-profile/bench",
        "RUNNER_ROLE_ID": "AROAEXAMPLE",
        "RUNNER_VERSION": "2.338.0",
        "RUNNER_CHECKSUMS": "",
        "RUNNER_SCOPE": "repository",
        "RUNNER_GROUP_ID": "1",
        "MAX_RUNNERS": "100",
        "MAX_RUNNERS_PER_REPOSITORY": "20",
        "PAUSED": "false",
        "STALE_THRESHOLD_MINUTES": "10",
        "MAX_RUNNER_AGE_MINUTES": "360",
        "MAX_RE_ENQUEUE_ATTEMPTS": "3",
    }
    if roots:
        variables["SSL_CERT_FILE"] = str(roots)
    return variables


def start(program: Path, variables: dict[str, str], api: Server) -> tuple[float, float, float, float]:
    """Milliseconds until the first request, milliseconds of processor time, peak memory and private memory in MB."""
    asked = threading.Event()
    moments: list[float] = []
    api.asked = lambda at: (moments.append(at), asked.set())
    began = time.perf_counter()
    process = subprocess.Popen([program], env=variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        if not asked.wait(PATIENCE):
            process.kill()
            said = process.stdout.read().decode(errors="replace")
            raise SystemExit(f"{program.name} did not ask for an event in {PATIENCE} s; it said:\n{said}")
        status = Path(f"/proc/{process.pid}/status").read_text()
        threads = Path(f"/proc/{process.pid}/task").iterdir()
        worked = sum(int((thread / "schedstat").read_text().split()[0]) for thread in threads)
    finally:
        process.kill()
        process.wait()
    peak, own = (int(re.search(rf"{field}:\s+(\d+) kB", status)[1]) / 1000 for field in ("VmHWM", "RssAnon"))
    return (moments[0] - began) * 1e3, worked / 1e6, peak, own


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--packages", type=Path, default=ROOT / "bin", help="the folder of the zips [bin]")
    parser.add_argument("--runs", type=int, default=30, help="starts of each function [30]")
    parser.add_argument("--tls", action="store_true", help="speak TLS to everything but the Runtime API; needs openssl")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        context, roots = certificate(scratch) if arguments.tls else (None, None)
        api, services = Server(), Server(context)
        address = f"{'https' if arguments.tls else 'http'}://127.0.0.1:{services.server_port}"
        variables = environment(api.server_port, address, roots)
        print(f"{arguments.runs} starts each, {'with' if arguments.tls else 'without'} TLS")
        print(f"{'':12}{'zip MB':>8}{'MB':>8}{'ms median':>11}{'min':>7}{'max':>7}{'ms at work':>12}"
              f"{'peak MB':>9}{'own MB':>8}  asked")
        for name in FUNCTIONS:
            package = arguments.packages / f"{name}.zip"
            if not package.is_file():
                sys.exit(f"{package} is not there; run `make lambda.zip`")
            program = scratch / name
            program.write_bytes(zipfile.ZipFile(package).read("bootstrap"))
            program.chmod(0o755)
            variables["AWS_LAMBDA_FUNCTION_NAME"] = f"bench-{name}"
            start(program, variables, api)  # The first start reads the program from disk.
            services.answered.clear()
            runs = [start(program, variables, api) for _ in range(arguments.runs)]
            times, work, peak, own = zip(*runs)
            middle = statistics.median
            print(f"{name:12}{package.stat().st_size / 1e6:8.2f}{program.stat().st_size / 1e6:8.2f}{middle(times):11.1f}"
                  f"{min(times):7.1f}{max(times):7.1f}{middle(work):12.1f}{middle(peak):9.1f}{middle(own):8.1f}"
                  f"  {' '.join(sorted(set(services.answered)))}", flush=True)


if __name__ == "__main__":
    main()
