#!/usr/bin/env bash
# clang-tidy over the C++ files that changed since main (on main itself: since the commit before),
# committed or not; --all takes every file. Headers are seen through a file that includes them.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."

database=build/dev
[ -f $database/compile_commands.json ] || database=build/release
[ -f $database/compile_commands.json ] || { echo "lint: configure first: ./run build" >&2; exit 2; }

tidy=$(command -v clang-tidy-16 || command -v clang-tidy) ||
  { echo "lint: no clang-tidy (apt install clang-tidy-16)" >&2; exit 2; }

changed_files() {
  local base
  base=$(git merge-base HEAD origin/main 2>/dev/null || git merge-base HEAD main 2>/dev/null || true)
  if [ -z "$base" ] || [ "$base" = "$(git rev-parse HEAD)" ]; then
    base=$(git rev-parse -q --verify HEAD~1 || git hash-object -t tree /dev/null)
  fi
  git diff --name-only --diff-filter=d "$base" -- '*.cpp' '*.h'
  git ls-files --others --exclude-standard -- '*.cpp' '*.h'
}

# The .cpp file that shows clang-tidy a header: its own, or the first that includes it.
source_of_header() {
  local header=$1
  if [ -f "${header%.h}.cpp" ]; then
    echo "${header%.h}.cpp"
  else
    git ls-files '*.cpp' | xargs -r grep -lF "\"${header#src/}\"" | head -n 1 || true
  fi
}

if [ "${1:-}" = --all ]; then
  candidates=$(git ls-files '*.cpp')
else
  candidates=$(changed_files | while read -r file; do
    case $file in *.h) source_of_header "$file" ;; *) echo "$file" ;; esac
  done)
fi

compiled=$(sed -n 's/^ *"file": "\(.*\)",\{0,1\}$/\1/p' $database/compile_commands.json | sort -u)
files=()
while read -r file; do
  if [ -n "$file" ] && grep -qxF "$PWD/$file" <<<"$compiled"; then files+=("$file"); fi
done < <(sort -u <<<"$candidates")

[ ${#files[@]} -gt 0 ] || { echo "lint: no C++ file changed"; exit 0; }
echo "lint: clang-tidy over ${#files[@]} files ($database)"
# shellcheck disable=SC2016  # the inner shell expands it
printf '%s\0' "${files[@]}" | xargs -0 -n 1 -P "$(nproc)" bash -c '
  said=$("$2" --quiet -p "$1" --header-filter="$0/(src|app|python|tests)/" "$3" 2>&1) && echo "  $3" && exit
  printf "%s\n" "$said" | grep -vE "^[0-9]+ warnings? generated|^$"
  exit 1' "$PWD" "$database" "$tidy"
