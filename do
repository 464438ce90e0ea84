#!/usr/bin/env bash
# The project's one script. On a fresh Debian 12 it installs what is missing, builds, and runs.
set -euo pipefail
root=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
called_from=$PWD
cd "$root"

usage() {
  cat <<'TXT'
./do demo           run the nightly suite on the simulated bench; ends with the report page's path
./do test           build and run every test
./do rig ARGS...    run the rig (built first if needed): ./do rig --help
./do conformance    the table: behaviour, data sheet, bare simulator library, our bench
./do faults         rig qualify: both suites against every seeded fault, and 500 runs each with good devices
./do bench          benchmarks, as ratios within one run: whole jobs, the measuring engine, its peers
./do test-usb       the USB drivers on a real kernel's USB stack, in QEMU
./do sanitize       the tests of compiled code under AddressSanitizer and UndefinedBehaviorSanitizer
./do tsan           the instruments' tests under ThreadSanitizer
./do fuzz [SECONDS] fuzz the readers of waveform files and instruments' replies, so long each (60)
./do tidy           clang-format everywhere, clang-tidy on the program, as CI runs them
./do format         rewrite the sources with clang-format
./do setup          only install the packages
TXT
}

packages=(
  binutils-avr avr-libc gcc-avr                          # firmware
  g++ cmake ninja-build pkg-config ccache patch          # build
  libsimavr-dev libelf-dev libyaml-cpp-dev libfmt-dev nlohmann-json3-dev libcli11-dev
  libboost-dev libhdf5-dev libusb-1.0-0-dev libhwy-dev libsodium-dev libzip-dev
  python3 python3-matplotlib python3-numpy python3-h5py python3-jinja2 weasyprint fonts-dejavu-core
)
test_packages=(libgtest-dev libumockdev-dev umockdev libxml2-utils sigrok-cli ngspice
  python3-scipy python3-jsonschema python3-yaml poppler-utils)
usb_packages=(qemu-system-x86 busybox-static libusbredirparser-dev)
check_packages=(clang-format-14 clang-tidy-14)
bench_packages=(libbenchmark-dev)
fuzz_packages=(clang-14 libclang-rt-14-dev)

# Installs those of its arguments that are not there yet.
need() {
  local missing=() status
  status=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' "$@" 2>/dev/null || true)
  for package in "$@"; do
    grep -q "^$package installed\$" <<<"$status" || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || {
      echo "do: as root, please: apt-get install ${missing[*]}" >&2
      exit 2
    }
    as_root=(sudo)
  fi
  echo "do: installing ${missing[*]}" >&2
  local log
  log=$(mktemp)
  if ! { "${as_root[@]}" apt-get update &&
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
      "${missing[@]}"; } >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    echo "do: apt-get could not install them; its whole output: $log" >&2
    exit 2
  fi
  rm -f "$log"
}

# Whether it was configured with these targets: some are there only once their packages are.
knows() {
  local file=build/$1/build.ninja
  shift
  for target in "$@"; do
    grep -qF "build $target: " "$file" || return 1
  done
}

# build PRESET TARGET...: configures once, then builds what is out of date, silently when nothing is.
build() {
  local preset=$1
  shift
  local log
  log=$(mktemp)
  # CMake's files hold paths from the root: a moved or copied checkout is configured again.
  if [ -f "build/$preset/CMakeCache.txt" ] &&
    ! grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$PWD" "build/$preset/CMakeCache.txt"; then
    echo "do: the checkout has moved; build/$preset is made anew" >&2
    rm -rf "build/$preset"
  fi
  if [ ! -f "build/$preset/build.ninja" ]; then
    echo "do: configuring build/$preset" >&2
    cmake --preset "$preset" -DBUILD_TESTING="${tests:-OFF}" >"$log" 2>&1 || {
      cat "$log" >&2
      exit 2
    }
  elif { [ "${tests:-OFF}" = ON ] && ! grep -q '^BUILD_TESTING:BOOL=ON' "build/$preset/CMakeCache.txt"; } ||
    ! knows "$preset" "$@"; then
    cmake --preset "$preset" -DBUILD_TESTING=ON >"$log" 2>&1 || {
      cat "$log" >&2
      exit 2
    }
  fi
  rm -f "$log"
  NINJA_STATUS='@ %f %t ' ninja -C "build/$preset" "$@" 2>&1 | tell_progress "$preset" >&2 || exit 2
}

# Reads what ninja says with the status '@ FINISHED TOTAL ': silent when nothing is to do, one line that
# counts on a terminal, else one line for each tenth. Complaints pass through. (awk would hold lines back.)
tell_progress() {
  local line at finished total begun= told=0 erase=
  while IFS= read -r line; do
    read -r at finished total _ <<<"$line"
    case $line in
    '@ '*'Re-checking globbed'* | '@ '*'Re-running CMake'* | '-- '* | \
      'ninja: Entering directory'* | 'ninja: no work to do.') ;;
    '@ '*)
      [ -n "$begun" ] || echo "do: building build/$1 (the first time takes minutes)"
      begun=yes
      if [ -t 2 ]; then
        printf '\r\033[Kdo: %s of %s steps' "$finished" "$total"
        erase=$'\r\033[K'
      elif ((10 * finished / total > told)); then
        told=$((10 * finished / total))
        echo "do: $finished of $total steps"
      fi
      ;;
    *)
      printf '%s%s\n' "$erase" "$line"
      erase=
      ;;
    esac
  done
  [ -z "$erase" ] || echo
}

sources() {
  find rig fixtures tests firmware_under_test -name '*.h' -o -name '*.cc' | sort
}

command=${1:-help}
[ $# -gt 0 ] && shift
case $command in
demo)
  need "${packages[@]}"
  build release rig firmware
  exec build/release/bin/rig run scenarios --filter tag:nightly "$@"
  ;;
rig)
  need "${packages[@]}"
  build release rig firmware
  cd "$called_from"
  exec "$root/build/release/bin/rig" "$@"
  ;;
test)
  need "${packages[@]}" "${test_packages[@]}"
  tests=ON build release all
  exec ctest --preset release "$@"
  ;;
sanitize)
  need "${packages[@]}" "${test_packages[@]}"
  build release firmware # the images are the same in every build
  tests=ON build sanitize all
  exec ctest --preset sanitize "$@"
  ;;
tsan)
  need "${packages[@]}" "${test_packages[@]}"
  build release firmware # the images are the same in every build
  tests=ON build tsan instruments_test
  exec ctest --preset tsan "$@"
  ;;
test-usb)
  need "${packages[@]}" "${test_packages[@]}"
  if ! (need "${usb_packages[@]}"); then
    echo "do: test-usb: SKIPPED, nothing was tested: QEMU is missing and cannot be installed" >&2
    exit 0
  fi
  tests=ON build release rig redir_server kernel_test
  status=0
  tests/instruments/kernel/run.sh build/usb-kernel "$PWD/build/release/bin" \
    "$PWD/build/release/bin/kernel_test" --gtest_color=no "$@" || status=$?
  if [ $status = 77 ]; then
    echo "do: test-usb: SKIPPED, nothing was tested: no guest with Debian's kernel comes up here" >&2
    exit 0
  fi
  [ $status = 0 ] || exit $status
  tests/instruments/kernel/twin.py build/release/bin/rig build/release/bin build/usb-kernel || status=$?
  [ $status = 77 ] && status=0 # said so itself
  exit $status
  ;;
fuzz)
  need "${packages[@]}" "${fuzz_packages[@]}"
  build fuzz fuzz_{answers,any,csv,hdf5,hex,raw,replies,samplers,sr,usbtmc,wav}
  for format in ${FUZZ_FORMATS:-answers any csv hdf5 hex raw replies samplers sr usbtmc wav}; do
    found=build/fuzz/corpus/$format
    mkdir -p "$found"
    seeds=(tests/fuzz/corpus/"$format")
    [ "$format" = any ] && seeds=(tests/fuzz/corpus/*)
    # The HDF5 library leaks what it finds damaged, and asks for memory that it then does not get.
    leaks=1 lenient=()
    if [[ $format = hdf5 || $format = any ]]; then leaks=0 lenient=(-malloc_limit_mb=1000000000); fi
    echo "do: fuzzing $format" >&2
    ASAN_OPTIONS=allocator_may_return_null=1:detect_leaks=$leaks \
      build/fuzz/bin/fuzz_"$format" -max_total_time="${1:-60}" \
      -max_len=65536 -rss_limit_mb=512 -timeout=10 -detect_leaks=$leaks \
      -artifact_prefix="build/fuzz/$format-" "${lenient[@]}" "$found" "${seeds[@]}"
  done
  ;;
tidy)
  need "${packages[@]}" "${check_packages[@]}"
  sources | xargs clang-format-14 --dry-run --Werror
  build tidy rig_app rig/app/CMakeFiles/rig.dir/main.cc.o
  echo "format and tidy: clean"
  ;;
format)
  need "${check_packages[@]}"
  sources | xargs clang-format-14 -i
  ;;
conformance)
  need "${packages[@]}" "${test_packages[@]}"
  tests=ON build release conformance
  exec build/release/bin/conformance "$@"
  ;;
faults)
  need "${packages[@]}"
  build release rig firmware
  [ $# -gt 0 ] && exec build/release/bin/rig qualify "$@"
  code=0
  build/release/bin/rig qualify || code=$?
  build/release/bin/rig qualify scenarios/mechanical || code=$?
  exit $code
  ;;
bench)
  need "${packages[@]}" "${test_packages[@]}" "${bench_packages[@]}"
  tests=ON build release rig firmware rig_benchmark engine_benchmark second_heart_benchmark usb_benchmark
  build/release/bin/rig_benchmark "$@"
  build/release/bin/second_heart_benchmark "$@"
  build/release/bin/engine_benchmark "$@"
  build/release/bin/usb_benchmark
  /usr/bin/python3 -B tests/bench/peers.py build/release/bin/rig
  ;;
setup)
  need "${packages[@]}" "${test_packages[@]}" "${check_packages[@]}" "${bench_packages[@]}"
  ;;
help | -h | --help) usage ;;
*)
  echo "do: unknown command '$command'" >&2
  usage >&2
  exit 2
  ;;
esac
