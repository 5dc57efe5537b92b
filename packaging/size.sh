#!/usr/bin/env bash
# Tells how large a binary is and what it links to while running: packaging/size.sh [BINARY]
set -euo pipefail
cd "$(dirname "$0")/.."
binary=${1:-target/release/plimsoll}
if [[ ! -x $binary ]]; then
  echo "size.sh: there is no program $binary; build one, or name it" >&2
  exit 2
fi
bytes=$(wc -c <"$binary")
printf 'size      %d bytes, %d.%d MB\n' "$bytes" $((bytes / 1000000)) $((bytes / 100000 % 10))
if command -v readelf >/dev/null && readelf -h "$binary" >/dev/null 2>&1; then
  LC_ALL=C readelf -SW "$binary" | sed 's/^ *\[ *[0-9]*\] *//' |
    awk '$2 == "PROGBITS" || $2 == "SYMTAB" { print $1, $5 }' |
    while read -r name size; do printf '%10d bytes  %s\n' "$((16#$size))" "$name"; done |
    sort -rn | sed 's/^/section /; 8q'
fi
case $(uname) in
  Darwin) otool -L "$binary" | tail -n +2 | sed 's/^[[:space:]]*/links     /' ;;
  *) (ldd "$binary" 2>/dev/null || echo "nothing while running") | sed 's/^[[:space:]]*/links     /' ;;
esac
if command -v objdump >/dev/null; then
  newest=$(objdump -T "$binary" 2>/dev/null | grep -o 'GLIBC_[0-9.]*' | sort -uV | tail -n 1) || true
  [[ -n $newest ]] && echo "needs     $newest or newer"
fi
exit 0
