#!/bin/bash
# Removes this machine's caches, logs and identity from the image.
# shellcheck source=lib.sh
. "${JIT_RUNNERS_PROVISION:-/tmp/jit-runners}/lib.sh"

dnf --quiet clean all
rm -rf "$root/var/cache/dnf"

# When cloud-init finds a new instance id, it creates new SSH host keys for the instance. Packer removes its own key.
cloud-init clean --logs
# https://www.freedesktop.org/software/systemd/man/latest/machine-id.html: empty, so that each instance gets its own.
: >"$root/etc/machine-id"

rm -f "$root/root/.bash_history" "$root"/home/*/.bash_history
rm -rf "$root/root/.cache" "$root"/home/*/.cache "$root"/var/tmp/*
journalctl --rotate --quiet
journalctl --vacuum-time=1s --quiet
find "$root/var/log" -type f -exec truncate --size=0 {} +
