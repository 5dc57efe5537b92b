#!/usr/bin/env bash
# Makes what a release consists of for one target, in target/release-files (or --out DIRECTORY):
#   plimsoll-VERSION-TARGET.tar.gz   the program, its licence and those of what it contains, man pages, completions
#   plimsoll-VERSION-TARGET.cdx.json its bill of materials, CycloneDX 1.6
#   SHA256SUMS                       of everything there
# and tells size and dynamic links. docs/releasing.md says what else belongs to a release.
#
#   packaging/release.sh [--target TRIPLE] [--out DIRECTORY] [--binary F] [--helper F] [--bom F --notices F]
#
# --binary packs a program that is built already; --helper is one that runs here and writes man pages
# and completions, for a target that does not; --bom and --notices are files that are made already, the
# first of exactly this program. Paths are those of where it is called.
set -euo pipefail
called=$PWD
cd "$(dirname "$0")/.."

die() {
  echo "release.sh: $*" >&2
  exit 2
}
# A path as it is meant where the script was called.
meant() {
  if [[ $1 == /* ]]; then printf %s "$1"; else printf %s "$called/$1"; fi
}
sum() {
  sha256sum -- "$1" | cut -d ' ' -f 1
}
target="" out=$PWD/target/release-files binary="" helper="" bom="" notices=""
while [[ $# -gt 0 ]]; do
  [[ $# -ge 2 ]] || die "$1 wants a value"
  case $1 in
    --target) target=$2 ;;
    --out) out=$(meant "$2") ;;
    --binary) binary=$(meant "$2") ;;
    --helper) helper=$(meant "$2") ;;
    --bom) bom=$(meant "$2") ;;
    --notices) notices=$(meant "$2") ;;
    *) die "there is no option $1" ;;
  esac
  shift 2
done
host=$(rustc -vV | sed -n 's/^host: //p')
target=${target:-$host}
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
[[ -n $version ]] || die "Cargo.toml names no version"

# Times in archives and the bill are that of the commit, so that building it again gives the same.
if [[ -z ${SOURCE_DATE_EPOCH:-} ]]; then
  SOURCE_DATE_EPOCH=$(git log -1 --format=%ct 2>/dev/null) || die "set SOURCE_DATE_EPOCH: this is no git repository"
fi
export SOURCE_DATE_EPOCH

if [[ -z $binary ]]; then
  # Paths of whoever builds stay out of messages of panics.
  home=${CARGO_HOME:-$HOME/.cargo}
  flags="${RUSTFLAGS:-} --remap-path-prefix=$home=/cargo --remap-path-prefix=$PWD=/plimsoll"
  RUSTFLAGS="$flags" cargo build --profile dist --locked --bin plimsoll --target "$target"
  binary=${CARGO_TARGET_DIR:-target}/$target/dist/plimsoll
fi
[[ -f $binary && -x $binary ]] || die "there is no program $binary"
[[ $target == "$host" ]] && helper=${helper:-$binary}
[[ -n $helper ]] || die "a program for $target does not run here: give --helper"
[[ -x $helper ]] || die "there is no program $helper"
if [[ -n $bom || -n $notices ]]; then
  [[ -n $bom && -n $notices ]] || die "--bom and --notices belong together"
  for file in "$bom" "$notices"; do [[ -f $file ]] || die "there is no file $file"; done
  # The bill names the digest of one program; those of its parts are of their sources.
  grep -qF "\"$(sum "$binary")\"" "$bom" || die "$bom is of another program than $binary: it lacks its SHA-256"
fi

name=plimsoll-$version-$target
mkdir -p "$out"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if [[ -z $bom ]]; then
  bom=$work/bom notices=$work/notices
  cargo run --quiet --locked --example sbom -- \
    --target "$target" --binary "$binary" --output-file "$bom" --notices "$notices"
fi
stage=$work/$name
mkdir -p "$stage"
install -m 755 "$binary" "$stage/plimsoll"
install -m 644 LICENSE README.md CHANGELOG.md "$stage"
install -m 644 "$notices" "$stage/THIRD-PARTY.txt"
"$helper" setup --prefix "$stage" --shell bash,zsh,fish >/dev/null
install -m 644 "$bom" "$out/$name.cdx.json"

# Names in order, nobody's files, one time: the same content gives the same bytes.
tar --version 2>/dev/null | grep -q GNU || die "this needs GNU tar"
tar -C "$work" --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner \
  --mode='u=rwX,go=rX' --format=posix --pax-option='exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime' \
  -cf - "$name" | gzip -9n >"$out/$name.tar.gz"
(cd "$out" && sha256sum -- *.tar.gz *.cdx.json >SHA256SUMS)

echo "$out/$name.tar.gz: $(wc -c <"$out/$name.tar.gz") bytes"
packaging/size.sh "$binary"
