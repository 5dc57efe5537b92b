#!/usr/bin/env bash
# Looks at the HTML report in a real browser: widths, colours, contrast, paper. PLIMSOLL_BROWSER says
# with which:
#   (unset)    Chromium or Chrome from the PATH; without one it is said that nothing was looked at
#   PATH       this one
#   require    one from the PATH or, for root on Debian, installed with apt-get; without one it fails
set -euo pipefail
cd "$(dirname "$0")/.."

found() {
  local name
  for name in chromium chromium-browser google-chrome google-chrome-stable chrome; do
    command -v "$name" && return
  done
  return 1
}

wanted=${PLIMSOLL_BROWSER:-}
case $wanted in
  "")
    if ! browser=$(found); then
      echo "SKIPPED: no Chromium here, the HTML report was NOT looked at in a browser;" \
        "PLIMSOLL_BROWSER=require demands it" >&2
      exit 0
    fi
    ;;
  require)
    if ! browser=$(found); then
      if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
        echo "no Chromium here, and it cannot be installed with apt-get: install one, or name it" \
          "in PLIMSOLL_BROWSER" >&2
        exit 1
      fi
      apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium >&2
      browser=$(found)
    fi
    ;;
  *) browser=$wanted ;;
esac

PLIMSOLL_BROWSER=$browser cargo test --locked --test reports browser -- --ignored
