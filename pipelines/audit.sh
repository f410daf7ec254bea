#!/usr/bin/env bash
# Runs gatehouse-audit as a step of a pipeline. Its options are in the environment as AUDIT_*, lists one to a line, so
# that no value is ever part of a script. Exit code: that of the command.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
args=()

trim() {
  local text=${1//$'\r'/}
  text=${text#"${text%%[![:space:]]*}"}
  printf '%s' "${text%"${text##*[![:space:]]}"}"
}

one() {
  local value
  value=$(trim "$2")
  if [ -n "$value" ]; then args+=("--$1=$value"); fi
}

many() {
  local line
  while IFS= read -r line || [ -n "$line" ]; do one "$1" "$line"; done <<< "$2"
}

flag() {
  case $(trim "$2") in
    true | True) args+=("--$1") ;;
    '' | false | False) ;;
    *)
      echo "gatehouse-audit: $1 is true or false." >&2
      exit 2
      ;;
  esac
}

many hld "${AUDIT_HLD:-}"
one baseline "${AUDIT_BASELINE:-}"
many include "${AUDIT_INCLUDE:-}"
many exclude "${AUDIT_EXCLUDE:-}"
one project "${AUDIT_PROJECT:-}"
one question "${AUDIT_QUESTION:-}"
flag advice "${AUDIT_ADVICE:-}"
one fail-on "${AUDIT_FAIL_ON:-}"
one max-cost "${AUDIT_MAX_COST:-}"
one max-tokens "${AUDIT_MAX_TOKENS:-}"
many report "${AUDIT_REPORTS:-}"
one annotations "${AUDIT_ANNOTATIONS:-}"
one timeout "${AUDIT_TIMEOUT:-}"
flag async "${AUDIT_ASYNC:-}"
flag verbose "${AUDIT_VERBOSE:-}"

if ! command -v node > /dev/null; then
  echo 'gatehouse-audit needs Node 20 or later on the PATH: use actions/setup-node, or the task NodeTool.' >&2
  exit 2
fi

status=0
node "$root/bin/gatehouse-audit" ${args[@]+"${args[@]}"} -- "$(trim "${AUDIT_DIRECTORY:-.}")" || status=$?

if [ -n "${TF_BUILD:-}" ]; then
  case $status in
    0) outcome=passed ;;
    1) outcome=failed ;;
    *) outcome=error ;;
  esac
  echo "##vso[task.setvariable variable=outcome;isOutput=true]$outcome"
fi
exit "$status"
