#!/usr/bin/env bash
# What a function of a deployment said lately, one line for each event: time, level, message, details.
#
#   tools/log-lines.sh NAME FUNCTION [PATTERN]      for example: tools/log-lines.sh jit-runners scaleup '?WARN ?ERROR'
#
# PATTERN is one of CloudWatch Logs
# (https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html), such as '"an exact text"'.
# MINUTES=60 says how far back to look. Needs the AWS CLI and jq.
set -euo pipefail

name=${1:-} function=${2:-} pattern=${3:-}
case $function in
  webhook | scaleup | scaledown | lifecycle | rebalancer) ;;
  *)
    echo "usage: $0 NAME webhook|scaleup|scaledown|lifecycle|rebalancer [PATTERN]" >&2
    exit 2
    ;;
esac
minutes=${MINUTES:-60}
if [[ ! $minutes =~ ^[1-9][0-9]*$ ]]; then
  echo "MINUTES is $minutes; it has to be a number of minutes, such as 60" >&2
  exit 2
fi
for tool in aws jq; do
  command -v "$tool" > /dev/null || { echo "$tool is not there; install it" >&2; exit 1; }
done

group=/aws/lambda/$name-$function
from=$(($(date +%s) - minutes * 60))
# Lambda's own lines are no JSON and are passed over, except where they say how a run ended badly.
aws logs filter-log-events --log-group-name "$group" --start-time "${from}000" \
  ${pattern:+--filter-pattern "$pattern"} --query 'events[].message' --output json |
  jq -r '
    .[] | rtrimstr("\n") as $line | ($line | fromjson? // null) as $event
    | if ($event | type) == "object" and $event.message then
        ($event.time / 1000 | floor | strftime("%H:%M:%SZ")) + " \($event.level) \($event.message) " + (
          $event | del(._aws, .level, .message, .time, .function, .request_id)
          | to_entries | map("\(.key)=\(.value)") | join(" "))
      elif $line | test("Task timed out|Runtime exited|Error:|\"status\":\"(timeout|error)") then $line
      else empty end'
