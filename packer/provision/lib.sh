# shellcheck shell=bash
# Functions that the scripts of this folder share. They run as root, one after the other, with the variables of image.pkr.hcl.

set -euo pipefail

# Tests set this, and the scripts then change only files below it.
root=${JIT_RUNNERS_ROOT:-}
provision=$(dirname "${BASH_SOURCE[0]}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

say() { printf 'image: %s\n' "$*"; }
die() { say "$*" >&2; exit 1; }

# Installs packages of Amazon Linux. It always checks their signatures, whatever the repository's file says. The base image
# determines their versions (https://docs.aws.amazon.com/linux/al2023/ug/deterministic-upgrades-usage.html).
packages() {
    local attempt
    for attempt in 1 2 3 4 5; do
        if dnf --assumeyes --quiet --setopt=install_weak_deps=False --setopt='*.gpgcheck=1' install "$@"; then
            return
        fi
        ((attempt == 5)) || sleep "$((attempt * 5))"
    done
    die "cannot install packages, see above: $*"
}

# A column of the line of downloads.txt for $1 and this architecture: 2 is the version, 4 the checksum, 5 the address.
column() {
    local found
    found=$(awk -v name="$1" -v architecture="$ARCHITECTURE" -v column="$2" \
        '$1 == name && $3 == architecture { print $column }' "$provision/downloads.txt")
    [[ $found ]] || die "downloads.txt has no $1 for $ARCHITECTURE"
    printf '%s\n' "$found"
}

# Fetches the download $1 of downloads.txt into the file $2.
download() {
    local address checksum
    address=$(column "$1" 5)
    checksum=$(column "$1" 4)
    fetch "$address" "$checksum" "$2"
}

# Fetches the address $1, whose SHA-256 must be $2, into the file $3. Only this function downloads anything.
fetch() {
    local attempt
    for attempt in 1 2 3 4 5; do
        if curl --silent --show-error --fail --location --proto '=https' --connect-timeout 10 \
            --speed-limit 10000 --speed-time 30 --output "$3" "$1"; then
            if printf '%s  %s\n' "$2" "$3" | sha256sum --check --status; then
                say "fetched $1"
                return
            fi
            die "wrong checksum of $1: expected $2, found $(sha256sum "$3" | cut -d ' ' -f 1)"
        fi
        ((attempt == 5)) || sleep "$((attempt * 5))"
    done
    die "cannot fetch $1"
}

# Installs the program $1 for all users, as $2.
program() { install -D --mode=755 "$1" "$root/usr/local/bin/$2"; }

# Makes a link to $1 in the folder of all users' programs. It is relative, so that it also works below a test's root.
link() { mkdir -p "$root/usr/local/bin" && ln --symbolic --force "../$1" "$root/usr/local/bin/${1##*/}"; }
