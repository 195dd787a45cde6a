#!/bin/bash
# Docker, with Compose and Buildx: the first is not in Amazon Linux, the second is too old there for the first.
# shellcheck source=lib.sh
. "${JIT_RUNNERS_PROVISION:-/tmp/jit-runners}/lib.sh"

packages docker

# The client looks here before it looks where packages put plugins
# (https://github.com/docker/cli/blob/master/cli-plugins/manager/manager_unix.go).
plugins=$root/usr/local/lib/docker/cli-plugins
for plugin in compose buildx; do
    download "$plugin" "$work/$plugin"
    install -D --mode=755 "$work/$plugin" "$plugins/docker-$plugin"
done

systemctl enable docker.service
