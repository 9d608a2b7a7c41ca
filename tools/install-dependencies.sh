#!/usr/bin/env bash
# Installs, with apt, what building and testing ptq needs and the machine lacks; with --tests, also
# what only some tests need. Run by quickstart.sh and check.sh; safe to run again, and silent and
# quick when nothing is missing.
set -euo pipefail

packages=(
  libmlir-22-dev mlir-22-tools llvm-22-dev llvm-22-tools clang-22 clang-format-22 lld-22 libomp-22-dev
  ccache cmake ninja-build pkg-config
  libonnx-dev libprotobuf-dev protobuf-compiler libzip-dev libeigen3-dev
  libgtest-dev libbenchmark-dev
  python3 python3-venv
)

# Tests run programs for AArch64 with these, and for x86 processors with AVX-512, which a machine may
# lack; where a release lacks them, such tests are unsupported.
emulation_packages=()
if [[ ${1:-} == --tests ]]; then
  emulation_packages=(qemu-user gcc-aarch64-linux-gnu libc6-dev-arm64-cross bochs bochs-term)
fi

fail() {
  printf 'install-dependencies: %s\n' "$@" >&2
  exit 1
}

if ! command -v apt-get > /dev/null || ! command -v dpkg-query > /dev/null; then
  fail "this system has no apt, so nothing can be installed for you." \
       "Install LLVM and MLIR 22 with their shared libraries, clang 22, lld, CMake 3.21, Ninja," \
       "pkg-config, ONNX with protobuf, libzip, Eigen 3, GoogleTest, Google Benchmark and Python 3." \
       "Then run: cmake --preset default -DMLIR_DIR=<prefix>/lib/cmake/mlir && ninja -C build"
fi

is_installed() {
  [[ "$(dpkg-query -W -f='${db:Status-Abbrev}' "$1" 2> /dev/null)" == ii* ]]
}

has_candidate() {
  candidate="$(LC_ALL=C apt-cache policy "$1" | sed -n 's/^  Candidate: //p')"
  [[ -n "$candidate" && "$candidate" != "(none)" ]]
}

missing=() missing_emulation=()
for package in "${packages[@]}"; do
  is_installed "$package" || missing+=("$package")
done
for package in "${emulation_packages[@]}"; do
  is_installed "$package" || missing_emulation+=("$package")
done
if (( ${#missing[@]} + ${#missing_emulation[@]} == 0 )); then
  exit 0
fi

as_root=()
if (( EUID != 0 )); then
  if (( ${#missing[@]} == 0 )) && ! command -v sudo > /dev/null; then
    exit 0
  fi
  command -v sudo > /dev/null ||
    fail "these packages are missing and there is no sudo; as root, run:" \
         "apt-get install ${missing[*]}"
  as_root=(sudo)
fi

echo "Installing: ${missing[*]} ${missing_emulation[*]}"
"${as_root[@]}" apt-get update -q
unknown=()
for package in "${missing[@]}"; do
  has_candidate "$package" || unknown+=("$package")
done
if (( ${#unknown[@]} != 0 )); then
  fail "this release has no ${unknown[*]}." \
       "For the packages of LLVM 22, add its own archive (https://apt.llvm.org):" \
       "  wget https://apt.llvm.org/llvm.sh && ${as_root[*]+${as_root[*]} }bash llvm.sh 22" \
       "and run this script again."
fi
for package in "${missing_emulation[@]}"; do
  if has_candidate "$package"; then
    missing+=("$package")
  fi
done
if (( ${#missing[@]} == 0 )); then
  exit 0
fi
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
  apt-get install -y -q --no-install-recommends -o DPkg::Lock::Timeout=300 "${missing[@]}"
