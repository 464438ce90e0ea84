#!/bin/sh
# Stands in for the compiler where only clang-tidy is wanted: notes what the source includes, and
# leaves an empty object. Usage, as CMake calls a launcher: lint_compiler.sh COMPILER ARGS...
set -e
object=
previous=
for word in "$@"; do
  [ "$previous" = -o ] && object=$word
  previous=$word
done
"$@" -E -o /dev/null
: >"$object"
