#!/usr/bin/env bash
# Rewrites every lock from one resolution, so that all images agree on versions.
# The locks carry hashes and no host; uv.lock is a by-product and is not committed.
set -euo pipefail
cd "$(dirname "$0")/.."
UV="${UV:-.tools/bin/uv}"
export_lock() { "$UV" export --quiet --frozen --no-emit-workspace --no-header --no-annotate "$@"; }
"$UV" lock --quiet "$@"
export_lock --all-packages --group dev -o locks/dev.txt >/dev/null
for service in validation coherence vendor dream cache metrics gateway; do
  export_lock --package "lucid-mesh-$service" --no-dev -o "locks/$service.txt" >/dev/null
done
printf 'uv==%s\n' "$("$UV" --version | cut -d' ' -f2)" |
  "$UV" pip compile --quiet --universal --generate-hashes --no-header --no-annotate \
    --no-emit-index-url --no-emit-find-links - -o locks/tools.txt >/dev/null
