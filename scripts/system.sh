#!/bin/sh
# The programs that only the tests need: says which are missing and, as root on Debian, installs exactly those.
set -eu

missing=""
need() { # need <Debian package> <command that succeeds when it is there>
    package=$1
    shift
    "$@" >/dev/null 2>&1 || missing="$missing $package"
}
some() { for file in "$@"; do [ -e "$file" ] && return; done; return 1; }

PATH="$PATH:/usr/sbin:/sbin"
need postgresql some /usr/lib/postgresql/*/bin/initdb
need redis-server command -v redis-server
need dovecot-imapd some /usr/lib/dovecot/imap /usr/libexec/dovecot/imap
need exim4-daemon-light command -v exim4
need nginx command -v nginx
need chromium command -v chromium
need fonts-dejavu-core some /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf
[ -n "$missing" ] || exit 0

if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "test: these programs are missing:$missing" >&2
    echo "test: as root on Debian: apt-get install$missing" >&2
    exit 1
fi

echo "test: installing Debian packages:$missing"
# The tests start private servers of their own: the packages need not start theirs.
if [ ! -e /usr/sbin/policy-rc.d ]; then
    printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
    chmod +x /usr/sbin/policy-rc.d
    trap 'rm -f /usr/sbin/policy-rc.d' EXIT
fi
apt-get update -q >/dev/null
# shellcheck disable=SC2086
DEBIAN_FRONTEND=noninteractive apt-get install -yq --no-install-recommends $missing >/dev/null
