[[ $* == *'{"pk":{"S":"AROAEXAMPLE:i-0abc"}}'* ]] || exit 252
[[ $2 == delete-item && $* == *'--return-values ALL_OLD'* ]] || exit 252
fails take && { echo 'Connection was closed' >&2; exit 255; }
cat "$world/configuration"
echo None >"$world/configuration"
