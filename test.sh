#!/usr/bin/env bash
# Installs what the tests lack on a fresh Debian machine, builds, and runs all tests.
set -euo pipefail
cd "$(dirname "$0")"

need=()
command -v setpriv >/dev/null || need+=(util-linux)   # what must be forbidden is tried as another user
command -v strace >/dev/null || need+=(strace)        # stands in for a debugger that holds a worker
[ -x /bin/kill ] || [ -x /usr/bin/kill ] || need+=(procps)   # processes are really killed
command -v curl >/dev/null || need+=(curl)            # the getting-started page is followed as written
command -v sqlite3 >/dev/null || need+=(sqlite3)      # a shell with an open transaction, and backups
command -v faketime >/dev/null || need+=(faketime)    # the wall clock of processes is set, but not the clock of the machine
command -v initdb >/dev/null || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || need+=(postgresql)   # a server of the tests' own
command -v pgbouncer >/dev/null || [ -x /usr/sbin/pgbouncer ] || need+=(pgbouncer)   # a pooler in front of that server
ls /usr/share/zoneinfo/UTC >/dev/null 2>&1 || need+=(tzdata)
if [ ${#need[@]} -gt 0 ]; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "${need[@]}"
fi

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_CLI_UI_LANGUAGE=en
dotnet build Escapement.slnx -c Debug -p:Optimize=true -v quiet   # optimised, as the product: the simulation is half as long
dotnet format Escapement.slnx --no-restore --verify-no-changes --severity warn --verbosity quiet
dotnet test --solution Escapement.slnx -c Debug --no-build --max-parallel-test-modules 2 "$@"
