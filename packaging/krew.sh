#!/usr/bin/env bash
# Prints the manifest by which krew installs `kubectl plimsoll`, filled in from release archives:
#   packaging/krew.sh VERSION URL HOMEPAGE DIRECTORY
# URL is where the archives can be fetched, HOMEPAGE where the project is at home, DIRECTORY holds
# plimsoll-VERSION-TARGET.tar.gz for at least one target.
set -euo pipefail
if [[ $# != 4 ]]; then
  sed -n '2,5s/^# \{0,1\}//p' "$0" >&2
  exit 2
fi
version=${1#v} url=${2%/} homepage=$3 directory=$4
if [[ ! $version =~ ^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?$ ]]; then
  echo "krew.sh: \`$version\` is no version such as 0.1.0" >&2
  exit 2
fi
for address in "$url" "$homepage"; do
  if [[ ! $address =~ ^https://[^[:space:]\"\\]+$ ]]; then
    echo "krew.sh: \`$address\` is no https address" >&2
    exit 2
  fi
done
sum() {
  if command -v sha256sum >/dev/null; then sha256sum "$1"; else shasum -a 256 "$1"; fi | cut -d ' ' -f 1
}

platforms=""
# Target of Rust, and what krew calls its system and processor.
while read -r target os arch; do
  archive="plimsoll-$version-$target.tar.gz"
  [[ -f $directory/$archive ]] || continue
  platforms+="
  - selector:
      matchLabels:
        os: $os
        arch: $arch
    uri: $url/$archive
    sha256: $(sum "$directory/$archive")
    files:
    - from: \"*/plimsoll\"
      to: .
    - from: \"*/LICENSE\"
      to: .
    - from: \"*/THIRD-PARTY.txt\"
      to: .
    bin: plimsoll"
done <<'TARGETS'
x86_64-unknown-linux-gnu linux amd64
aarch64-unknown-linux-gnu linux arm64
x86_64-apple-darwin darwin amd64
aarch64-apple-darwin darwin arm64
TARGETS
if [[ -z $platforms ]]; then
  echo "krew.sh: no plimsoll-$version-TARGET.tar.gz in $directory" >&2
  exit 2
fi
cat <<MANIFEST
apiVersion: krew.googlecontainertools.github.com/v1alpha2
kind: Plugin
metadata:
  name: plimsoll
spec:
  version: v$version
  homepage: $homepage
  shortDescription: Assess a cluster for compliance, read-only
  description: |
    A terminal workbench and a scanner that turn security standards (CIS, NSA/CISA, NIST, PCI DSS,
    Pod Security Standards and others) into checks against the cluster. It leads from a failed
    control to the line to change, keeps decisions and their reasons, and writes reports. Only get,
    list and watch leave the process; what could not be read is reported as not assessed.
  caveats: |
    Try it without a cluster: kubectl plimsoll demo
    Completions and man pages: kubectl plimsoll setup
  platforms:$platforms
MANIFEST
