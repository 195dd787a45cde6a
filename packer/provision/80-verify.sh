#!/bin/bash
# Runs every tool as the runner's user, and checks its version. Fails if a tool is missing or does not have the fetched
# version. Otherwise writes a manifest, and then the marker that user data looks for.
# shellcheck source=lib.sh
. "${JIT_RUNNERS_PROVISION:-/tmp/jit-runners}/lib.sh"

# A name for the manifest, then the command that prints the version.
tools=(
    "bash: bash --version"
    "git: git --version"
    "curl: curl --version"
    "jq: jq --version"
    "tar: tar --version"
    "gzip: gzip --version"
    "bzip2: bzip2 --help"
    "xz: xz --version"
    "zip: zip --version"
    "unzip: unzip -v"
    "zstd: zstd --version"
    "rsync: rsync --version"
    "wget: wget --version"
    "gcc: gcc --version"
    "g++: g++ --version"
    "make: make --version"
    "cmake: cmake --version"
    "docker: docker --version"
    "compose: docker compose version"
    "buildx: docker buildx version"
    "python: python3.13 --version"
    "pip: python3.13 -m pip --version"
    "node: node --version"
    "npm: npm --version"
    "go: go version"
    "aws: aws --version"
    "kubectl: kubectl version --client"
    "helm: helm version --short"
    "gh: gh --version"
    "yq: yq --version"
    "git-lfs: git-lfs --version"
    "cloudwatch-agent: rpm --query amazon-cloudwatch-agent"
    "runner: $root$RUNNER_DIRECTORY/bin/Runner.Listener --version"
)

# The PATH of user data's shell, a temporary home folder, and nothing else from root's environment.
chmod 755 "$work"
mkdir --mode=1777 "$work/home"
path=${JIT_RUNNERS_PATH:-/usr/local/bin:/usr/bin:/bin}
as_runner() { runuser --user "$RUNNER_USER" -- env --ignore-environment PATH="$path" HOME="$work/home" "$@" 2>&1; }

json() { local text=${1//\\/\\\\}; text=${text//\"/\\\"}; printf '"%s"' "${text//[[:cntrl:]]/ }"; }

problems=0
problem() { say "$*" >&2; problems=$((problems + 1)); }

# The version that $1 must print, if it was fetched.
pinned() {
    if [[ $1 == runner ]]; then
        printf '%s\n' "$RUNNER_VERSION"
    elif grep --quiet "^$1 " "$provision/downloads.txt"; then
        column "$1" 2
    fi
}

manifest=$work/manifest.json
{
    printf '{\n  "architecture": %s,\n' "$(json "$ARCHITECTURE")"
    printf '  "system": %s,\n' "$(json "$(cat "$root/etc/system-release")")"
    printf '  "tools": {'
} >"$manifest"
comma=""
for tool in "${tools[@]}"; do
    name=${tool%%: *}
    read -ra command <<<"${tool#*: }"
    if ! said=$(as_runner "${command[@]}"); then
        problem "$name is missing: \`${command[*]}\` says: $said"
        continue
    fi
    # The first line with a number: some tools print a greeting first.
    version=$(grep --max-count=1 '[0-9]' <<<"$said" || :)
    wanted=$(pinned "$name")
    if [[ ! $version ]]; then
        problem "$name does not say its version: $said"
    elif [[ $wanted && ! " ${version//[!0-9.]/ } " == *" $wanted "* ]]; then
        problem "$name is another one than was fetched: expected $wanted, found $version"
    fi
    printf '%s\n    %s: %s' "$comma" "$(json "$name")" "$(json "$version")" >>"$manifest"
    comma=,
done
printf '\n  }\n}\n' >>"$manifest"

read -ra for_the_runner <<<"$PACKAGES"
for package in "${for_the_runner[@]}"; do
    rpm --query --quiet "$package" || problem "the package $package is missing"
done
systemctl is-enabled --quiet docker.service || problem "Docker does not start at boot"
[[ -x $root$RUNNER_DIRECTORY/run.sh ]] || problem "no runner in $RUNNER_DIRECTORY"
[[ $(stat --format=%U "$root$RUNNER_DIRECTORY") == "$RUNNER_USER" ]] || problem "$RUNNER_DIRECTORY is not $RUNNER_USER's"

((problems == 0)) || die "$problems problem(s), see above: the image is not made"

install -D --mode=644 "$manifest" "$root${RUNNER_VERSION_FILE%/*}/manifest.json"
cat "$manifest"
printf '%s\n' "$RUNNER_VERSION" >"$work/marker"
install -D --mode=644 "$work/marker" "$root$RUNNER_VERSION_FILE"
say "everything is there"
