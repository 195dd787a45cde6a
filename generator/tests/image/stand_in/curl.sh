if [[ $1 == --version ]]; then echo 'curl 8.0'; exit; fi
if fails curl; then exit 56; fi
while [[ $1 != --output ]]; do shift; done
cp "$world/downloads/${3##*/}" "$2"
