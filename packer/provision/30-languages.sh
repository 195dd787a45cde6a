#!/bin/bash
# Python, Node and Go.
# shellcheck source=lib.sh
. "${JIT_RUNNERS_PROVISION:-/tmp/jit-runners}/lib.sh"

# In addition to /usr/bin/python3: the system needs its own version (https://docs.aws.amazon.com/linux/al2023/ug/python.html).
packages python3.13 python3.13-devel python3.13-pip

download node "$work/node.tar.xz"
rm -rf "$root/usr/local/lib/nodejs"
mkdir -p "$root/usr/local/lib/nodejs"
tar --extract --xz --strip-components=1 --no-same-owner --directory "$root/usr/local/lib/nodejs" --file "$work/node.tar.xz"
for name in node npm npx; do
    link "lib/nodejs/bin/$name"
done

download go "$work/go.tar.gz"
rm -rf "$root/usr/local/go"
tar --extract --gzip --no-same-owner --directory "$root/usr/local" --file "$work/go.tar.gz"
for name in go gofmt; do
    link "go/bin/$name"
done
