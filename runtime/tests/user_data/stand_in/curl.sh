case ${!#} in
    http://169.254.169.254/latest/api/token)
        fails metadata && exit 28
        [[ $* == *'--request PUT'*token-ttl-seconds* ]] || exit 22
        printf token
        ;;
    http://169.254.169.254/latest/meta-data/*)
        [[ $* == *'X-aws-ec2-metadata-token: token'* ]] || exit 22
        case ${!#} in
            */instance-id) printf %s "$instance" ;;
            */placement/region) printf %s "$region" ;;
            */spot/instance-action)
                : >"$world/looks"
                while [[ -e $world/notice-hangs && ! -e $world/notice-answers ]]; do /bin/sleep 0.02; done
                [[ -e $world/notice ]] || exit 22
                ;;
            *) exit 22 ;;
        esac
        ;;
    https://github.com/*)
        fails download && exit 56
        while [[ $1 != --output ]]; do shift; done
        cp "$world/archive" "$2"
        ;;
    *) exit 6 ;;
esac
