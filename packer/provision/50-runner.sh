#!/bin/bash
# The Actions runner and its user. 80-verify.sh writes the marker for them at the very end.
# shellcheck source=lib.sh
. "${JIT_RUNNERS_PROVISION:-/tmp/jit-runners}/lib.sh"

getent passwd "$RUNNER_USER" >/dev/null || useradd --create-home --shell /bin/bash "$RUNNER_USER"
# Jobs use Docker. Every user of Docker is root on the machine, so a machine runs only one job.
usermod --append --groups docker "$RUNNER_USER"

case $ARCHITECTURE in
    x86_64) other_name=x64 ;;
    arm64) other_name=arm64 ;;
    *) die "no runner for the architecture $ARCHITECTURE" ;;
esac
archive=actions-runner-linux-$other_name-$RUNNER_VERSION.tar.gz
fetch "https://github.com/actions/runner/releases/download/v$RUNNER_VERSION/$archive" "$RUNNER_SHA256" "$work/$archive"

directory=$root$RUNNER_DIRECTORY
mkdir -p "$directory"
tar --extract --gzip --no-same-owner --directory "$directory" --file "$work/$archive"
chown --recursive "$RUNNER_USER:" "$directory"
