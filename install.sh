#!/bin/sh
# Installs recipe-walk for one person: no root, nothing compiled, nothing outside the home directory.
#
#   sh install.sh                    the newest release, into ~/.local
#   sh install.sh --version 0.1.0    that release, also where it is older than what is installed
#   sh install.sh --from URL         from another place that has SHA256SUMS, its signature and the archives
#   sh install.sh --to DIR           into DIR/bin and DIR/share
#   sh install.sh --uninstall        removes what it installed, and nothing else; --anyway: even with sessions open
set -eu

releases="https://github.com/recipe-walk/recipe-walk/releases"
oldest_glibc=2.34
# Whose signature on SHA256SUMS is believed; README.md names the same key, and scripts/sign signs with its other half.
release_key=""

say() { printf '%s\n' "$*"; }
fail() {
    printf 'install.sh: %s\n' "$1" >&2
    shift
    for line in "$@"; do printf '  %s\n' "$line" >&2; done
    exit 1
}
usage() {
    sed -n '4,8s/^# *//p' "$0" 2>/dev/null || true
    exit "$1"
}

from=""
wanted=""
to=""
action=install
anyway=no
while [ $# -gt 0 ]; do
    case "$1" in
    --version | --from | --to)
        [ $# -ge 2 ] || fail "$1 needs a value"
        case "$1" in
        --version) wanted="${2#v}" ;;
        --from) from="${2%/}" ;;
        --to) to="${2%/}" ;;
        esac
        shift 2
        ;;
    --uninstall) action=uninstall && shift ;;
    --anyway) anyway=yes && shift ;;
    -h | --help) usage 0 ;;
    *)
        say "unknown: $1" >&2
        usage 2 >&2
        ;;
    esac
done
if [ -z "$from" ]; then
    from="$releases/latest/download"
    [ -z "$wanted" ] || from="$releases/download/v$wanted"
fi
if [ -z "$to" ]; then
    [ -n "${HOME:-}" ] || fail "HOME is not set" "say where to install: --to DIR"
    to="$HOME/.local"
fi
program="$to/bin/recipe-walk"
list="$to/share/recipe-walk/installed"

# Removes the files that are named on standard input, and the directories that are empty then.
remove_files() {
    while IFS= read -r file; do
        case "$file" in
        /* | *..*) continue ;; # not written by this script
        esac
        rm -f "$to/$file"
        (cd "$to" && rmdir -p "$(dirname "$file")" 2>/dev/null) || true
    done
}

# Removes the files of the list, and the list.
remove_listed() {
    [ -f "$list" ] || return 0
    remove_files <"$list"
    rm -f "$list"
    (cd "$to" && rmdir -p share/recipe-walk 2>/dev/null) || true
}

uninstall() {
    [ -f "$list" ] || fail "nothing of recipe-walk is installed in $to" "elsewhere? sh install.sh --uninstall --to DIR"
    # Whoever removes the program while something still runs in an account goes on paying for it.
    if [ "$anyway" = no ] && ! sessions="$("$program" sessions --json 2>/dev/null)"; then
        fail "the sessions cannot be listed; what they made may still run, and cost money" \
            "recipe-walk sessions" "or, to remove the program all the same: sh install.sh --uninstall --anyway"
    fi
    if [ "$anyway" = no ] && printf '%s' "$sessions" | grep -Eq '"state": ?"(walking|walked|cleaning-up|damaged|empty)"'; then
        fail "some sessions are not cleaned up; what they made may still run, and cost money" \
            "recipe-walk sessions" "recipe-walk cleanup SESSION" \
            "or, to remove the program all the same: sh install.sh --uninstall --anyway"
    fi
    count="$(wc -l <"$list" | tr -d ' ')"
    remove_listed
    say "Removed recipe-walk from $to: $count files."
    state="${XDG_STATE_HOME:-${HOME:-}/.local/state}/recipe-walk"
    if [ -d "$state" ]; then
        say "Left alone: $state, with the journals of your sessions."
    fi
}

# Prints the part of an archive's name that stands for this machine.
machine() {
    case "$(uname -s) $(uname -m)" in
    "Linux x86_64") echo x86_64-linux ;;
    "Linux aarch64" | "Linux arm64") echo aarch64-linux ;;
    "Darwin x86_64") echo x86_64-macos ;;
    "Darwin arm64") echo aarch64-macos ;;
    *) fail "there is no recipe-walk for $(uname -s) on $(uname -m)" "build it: cargo install --path ." ;;
    esac
}

# The program is linked against the C library; an older one would refuse it with words that help nobody.
check_libc() {
    [ "$(uname -s)" = Linux ] || return 0
    said="$(getconf GNU_LIBC_VERSION 2>/dev/null || true)"
    found="${said#glibc }"
    if [ -z "$found" ]; then
        fail "this system's C library is not glibc" "recipe-walk needs glibc $oldest_glibc or newer" \
            "build it there instead: cargo install --path ."
    fi
    if [ "$(printf '%s\n%s\n' "$found" "$oldest_glibc" | sort -t. -k1,1n -k2,2n | head -n 1)" != "$oldest_glibc" ]; then
        fail "this system has glibc $found, and recipe-walk needs $oldest_glibc or newer" \
            "newer systems have it: Debian 12, Ubuntu 22.04, Amazon Linux 2023, AWS CloudShell" \
            "or build it here: cargo install --path ."
    fi
}

# Whether an address is https, or http on this machine: a scheme in small letters, a host, perhaps a port, and no user,
# whose name could look like the host.
is_trusted() {
    authority="${1#*://}"
    authority="${authority%%[/?#]*}"
    host="${authority%%:*}"
    port="${authority#"$host"}"
    case "$host" in
    "" | *[!A-Za-z0-9.-]*) return 1 ;;
    esac
    case "${port#:}" in
    *[!0-9]*) return 1 ;;
    esac
    case "$1" in
    https://*) return 0 ;;
    http://*) [ "$host" = 127.0.0.1 ] || [ "$host" = localhost ] ;;
    *) return 1 ;;
    esac
}

# Its redirects are followed here, because wget would follow one to plain http.
with_wget() {
    at="$1"
    for _ in 1 2 3 4 5 6; do
        ! said="$(wget --quiet --server-response --max-redirect=0 --output-document="$2" "$at" 2>&1)" || return 0
        at="$(printf '%s\n' "$said" | tr -d '\r' | sed -n 's/^ *[Ll]ocation: *\([^ ]*\).*/\1/p' | tail -n 1)"
        case "$at" in
        https://*) is_trusted "$at" || return 1 ;;
        *) return 1 ;;
        esac
    done
    return 1
}

fetch() {
    is_trusted "$1" || fail "only https is trusted for a download, and this is not: $1"
    if command -v curl >/dev/null 2>&1; then
        curl --fail --silent --show-error --location --proto "=${1%%://*}" --proto-redir =https --retry 2 --output "$2" "$1"
    elif command -v wget >/dev/null 2>&1; then
        with_wget "$1" "$2"
    else
        fail "neither curl nor wget is installed"
    fi || fail "cannot download $1" "nothing was installed"
}

sum_of() {
    if command -v sha256sum >/dev/null 2>&1; then
        sha256sum <"$1" | cut -d' ' -f1
    elif command -v shasum >/dev/null 2>&1; then
        shasum -a 256 <"$1" | cut -d' ' -f1
    else
        fail "neither sha256sum nor shasum is installed, and nothing is installed unchecked"
    fi
}

# Holds the list of sums against the release key: who can change what a server offers cannot sign it.
check_signature() {
    [ -n "$release_key" ] || fail "this install.sh names no release key, so nothing can be checked" \
        "take the one that is beside the release: $releases"
    command -v ssh-keygen >/dev/null 2>&1 || fail "ssh-keygen is not installed, and nothing is installed unchecked" \
        "it is in the package openssh-client (Debian, Ubuntu) or openssh (Amazon Linux, Fedora)"
    printf 'recipe-walk namespaces="recipe-walk-release" %s\n' "$release_key" >"$work/signers"
    ssh-keygen -Y verify -f "$work/signers" -I recipe-walk -n recipe-walk-release -s "$1.sig" <"$1" >/dev/null 2>&1 ||
        fail "SHA256SUMS is not signed with the release key; nothing was installed" "$from/SHA256SUMS.sig" \
            "whoever offers these files is not who makes recipe-walk, or they are damaged"
}

# Whether a version comes before another one. One with anything behind its numbers comes before the one without; which of
# two such is older is nobody's to guess, so that either counts as older than the other.
is_older() {
    first="${1%%[!0-9.]*}" second="${2%%[!0-9.]*}"
    if [ "$first" = "$second" ]; then
        [ "$1" != "$2" ] && [ "$1" != "$first" ]
    else
        [ "$(printf '%s\n%s\n' "$first" "$second" | sort -t. -k1,1n -k2,2n -k3,3n | head -n 1)" = "$first" ]
    fi
}

# Refuses to replace what this script has not put there, and to write through a link.
check_place() {
    [ ! -L "$to/$1" ] || fail "$to/$1 is a link, which install.sh does not make; nothing was installed" \
        "remove it, or install elsewhere: --to DIR"
    [ ! -e "$to/$1" ] || grep -Fqx "$1" "$work/old" ||
        fail "$to/$1 is there already, and not from install.sh; nothing was installed" \
            "move it away, or install elsewhere: --to DIR"
}

# Puts one file in its place at once. It is written where nobody else can, on the same disk.
place() {
    mkdir -p "$(dirname "$to/$2")"
    cp "$1" "$near/file"
    chmod "$3" "$near/file"
    mv -f "$near/file" "$to/$2"
}

install() {
    kind="$(machine)"
    check_libc
    work="$(mktemp -d)"
    near=""
    trap 'rm -rf "$work" ${near:+"$near"}' EXIT
    trap 'exit 130' INT TERM HUP PIPE

    fetch "$from/SHA256SUMS" "$work/sums"
    fetch "$from/SHA256SUMS.sig" "$work/sums.sig"
    check_signature "$work/sums"
    line="$(grep -E "^[0-9a-f]{64}  recipe-walk-[0-9][0-9A-Za-z.+-]*-$kind\.tar\.gz\$" "$work/sums" | head -n 1 || true)"
    [ -n "$line" ] || fail "that release has no archive for $kind" "$from/SHA256SUMS"
    expected="${line%% *}"
    archive="${line##* }"
    offered="${archive#recipe-walk-}"
    offered="${offered%-"$kind".tar.gz}"
    # What was signed once stays signed: an old release, with its old mistakes, may be offered as the newest.
    if [ -n "$wanted" ]; then
        [ "$offered" = "$wanted" ] || fail "$from offers $offered and not $wanted; nothing was installed"
    elif have="$("$program" -V 2>/dev/null)" && is_older "$offered" "${have#recipe-walk }"; then
        fail "$from offers $offered, and ${have#recipe-walk } is installed; nothing was changed" \
            "if you want the older one: sh install.sh --version $offered"
    fi
    say "Downloading $archive"
    fetch "$from/$archive" "$work/archive"
    found="$(sum_of "$work/archive")"
    if [ "$found" != "$expected" ]; then
        fail "the SHA-256 of $archive is wrong; nothing was installed" "expected $expected" "found    $found"
    fi
    say "Its SHA-256 is what the signed list says: $expected"

    mkdir "$work/open"
    tar -xzf "$work/archive" -C "$work/open"
    top="$work/open/${archive%.tar.gz}"
    version="$("$top/bin/recipe-walk" -V 2>"$work/why")" ||
        fail "the program does not start on this machine; nothing was installed" "$(cat "$work/why")"

    # First the list, of the old files and the new ones: whatever fails from here on, the older program is still there
    # or the newer one is, and --uninstall finds everything.
    (cd "$top" && find . -type f | sed 's|^\./||' | sort) >"$work/files"
    : >"$work/old"
    [ ! -L "$list" ] || fail "$list is a link, which install.sh does not make; nothing was installed"
    [ ! -f "$list" ] || cp "$list" "$work/old"
    while IFS= read -r file; do
        check_place "$file"
    done <"$work/files"
    mkdir -p "$to"
    near="$(mktemp -d "$to/.recipe-walk-XXXXXX")"
    sort -u "$work/files" "$work/old" >"$work/all"
    place "$work/all" share/recipe-walk/installed 644
    while IFS= read -r file; do
        case "$file" in
        bin/*) place "$top/$file" "$file" 755 ;;
        *) place "$top/$file" "$file" 644 ;;
        esac
    done <"$work/files"
    # What only the older one had goes; then the list is the new one's.
    sort "$work/old" | comm -13 "$work/files" - | remove_files
    place "$work/files" share/recipe-walk/installed 644

    say "Installed $version: $program"
    say "Also: its manual pages, completions and licences, $(($(wc -l <"$work/files") - 1)) files below $to/share"
    case ":${PATH:-}:" in
    *":$to/bin:"*) ;;
    *)
        say "$to/bin is not on your PATH yet. For this shell, and for the next ones in ~/.bashrc:"
        say "  export PATH=\"$to/bin:\$PATH\""
        ;;
    esac
    say "What this machine can do:"
    say "  recipe-walk doctor --fresh"
    say "To remove it:"
    say "  sh install.sh --uninstall"
}

"$action"
