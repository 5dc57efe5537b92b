#!/usr/bin/env bash
# Proves that the published crate stands by itself: packs it, unpacks it elsewhere, builds it from
# there and runs the demo. About as long as a build from nothing; in debug unless --release is given.
set -euo pipefail
cd "$(dirname "$0")/.."
case ${1:-} in
  "") profile=dev folder=debug ;;
  --release) profile=release folder=release ;;
  *) echo "verify-crate.sh: there is no option $1" >&2; exit 2 ;;
esac
log=$(mktemp)
work=$(mktemp -d)
trap 'rm -rf "$work" "$log"' EXIT
# With --allow-dirty, so that changes can be tried before they are committed; whoever publishes commits first.
if ! cargo package --locked --no-verify --allow-dirty --quiet 2>"$log"; then
  cat "$log" >&2
  exit 1
fi
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
crate=${CARGO_TARGET_DIR:-target}/package/plimsoll-$version.crate
echo "crate     $(wc -c <"$crate") bytes"
tar -xzf "$crate" -C "$work"
target=$PWD/target/verify-crate
cd "$work/plimsoll-$version"
cargo build --locked --profile "$profile" --bin plimsoll --target-dir "$target"
# Nothing of the repository is at hand, nor of the crate, and no home.
cd "$work"
rm -rf "$work/plimsoll-$version"
program=$target/$folder/plimsoll
clean=(env -i PATH=/usr/bin:/bin "HOME=$work/home" TERM=xterm-256color)
fail() {
  echo "verify-crate.sh: $*" >&2
  exit 1
}
"${clean[@]}" "$program" --version
"${clean[@]}" "$program" scan --demo -o json >scan.json || fail "scan --demo ended with $?"
grep -Eq '"check": ?"privileged-container"' scan.json || fail "scan --demo lacks what it always finds"
echo "scan --demo gave $(wc -c <scan.json) bytes"
if command -v script >/dev/null && script --version 2>/dev/null | grep -q util-linux; then
  # The workbench in a terminal: it takes the screen, draws the overview, and q ends it.
  command=$(printf '%q ' "${clean[@]}" "$program" demo)
  timeout 60 script -qec "stty rows 40 cols 120; $command" screen >/dev/null \
    < <(sleep 5; printf q; sleep 1; printf y; sleep 1) || fail "demo ended with $?"
  grep -qF $'\e[?1049h' screen || fail "demo took no screen"
  grep -q NSA screen || fail "demo drew no overview"
  echo "demo drew the overview and ended"
else
  echo "DID NOT RUN: the workbench, since there is no \`script\` of util-linux" >&2
fi
