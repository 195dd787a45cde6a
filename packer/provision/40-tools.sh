#!/bin/bash
# Tools for AWS, Kubernetes and GitHub.
# shellcheck source=lib.sh
. "${JIT_RUNNERS_PROVISION:-/tmp/jit-runners}/lib.sh"

# The agent is installed but not started. To use it, give it a configuration and start it.
packages awscli-2 amazon-cloudwatch-agent

for name in kubectl yq; do
    download "$name" "$work/$name"
    program "$work/$name" "$name"
done

# Installs the file $2 of the archive $1 as a program with the archive's name.
unpack() {
    download "$1" "$work/$1.tar.gz"
    mkdir -p "$work/$1"
    tar --extract --gzip --directory "$work/$1" --file "$work/$1.tar.gz"
    program "$work/$1/$2" "$1"
}

case $ARCHITECTURE in
    x86_64) other_name=amd64 ;;
    arm64) other_name=arm64 ;;
    *) die "no tools for the architecture $ARCHITECTURE" ;;
esac
unpack helm "linux-$other_name/helm"
unpack gh "gh_$(column gh 2)_linux_$other_name/bin/gh"
unpack git-lfs "git-lfs-$(column git-lfs 2)/git-lfs"

# The filters of git-lfs, for all users.
git lfs install --system --skip-repo
