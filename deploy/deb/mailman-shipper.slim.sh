#!/bin/sh
# With the host's Node.js: the first of these that is new enough.
for node in /usr/bin/node /usr/local/bin/node; do
  version=$("$node" --version 2>/dev/null) || continue
  case $version in
    v20.19.* | v20.[2-9][0-9].* | v2[1-9].* | v[3-9][0-9].*)
      exec "$node" /usr/lib/mailman-shipper/dist/src/main.js "$@" ;;
  esac
done
echo "mailman-shipper: there is no Node.js 20.19 or newer in /usr/bin or /usr/local/bin." >&2
echo "  Install one, or the package mailman-shipper, which carries its own, in place of mailman-shipper-slim." >&2
exit 1
