#!/usr/bin/env bash
# Fuzzes the parsers, guided by coverage: tests/fuzz.sh [SECONDS [TARGET...]]
# The seconds (60 without any) are shared by the targets. What crashes one is kept in
# target/fuzz/crashes and shown; what reaches new code is kept in target/fuzz/TARGET and, with
# FUZZ_KEEP=1, goes into the packed corpus. Needs cargo and a C++ compiler, no other toolchain:
# the library is built once more with counters, its dependencies are those of `cargo test`.
# A run of a minute or so throws the same dice each time, so that what it finds, it finds again and
# a change is what was to blame; a longer one throws new ones. FUZZ_SEED=N decides otherwise.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
seconds=${1:-60}
shift || true

RUSTC_WORKSPACE_WRAPPER=$root/tests/fuzz/instrument ${CARGO:-cargo} build --locked --package plimsoll-fuzz
program=$(RUSTC_WORKSPACE_WRAPPER=$root/tests/fuzz/instrument ${CARGO:-cargo} metadata --format-version 1 --no-deps |
  sed 's/.*"target_directory":"\([^"]*\)".*/\1/')/debug/plimsoll-fuzz

if [ $# -eq 0 ]; then
  mapfile -t targets < <(FUZZ_TARGET=list "$program" 2>/dev/null)
else
  targets=("$@")
fi
each=$((seconds / ${#targets[@]}))
[ "$each" -gt 1 ] || each=2
[ "$each" -ge 30 ] && seed=${FUZZ_SEED:-0} || seed=${FUZZ_SEED:-1}

mkdir -p target/fuzz/crashes
passed=0 failed=0
for target in "${targets[@]}"; do
  work=target/fuzz/$target
  packed=$work.packed
  mkdir -p "$work"
  rm -rf "$packed" && mkdir -p "$packed"
  log=target/fuzz/$target.log
  export FUZZ_TARGET=$target
  if [ -e "tests/fuzz/corpus/$target.zst" ]; then
    FUZZ_UNPACK=$packed "$program" >/dev/null 2>&1
  fi
  # What this machine found earlier is taken only where there is time for it.
  dirs=("$work" "$packed")
  if [ "$each" -ge 30 ]; then
    read -ra more <<<"${FUZZ_SEEDS:-}"
    dirs+=("${more[@]}")
  else
    dirs=("$packed")
  fi
  if "$program" -seed="$seed" -max_total_time="$each" -max_len=16384 -timeout=60 -rss_limit_mb=2048 \
    -dict=tests/fuzz/words.dict -artifact_prefix="target/fuzz/crashes/$target-" \
    -print_final_stats=1 -use_value_profile=0 "${dirs[@]}" >"$log" 2>&1; then
    passed=$((passed + 1))
    verdict=ok
  else
    failed=$((failed + 1))
    verdict=FAILED
  fi
  runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  edges=$(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$log" | tail -1)
  printf '%-12s %8s runs in %3s s, %6s edges  %s\n' "$target" "${runs:-?}" "$each" "${edges:-?}" "$verdict"
  if [ "$verdict" = FAILED ]; then
    grep -aE 'panicked at|^SUMMARY|ERROR: libFuzzer|Test unit written' -A2 "$log" | head -20
  elif [ -n "${FUZZ_KEEP:-}" ]; then
    rm -rf "$work.least" && mkdir "$work.least"
    "$program" -set_cover_merge=1 -max_len=16384 "$work.least" "$work" "$packed" >>"$log" 2>&1
    FUZZ_PACK=$work.least "$program" 2>/dev/null
  fi
  rm -rf "$packed"
done
echo "fuzz targets: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
