#!/bin/bash
# System libraries, build tools, archive tools, and commands that scripts of jobs expect.
# shellcheck source=lib.sh
. "${JIT_RUNNERS_PROVISION:-/tmp/jit-runners}/lib.sh"

# The packages that user data would install otherwise (model/src/contract/mod.rs).
read -ra for_the_runner <<<"$PACKAGES"

build=(gcc gcc-c++ make cmake autoconf automake libtool patch pkgconf-pkg-config
    bzip2-devel libffi-devel openssl-devel readline-devel sqlite-devel xz-devel zlib-devel)
archives=(bzip2 gzip tar unzip xz zip zstd)
shell=(bc diffutils file findutils jq less openssh-clients rsync wget which)

packages "${for_the_runner[@]}" "${build[@]}" "${archives[@]}" "${shell[@]}"
