#!/usr/bin/env bash
# Prints the latest log lines of a function: time, level, message, details, one line for each event.
#
#   tools/log-lines.sh NAME FUNCTION [WORDS...]     such as: tools/log-lines.sh jit-runners scaleup WARN ERROR
#
# WORDS are levels, or parts of messages. Lines with any of them are shown, and every run that failed or timed out.
# MINUTES=60 says how far back to look. Needs the AWS CLI and jq.
set -euo pipefail

usage() {
  echo "$1" >&2
  echo "usage: [MINUTES=60] $0 NAME webhook|scaleup|scaledown|lifecycle|rebalancer [WORDS...]" >&2
  exit 2
}

(($# >= 2)) || usage "the deployment's name and a function are missing"
name=$1 function=$2 minutes=${MINUTES:-60}
shift 2
case $function in
  webhook | scaleup | scaledown | lifecycle | rebalancer) ;;
  *) usage "there is no function \`$function\`" ;;
esac
[[ $minutes =~ ^[1-9][0-9]{0,6}$ ]] || usage "MINUTES is \`$minutes\`, and has to be a number of minutes"
for tool in aws jq; do
  command -v "$tool" > /dev/null || usage "\`$tool\` is not there; install it"
done

# CloudWatch filters by the words, so that it sends little, and jq filters again
# (https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html).
pattern="" filter=()
for words; do
  [[ $words != *[\"*\\]* ]] || usage "\`$words\` has a quote, an asterisk or a backslash"
  pattern+="(\$.level = \"$words\") || (\$.message = \"*$words*\") || "
done
if [[ -n $pattern ]]; then
  filter=(--filter-pattern "{ $pattern(\$.record.status = \"timeout\") || (\$.record.status = \"error\") }")
fi

lines=$(aws logs filter-log-events --log-group-name "/aws/lambda/$name-$function" \
  --start-time "$(($(date +%s) - minutes * 60))000" ${filter[@]+"${filter[@]}"} \
  --query 'events[].message' --output json |
  jq -r --args '
    .[] | rtrimstr("\n") as $line | ($line | fromjson? // null)
    | if type != "object" then empty
      elif .message then
        . as $event
        | select(($ARGS.positional | length) == 0
            or any($ARGS.positional[]; . as $words | $event.level == $words or ($event.message | contains($words))))
        | (.timestamp | .[11:19]) + "Z \(.level) \(.message) " + (
            del(._aws, .level, .message, .timestamp, .function, .request_id)
            | to_entries | map("\(.key)=\(.value)") | join(" "))
      elif .record.status == "timeout" or .record.status == "error" then $line
      else empty end' "$@")
if [[ -n $lines ]]; then
  printf '%s\n' "$lines"
else
  echo "no such line of $name-$function in the last $minutes minutes" >&2
fi
