#!/usr/bin/env bash
# clang-format over every C++ file of the project, in place; with --check it only tells.
# Exit 77 where there is no clang-format: ctest shows that as skipped.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."

command -v clang-format >/dev/null || { echo "skipped: no clang-format (apt install clang-format)"; exit 77; }
if git rev-parse --git-dir >/dev/null 2>&1; then
  mapfile -t files < <(git ls-files --cached --others --exclude-standard -- '*.h' '*.cpp' | sort -u)
else
  mapfile -t files < <(find src app python tests benchmarks examples -name '*.h' -o -name '*.cpp' | sort)
fi
present=()
for file in "${files[@]}"; do [ ! -f "$file" ] || present+=("$file"); done

case ${1:-} in
  --check)
    if said=$(clang-format --dry-run -Werror "${present[@]}" 2>&1); then
      echo "${#present[@]} files are formatted"
    else
      echo "not as .clang-format says; run ./run format:"
      sed -n 's/^\([^:]*\):[0-9]*:[0-9]*: error.*/  \1/p' <<<"$said" | sort -u
      exit 1
    fi ;;
  "")
    clang-format -i "${present[@]}"
    echo "formatted ${#present[@]} files" ;;
  *) echo "format.sh takes nothing or --check" >&2; exit 2 ;;
esac
