#!/bin/sh
# build_image.sh FOLDER OUTPUT COMPILER FLAGS... -- SOURCES...: one image from the sources in FOLDER.
# File by file, so that images which differ in one file compile the others once (ccache, if there is).
set -eu
folder=$1 output=$2
shift 2
cd "$folder"
ccache=$(command -v ccache || true)
objects=$output.objects
rm -rf "$objects"
command=
while [ "$1" != -- ]; do
  command="$command $1" # no flag holds a space
  shift
done
shift
linked=
for source in "$@"; do
  object=$objects/${source%.cc}.o
  mkdir -p "${object%/*}"
  # shellcheck disable=SC2086
  CCACHE_NOHASHDIR=1 $ccache $command "-fdebug-prefix-map=$folder=." -c "$source" -o "$object"
  linked="$linked $object"
done
# shellcheck disable=SC2086
$command $linked -o "$output"
rm -rf "$objects"
