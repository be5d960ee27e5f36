#!/bin/sh
# Makes .venv hold exactly what a hashed requirement file names: by uv, or by pip where there is no uv.
set -eu
cd "$(dirname "$0")/.."

if [ -x .venv/bin/uv ]; then
    .venv/bin/uv pip sync -q --require-hashes --python .venv/bin/python "$1"
else
    .venv/bin/python -m pip install -q --disable-pip-version-check --no-deps --require-hashes -r "$1"
fi
