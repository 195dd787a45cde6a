case $1 in
    compose | buildx) exec "$image/usr/local/lib/docker/cli-plugins/docker-$1" ;;
    *) echo 'Docker version 25.0' ;;
esac
