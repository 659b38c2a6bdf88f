#!/bin/sh
# Writes .env beside compose.yaml: fresh passwords, and what compose cannot find out by itself of this host.
# Usage: deploy/container/make-env.sh [DIRECTORY OF LOGS]   default: where Mailman 2.1 or 3 keeps them, else the sample logs
set -eu
logs=${1:+$(cd "$1" && pwd)}
cd "$(dirname "$0")"

if [ -e .env ]; then
  echo "deploy/container/.env is there already and is kept: the passwords in it are those of the data that Elasticsearch has." >&2
  exit 0
fi

if [ -z "$logs" ]; then
  for logs in /var/log/mailman /var/log/mailman3 /usr/local/mailman/logs /opt/mailman/var/logs ../../test/samples/mailman-2.1; do
    [ ! -d "$logs" ] || break
  done
  logs=$(cd "$logs" && pwd)
fi

zone=${TZ:-}
[ -n "$zone" ] || [ ! -r /etc/timezone ] || zone=$(cat /etc/timezone)
[ -n "$zone" ] || zone=$(readlink /etc/localtime | sed -n 's|.*/zoneinfo/||p')

secret() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }

umask 077
cat >.env.new <<END
ELASTIC_PASSWORD=$(secret)
KIBANA_PASSWORD=$(secret)
KIBANA_ENCRYPTION_KEY=$(secret)
HOST_NAME=$(hostname)
LOG_DIRECTORY='$logs'
LOG_GROUP=$(stat -c %g "$logs")
TZ=${zone:-UTC}
END
mv .env.new .env
echo "deploy/container/.env is written. Logs: $logs. Stamps: ${zone:-UTC}. Kibana's user is elastic, the password is in that file."
