#!/usr/bin/env bash
# docs_help.sh PROGRAM [--check]: writes the program's own help into the pages of docs/, so that the
# manual cannot differ from the program. A page asks for it with two lines:
#
#   <!-- help: codec encode -->
#   <!-- end of help -->
#
# With --check nothing is written, and a page that differs is an error.
set -euo pipefail
program=$(readlink -f "$1")
mode=${2:-write}
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."

# The page on standard input with every help block written anew.
with_help() {
  local line verb help
  while IFS= read -r line || [ -n "$line" ]; do
    printf '%s\n' "$line"
    [[ $line == '<!-- help: '*' -->' ]] || continue
    verb=${line#<!-- help: }
    verb=${verb% -->}
    # shellcheck disable=SC2086  # a verb may be two words
    help=$("$program" $verb --help </dev/null) || return 1
    printf '%s\n' '```text' "$help" '```'
    while IFS= read -r line && [ "$line" != '<!-- end of help -->' ]; do :; done
    printf '%s\n' "$line"
  done
}

stale=()
while IFS= read -r page; do
  fresh=$(with_help <"$page" && echo .) || { echo "$page: the program gave no help" >&2; exit 1; }
  if [ "$fresh" = "$(cat "$page"; echo .)" ]; then continue; fi
  stale+=("$page")
  if [ "$mode" != --check ]; then printf '%s' "${fresh%.}" >"$page.part" && mv "$page.part" "$page"; fi
done < <(grep -rl --include='*.md' '^<!-- help: ' docs | sort)

if [ "$mode" = --check ]; then
  [ ${#stale[@]} -eq 0 ] || { echo "differs from the program's help; run ./run docs: ${stale[*]}"; exit 1; }
  echo "the manual says what the program says"
else
  echo "${#stale[@]} pages written anew"
fi
