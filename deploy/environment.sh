#!/bin/sh
# Make one Python environment exactly what its lock says, with the project in it.
#
#   sh deploy/environment.sh FOLDER LOCK
#
# Nothing is done where nothing changed: a stamp in FOLDER holds the hash of the locks,
# of pyproject.toml and of the Python. PYTHON=/path/to/python3 names the one to use.
set -eu

folder=$1
lock=$2
tools=requirements-uv.txt
log=$folder/set-up.log

say() { printf '%s\n' "$*" >&2; }

stop() {
    say "Foothold cannot be set up: $1"
    exit 1
}

suits() {
    "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' >/dev/null 2>&1
}

find_python() {
    if [ -n "${PYTHON:-}" ]; then
        suits "$PYTHON" || stop "PYTHON=$PYTHON is no Python 3.11, 3.12 or 3.13."
        printf '%s' "$PYTHON"
        return
    fi
    for candidate in python3.13 python3.12 python3.11 python3 python; do
        if suits "$candidate"; then
            printf '%s' "$candidate"
            return
        fi
    done
    stop "there is no Python 3.11, 3.12 or 3.13 here. Install one, or name it: make demo PYTHON=/path/to/python3.12"
}

stamp_of() {
    "$1" - "$lock" "$tools" pyproject.toml "$PWD" <<'PYTHON'
import hashlib, pathlib, sys

digest = hashlib.sha256(f"{sys.version} {sys.argv[-1]}".encode())
for name in sys.argv[1:-1]:
    digest.update(pathlib.Path(name).read_bytes())
print(digest.hexdigest())
PYTHON
}

make_folder() {
    "$python" -c 'import ensurepip, venv' >/dev/null 2>&1 ||
        stop "this Python has no venv module. On Debian and Ubuntu: apt-get install python$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')-venv"
    say "Making $folder with $("$python" -V) ..."
    "$python" -m venv --clear "$folder" || stop "$python -m venv $folder failed; see above."
}

# Run a step whose output matters only when it fails, and then tell why in a sentence.
step() {
    if "$@" >"$log" 2>&1; then
        return
    fi
    tail -n 15 "$log" >&2
    if grep -qiE 'connect|resolve host|name resolution|dns error|timed out|network|unreachable|error sending request|failed to fetch|no matching distribution' "$log"; then
        stop "the package index could not be reached, or lacks what the lock names (see above). Check the network, or name a mirror: PIP_INDEX_URL and UV_INDEX_URL."
    fi
    stop "the step above failed; its whole output is in $log."
}

python=$(find_python)
here=$folder/bin/python
stamp=$folder/.foothold-stamp
wanted=$(stamp_of "$python")

if [ -x "$here" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ]; then
    exit 0
fi

rm -f "$stamp"
if ! suits "$here" || [ "$("$here" -V)" != "$("$python" -V)" ] || ! "$here" -m pip --version >/dev/null 2>&1; then
    make_folder
fi

say "Fetching the installer (once) ..."
step "$here" -m pip install --quiet --disable-pip-version-check --no-input --retries 2 \
    --require-hashes --only-binary :all: -r "$tools"

say "Installing $(grep -cE '^[a-zA-Z0-9]' "$lock") packages from $lock ..."
if [ -t 2 ]; then
    VIRTUAL_ENV=$folder "$folder/bin/uv" pip sync --require-hashes "$lock" ||
        stop "the packages could not be fetched or installed (see above). If the package index could not be reached, check the network, or name a mirror: UV_INDEX_URL."
else
    step env VIRTUAL_ENV="$folder" "$folder/bin/uv" pip sync --require-hashes "$lock"
fi
step env VIRTUAL_ENV="$folder" "$folder/bin/uv" pip install --no-deps --no-build-isolation --editable .

printf '%s\n' "$wanted" >"$stamp"
say "$folder is ready."
