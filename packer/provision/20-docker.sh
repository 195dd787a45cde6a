#!/bin/bash
# Docker, with Compose and Buildx. Amazon Linux has no Compose, and its Buildx is too old for Compose.
# shellcheck source=lib.sh
. "${JIT_RUNNERS_PROVISION:-/tmp/jit-runners}/lib.sh"

packages docker

# The client looks in this folder before the folder of the packages' plugins
# (https://github.com/docker/cli/blob/master/cli-plugins/manager/manager_unix.go).
plugins=$root/usr/local/lib/docker/cli-plugins
for plugin in compose buildx; do
    download "$plugin" "$work/$plugin"
    install -D --mode=755 "$work/$plugin" "$plugins/docker-$plugin"
done

systemctl enable docker.service
