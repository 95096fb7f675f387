#!/bin/bash
# Installs what a job requires, then becomes the job: its process, its signals, its exit code.
# Usage: runproc.sh REQUIREMENTS COMMAND [ARGUMENT]...

requirements=$1
shift

# The interpreter that runs the job is the one that must find the packages.
case ${1##*/} in
    python*) python=$1 ;;
    *) python=python3 ;;
esac

# In the background: bash hears a signal only between two commands, or while it waits.
trap 'kill "$!"; exit 143' TERM
PIP_ROOT_USER_ACTION=ignore "$python" -m pip install \
    --disable-pip-version-check --no-cache-dir --requirement "$requirements" &
wait "$!" || exit

exec -- "$@"
