#!/bin/sh
# Makes the secrets of deploy/compose.yml in deploy/secrets, each in a file of its own. What is there already stays: other
# secrets would end every conversation and lock the database.
set -eu
cd "$(dirname "$0")"
umask 077
mkdir -p secrets
chmod 700 secrets

word() { # 48 letters and digits
  LC_ALL=C tr -dc 'A-Za-z0-9' </dev/urandom | head -c 48
}

put() { # name, text. The containers' users read them; on this machine the folder is closed to everyone else.
  [ -s "secrets/$1" ] && return
  printf '%s\n' "$2" >"secrets/$1.new"
  chmod 444 "secrets/$1.new"
  mv "secrets/$1.new" "secrets/$1"
  echo "deploy/secrets/$1"
}

put session_secret "$(word)"
put postgres_password "$(word)"
put state_url "postgresql://linlitong:$(cat secrets/postgres_password)@postgres/linlitong"
put redis_url "redis://:$(word)@redis:6379/0"
password=$(sed 's|^redis://:\(.*\)@redis:6379/0$|\1|' secrets/redis_url)
put redis_conf "requirepass $password
save \"\"
appendonly no
maxmemory 256mb
maxmemory-policy noeviction"
