#!/usr/bin/env bash
# in_empty_folder.sh FOLDER COMMAND...: makes FOLDER anew and runs the command there.
set -euo pipefail
folder=$1
shift
rm -rf "$folder"
mkdir -p "$folder"
cd "$folder"
exec "$@"
