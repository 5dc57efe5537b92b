#!/usr/bin/env bash
# Proves that the published crate stands by itself: packs it, unpacks it elsewhere, builds it from
# there and runs the demo. About as long as a build from nothing; in debug unless --release is given.
set -euo pipefail
cd "$(dirname "$0")/.."
profile=dev folder=debug
if [[ ${1:-} == --release ]]; then profile=release folder=release; fi
cargo package --locked --no-verify --allow-dirty --quiet 2>/dev/null
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
crate=${CARGO_TARGET_DIR:-target}/package/plimsoll-$version.crate
echo "crate     $(wc -c <"$crate") bytes"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tar -xzf "$crate" -C "$work"
target=$PWD/target/verify-crate
cd "$work/plimsoll-$version"
cargo build --locked --profile "$profile" --bin plimsoll --target-dir "$target"
# Nothing of the repository is at hand, and no home.
cd "$work"
program=$target/$folder/plimsoll
run() { env -i PATH=/usr/bin:/bin HOME="$work/home" TERM=xterm-256color "$program" "$@"; }
run --version
status=0
run scan --demo -o json >scan.json || status=$?
[[ $status == 0 ]] || { echo "verify-crate.sh: scan --demo ended with $status" >&2; exit 1; }
findings=$(grep -c '"fingerprint"' scan.json)
[[ $findings -gt 100 ]] || { echo "verify-crate.sh: scan --demo found only $findings" >&2; exit 1; }
echo "demo      $findings findings"
if command -v script >/dev/null && script --version 2>/dev/null | grep -q util-linux; then
  # The workbench in a terminal: it draws, and q ends it.
  export -f run
  export program work
  (sleep 3; printf q; sleep 1; printf y; sleep 1) | timeout 60 script -qec 'run demo' screen >/dev/null || status=$?
  [[ $status == 0 ]] || { echo "verify-crate.sh: demo ended with $status" >&2; exit 1; }
  grep -q 'demo' screen || { echo "verify-crate.sh: demo drew nothing" >&2; exit 1; }
  echo "workbench started and ended"
else
  echo "DID NOT RUN: the workbench, since there is no \`script\` of util-linux" >&2
fi
