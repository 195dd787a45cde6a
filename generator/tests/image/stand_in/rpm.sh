if [[ -e $world/missing-package && ${!#} == "$(cat "$world/missing-package")" ]]; then
    echo "package ${!#} is not installed"
    exit 1
fi
[[ $* == *--quiet* ]] || echo "${!#}-1.0-1.amzn2023"
