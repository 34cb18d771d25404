# SPDX-License-Identifier: MIT
#
# Sourced by scripts/test, scripts/demo and .ci/run: installs missing packages, configures, builds.
# shellcheck shell=sh

top=$(cd "$(dirname "$0")/.." && pwd)

build_packages='gcc libc6-dev make autoconf automake autoconf-archive libtool pkgconf scdoc
  libbearssl-dev libcoap3-dev libcurl4-gnutls-dev libgnutls28-dev libjansson-dev libmbedtls-dev
  libmicrohttpd-dev libmosquitto-dev libssl-dev libwolfssl-dev mosquitto-dev mosquitto'
test_packages='check curl g++ gnutls-bin haproxy libcoap3-bin libnginx-mod-stream mosquitto-clients nginx openssl procps python3 python3-jsonschema python3-paho-mqtt stunnel4 bash zsh fish'

say() {
  printf '== %s\n' "$*" >&2
}

die() {
  printf '%s: %s\n' "$(basename "$0")" "$*" >&2
  exit 1
}

is_installed() {
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    die "must be root, or have sudo, to install packages; missing:$missing"
  fi
}

# Debian starts a daemon as soon as it is installed. They are only wanted as programs.
install_without_daemons() {
  policy=/usr/sbin/policy-rc.d
  if [ ! -e $policy ]; then
    printf '#!/bin/sh\nexit 101\n' | as_root sh -c "cat >$policy && chmod 755 $policy"
    trap 'as_root rm -f $policy' EXIT
    trap 'exit 1' INT TERM
  fi
  as_root apt-get update -q >&2 || die 'apt-get update failed'
  as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -q -y --no-install-recommends "$@" >&2 || die 'apt-get install failed'
  for daemon in haproxy mosquitto nginx stunnel4; do
    case " $* " in
    *" $daemon "*) as_root deb-systemd-helper disable $daemon.service >/dev/null 2>&1 || : ;;
    esac
  done
}

# Configure has to look again after something was installed.
new_packages=

# need PACKAGE...: install what is missing.
need() {
  missing=
  for package; do
    is_installed "$package" || missing="$missing $package"
  done
  [ -n "$missing" ] || return 0
  say "installing:$missing"
  new_packages=yes
  # In a subshell, for its traps. shellcheck disable=SC2086
  (install_without_daemons $missing) || exit 1
}

# build NAME [CONFIGURE OPTION...]: configure and build in build/NAME, log in build/NAME.log.
build() {
  name=$1
  shift
  mkdir -p "$top/build"
  log=$top/build/$name.log
  say "building build/$name"
  (
    set -e
    cd "$top"
    if [ ! -x configure ] || [ configure.ac -nt configure ] || [ Makefile.am -nt Makefile.in ]; then
      autoreconf -fi
    fi
    mkdir -p "build/$name"
    cd "build/$name"
    [ -f Makefile ] && [ -z "$new_packages" ] || ../../configure "$@"
    make -j"$(nproc)"
  ) >"$log" 2>&1 || {
    tail -n 40 "$log" >&2
    die "the build failed; the whole log is $log"
  }
}
