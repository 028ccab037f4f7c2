#!/bin/sh
# What the workflow runs on a pull request, and what an author runs before opening one:
#   docs/ci/what-if.sh [BASE]
# Replays the golden corpus under the policies of the fork point and of this commit. Leaves comment.md, report.json and
# report.html in what-if/. Exit 0: nothing stands in its way. 2: somebody must answer first. 1: it could not be tried.
set -eu

base=${1:-${BASE:-origin/main}}
out=${OUT:-what-if}
corpus=${CORPUS:-policies/golden}

mkdir -p "$out"
# Until a report replaces it: an old comment that says "fine" must never outlive a run that failed.
cat > "$out/comment.md" <<EOF
<!-- countersign what-if -->
### What-if could not be run
Nobody knows whom this change would re-route. The log of the run says why.
EOF
summary() {
  if [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then cat "$out/comment.md" >> "$GITHUB_STEP_SUMMARY"; fi
}
trap summary EXIT

[ -d node_modules ] || npm ci
# The interpreter that the lock file pins, where it is installed.
node=node
if [ -x node_modules/.bin/node ]; then node=node_modules/.bin/node; fi

# What others merged meanwhile is not this change's doing.
from=$(git merge-base "$base" HEAD)
# The pack that is looked at must be the one these sources give.
"$node" policies/build.ts --check

set -- --base "$from" --head policies/dist --corpus "$corpus" --loosening policies/loosening.json
if [ -n "${AUTHOR:-}" ]; then set -- "$@" --author "$AUTHOR"; fi
"$node" cli/main.ts what-if "$@" --markdown "$out/comment.md" --json "$out/report.json" --html "$out/report.html"
