#!/bin/sh
# Stands in for the compiler where only clang-tidy is wanted: notes what the source includes, and
# leaves an empty object. Usage, as CMake calls a launcher: lint_compiler.sh COMPILER ARGS...
set -e
object=
previous=
left=$#
while [ "$left" -gt 0 ]; do
  word=$1
  shift
  if [ "$previous" = -o ]; then
    object=$word
    word=/dev/null
  fi
  previous=$word
  set -- "$@" "$word"
  left=$((left - 1))
done
"$@" -E
: >"$object"
