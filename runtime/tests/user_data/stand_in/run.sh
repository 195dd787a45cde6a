echo "$$" >"$world/runner"
printf %s "$ACTIONS_RUNNER_INPUT_JITCONFIG" | sha256sum >"$world/seen-digest"
if grep --quiet --no-messages --fixed-strings --file=<(printf %s "$ACTIONS_RUNNER_INPUT_JITCONFIG") /proc/[0-9]*/cmdline; then
    : >"$world/seen-in-command-line"
fi
# The runner takes what is meant for it out of its environment.
input=$ACTIONS_RUNNER_INPUT_JITCONFIG
unset ACTIONS_RUNNER_INPUT_JITCONFIG
env >"$world/environment"
grep SigIgn /proc/self/status >"$world/ignored-signals"
echo 'Listening for Jobs'
