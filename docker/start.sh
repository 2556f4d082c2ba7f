#!/bin/sh
# Entry point of the image: "serve" first makes the models of npm's packages ready, which takes a minute the first time
# and nothing after; every other command is the symface command's own.
set -eu
if [ "${1:-serve}" = serve ]; then
  # SYMFACE_PRECISION decides which; `serve --precision` is for where they are ready.
  node dist/cli/main.js prepare
fi
exec node dist/cli/main.js "$@"
