# Sourced by tests that need node modules, after tests/servers/lib.sh.

skip_all() {
	echo "1..0 # SKIP $*"
	exit 0
}

# fetch_modules DIRECTORY: the modules of its package.json, into the build tree,
# once: $modules. package.json has exact versions; --before makes those that
# they need in turn the same each time, without a lock file.
fetch_modules() {
	command -v node >/dev/null || skip_all 'no node'
	modules=$builddir/$1/modules
	export NODE_PATH="$modules/node_modules"
	cmp -s "$SRC/$1/package.json" "$modules/fetched" && return
	command -v npm >/dev/null || skip_all 'no npm'
	mkdir -p "$modules"
	cp "$SRC/$1/package.json" "$modules"
	(cd "$modules" && npm install --no-package-lock --before=2026-06-01 \
		--no-audit --no-fund --ignore-scripts --legacy-peer-deps) \
		>"$modules/npm.log" 2>&1 || {
		sed 's/^/# /' "$modules/npm.log"
		skip_all "npm cannot fetch the modules of $1/package.json"
	}
	cp "$SRC/$1/package.json" "$modules/fetched"
}
