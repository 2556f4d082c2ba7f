#!/bin/sh
# Entry point of the images: "serve" and "worker" first copy the models that were made ready when the image was built into
# the data folder, unless they are there; every other command is the symface command's own.
set -eu
# Files that one user of group 0 makes, another one may change: platforms choose a new user for each start.
umask 0007
case "${1:-serve}" in
serve | worker)
  models="$SYMFACE_DATA_DIR/models"
  mkdir -p "$models"
  for prepared in prepared/*; do
    id="${prepared#prepared/}"
    [ ! -e "$models/$id" ] || continue
    # Renamed into place: a version is there whole or not at all.
    incoming="$models/.incoming-$id-$$"
    rm -rf "$incoming"
    cp -R "$prepared" "$incoming"
    mv "$incoming" "$models/$id"
  done
  ;;
esac
exec node dist/cli/main.js "$@"
