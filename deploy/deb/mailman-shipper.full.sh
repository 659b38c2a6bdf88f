#!/bin/sh
exec /usr/lib/mailman-shipper/bin/node /usr/lib/mailman-shipper/dist/src/main.js "$@"
