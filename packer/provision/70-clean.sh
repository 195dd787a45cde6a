#!/bin/bash
# Leaves nothing of this machine in its image: caches, logs, identity.
# shellcheck source=lib.sh
. "${JIT_RUNNERS_PROVISION:-/tmp/jit-runners}/lib.sh"

dnf --quiet clean all
rm -rf "$root/var/cache/dnf"

# An instance makes keys of its own for SSH when cloud-init finds another instance id than before; Packer removes its own key.
cloud-init clean --logs
# https://www.freedesktop.org/software/systemd/man/latest/machine-id.html: empty, so that each instance gets its own.
: >"$root/etc/machine-id"

rm -f "$root/root/.bash_history" "$root"/home/*/.bash_history
rm -rf "$root/root/.cache" "$root"/home/*/.cache "$root"/var/tmp/*
journalctl --rotate --quiet
journalctl --vacuum-time=1s --quiet
find "$root/var/log" -type f -exec truncate --size=0 {} +
