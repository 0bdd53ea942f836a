#!/bin/sh
# Resolve the three lock files again; keeps the pins that still fit. Needs uv (UV=path).
set -eu
cd "$(dirname "$0")/.."
lock() {
    name=$1
    shift
    "${UV:-uv}" pip compile --quiet --universal --generate-hashes --no-header --no-emit-index-url \
        --python-version 3.11 pyproject.toml -o "$name" "$@" >/dev/null
    echo "$name: $(grep -c '^[a-z0-9].*==' "$name") packages"
}
lock requirements.lock
lock requirements-demo.lock --constraint requirements.lock --extra postgres-embedded
lock requirements-dev.lock --constraint requirements.lock --extra postgres-embedded --group dev
