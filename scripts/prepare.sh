# Sourced by ./demo, ./test and .ci/run: what is missing is installed, what is there is left alone.
# After the first time nothing here needs a network.

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
cd "$root"

if [[ -t 1 && -z "${NO_COLOR:-}" ]]; then
  bold=$'\e[1m' faint=$'\e[2m' green=$'\e[32m' red=$'\e[31m' plain=$'\e[0m'
else
  bold='' faint='' green='' red='' plain=''
fi
heading() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }
note() { printf '  %s\n' "$*"; }
done_with() { printf '  %s✓%s %s\n' "$green" "$plain" "$*"; }
fail() {
  printf '\n%s✗ %s%s\n' "$red" "$1" "$plain" >&2
  shift
  for line in "$@"; do printf '  %s\n' "$line" >&2; done
  exit 1
}

# quietly LOG COMMAND…: runs a command, keeps its output in LOG, and shows the end of it only when it fails.
quietly() {
  local log="$1"
  shift
  mkdir -p "$(dirname "$log")"
  if ! "$@" >"$log" 2>&1; then
    tail -n 40 "$log" >&2
    fail "This failed: $*" "The whole output: $log"
  fi
}

python="${PYTHON:-python3}"

python_has() { command -v "$python" >/dev/null && "$python" -c "$1" >/dev/null 2>&1; }

# need_packages PACKAGE…: adds to what every build needs, and installs by apt what is not there.
need_packages() {
  local missing=() package
  command -v g++ >/dev/null || missing+=(g++)
  command -v cmake >/dev/null || missing+=(cmake)
  command -v ninja >/dev/null || missing+=(ninja-build)
  command -v pkg-config >/dev/null || missing+=(pkg-config)
  command -v "$python" >/dev/null || missing+=(python3)
  python_has 'import venv, ensurepip' || missing+=(python3-venv)
  python_has 'import os, sysconfig; assert os.path.exists(sysconfig.get_path("include") + "/Python.h")' ||
    missing+=(python3-dev)
  pkg-config --exists openblas 2>/dev/null || missing+=(libopenblas-dev)
  if command -v dpkg-query >/dev/null; then
    for package in "$@"; do
      dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
    done
  fi
  if ((${#missing[@]})); then
    command -v apt-get >/dev/null || fail "These parts are missing, under the names that Debian gives them: ${missing[*]}" \
      "There is no apt-get here: install them, then run this again."
    local as_root=()
    if ((EUID != 0)); then
      command -v sudo >/dev/null || fail "These packages are missing: ${missing[*]}" \
        "Neither root nor sudo is here to install them: apt-get install ${missing[*]}"
      as_root=(sudo)
    fi
    note "installing ${missing[*]}"
    mkdir -p build/logs
    "${as_root[@]}" apt-get update -q >build/logs/apt-update.log 2>&1 || true  # a stale list may still do
    quietly build/logs/apt-install.log "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
      apt-get install -q -y --no-install-recommends "${missing[@]}"
  fi
  python_has 'import sys; assert sys.version_info >= (3, 11)' ||
    fail "$python is older than Python 3.11." "Name a newer one: PYTHON=python3.12 $0"
  python_has 'import os, sysconfig; assert os.path.exists(sysconfig.get_path("include") + "/Python.h")' ||
    fail "$(command -v "$python") has no Python.h: its headers are missing." \
      "Install them, or name another Python: PYTHON=/usr/bin/python3 $0"
}

# need_venv REQUIREMENTS…: makes .venv and fills it; pip runs only where the list or the Python has changed.
need_venv() {
  if ! .venv/bin/python -c 'import sys; assert sys.version_info >= (3, 11)' >/dev/null 2>&1; then
    rm -rf .venv
    "$python" -m venv .venv
  fi
  local list stamp
  for list in "$@"; do
    stamp=".venv/.installed-$(basename "$list")"
    cmp -s "$list" "$stamp" && continue
    note "installing ${list} into .venv"
    quietly build/logs/pip.log .venv/bin/python -m pip install -q --disable-pip-version-check -r "$list"
    cp "$list" "$stamp"
  done
}

# build FOLDER OPTION…: configures and compiles; compiler output is shown when something fails.
build() {
  local folder="$1"
  shift
  # One cache serves clones in different places.
  export CCACHE_BASEDIR="$root" CCACHE_NOHASHDIR=1
  quietly "build/logs/configure-$(basename "$folder").log" cmake -S . -B "$folder" -G Ninja "$@"
  if [[ -t 1 ]]; then
    NINJA_STATUS='  [%f/%t] ' ninja -C "$folder" || fail "The build in $folder failed; the compiler's message stands above."
  else
    quietly "build/logs/build-$(basename "$folder").log" ninja -C "$folder"
  fi
}

# use_package FOLDER: lets .venv's Python import the package that was built in FOLDER.
use_package() {
  local site
  site="$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')"
  local line="$root/$1/python"
  [[ -f "$site/lamina.pth" && "$(<"$site/lamina.pth")" == "$line" ]] || printf '%s\n' "$line" >"$site/lamina.pth"
}
