#!/usr/bin/env bash
# Looks over the dependencies with cargo-deny: licences, bans, sources and duplicates by deny.toml,
# which needs no network, and known advisories, whose database has to be fetched. What did not run
# is said. With --strict that is an error, as before a release.
#
# `cargo install --locked cargo-deny` gets the tool; tests/policy.rs enforces the first part without.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
strict=${1:-}
missing=0
did_not_run() {
  echo "DID NOT RUN: $*" >&2
  missing=1
}

if ! command -v cargo-deny >/dev/null; then
  did_not_run "licences, bans, sources: there is no cargo-deny (tests/policy.rs holds deny.toml without it)"
  did_not_run "advisories: there is no cargo-deny"
else
  echo "== licences, bans, sources =="
  cargo-deny --locked --offline check licenses bans sources || exit 1
  echo "== advisories =="
  log=$(mktemp)
  trap 'rm -f "$log"' EXIT
  if cargo-deny --locked check advisories >"$log" 2>&1; then
    cat "$log"
  elif grep -qi 'failed to fetch advisory database' "$log"; then
    cat "$log" >&2
    did_not_run "advisories: their database cannot be reached"
  else
    cat "$log" >&2
    exit 1
  fi
fi
if [[ $strict == --strict && $missing == 1 ]]; then exit 1; fi
exit 0
