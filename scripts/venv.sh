#!/bin/sh
# Creates .venv with Python 3.11, pip and (when it can be had) uv; installs what Debian leaves out when it may.
set -eu
cd "$(dirname "$0")/.."

fail() {
    echo "setup: $*" >&2
    exit 1
}

find_python() {
    for name in "${PYTHON:-}" python3.11 python3; do
        [ -n "$name" ] || continue
        if "$name" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null; then
            echo "$name"
            return
        fi
    done
}

install() {
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        echo "setup: installing Debian packages: $*"
        apt-get update -q >/dev/null
        DEBIAN_FRONTEND=noninteractive apt-get install -yq --no-install-recommends "$@" >/dev/null
    else
        fail "please install: $* (Debian: apt-get install $*), then run the same command again."
    fi
}

python=$(find_python)
if [ -z "$python" ]; then
    install python3.11 python3.11-venv
    python=$(find_python)
fi
[ -n "$python" ] || fail "Python 3.11 is needed and was not found. Install it, or name it: make setup PYTHON=/path/to/python3.11"

"$python" -c 'import ensurepip, venv' 2>/dev/null || install python3.11-venv

if [ ! -x .venv/bin/python ]; then
    echo "setup: creating .venv with $("$python" --version)"
    "$python" -m venv .venv
fi

[ -x .venv/bin/uv ] || .venv/bin/python -m pip install -q --disable-pip-version-check --no-deps --require-hashes -r requirements/uv.txt ||
    echo "setup: uv could not be installed; pip will do its work, only slower."
