// Called by tests/deploy/kubernetes.sh to check built manifests:
//
//	node kubernetes.js schema FILE      what breaks Kubernetes' schemas
//	node kubernetes.js misspelt FILE    misspelt fields that the schemas allow
//	node kubernetes.js refers FILE      names and labels that lead nowhere
//	node kubernetes.js pods FILE        settings that a pod lacks
//	node kubernetes.js env FILE         the environment of the Deployment's pods
//	node kubernetes.js values FILE KEY  all values of fields of that name
//
// The first four print a line for each fault.
"use strict";
const fs = require("fs");
const path = require("path");
const yaml = require("yaml");

const read = (file) => yaml.parseAllDocuments(fs.readFileSync(file, "utf8"),
    { uniqueKeys: true }).map((doc) => {
    if (doc.errors.length)
        throw doc.errors[0];
    return doc.toJS();
});
const nameOf = (object) => `${object.kind} ${(object.metadata || {}).name}`;
const isMap = (value) => value && typeof value === "object";

// --- schemas -------------------------------------------------------------------

// The validator of an object: kubernetes-models has one for each kind, made
// from the OpenAPI description of Kubernetes.
function validatorOf({ apiVersion, kind }) {
    const model = path.join("kubernetes-models", String(apiVersion),
        String(kind));
    try {
        const file = require.resolve(model);
        const [, schema] = fs.readFileSync(file, "utf8")
            .match(/"([./]*\/_schemas\/\w+\.js)"/);
        return require(path.resolve(path.dirname(file), schema)).validate;
    } catch {
        return null;
    }
}

// A schema allows fields that it does not know; the API server drops them with
// a warning. A validator reads all that its schema knows, so a field that it
// never asked for is unknown.
function watched(value, asked) {
    if (!isMap(value))
        return value;
    const names = new Set();
    const children = {};
    for (const key of Object.keys(value))
        children[key] = watched(value[key], asked);
    asked.push({ value, names });
    return new Proxy(value, {
        get(target, key) {
            names.add(key);
            return Object.hasOwn(children, key) ? children[key] : target[key];
        },
    });
}

function schemaFaults(object) {
    const validate = validatorOf(object);
    if (!validate)
        return [`no such kind: ${object.apiVersion} ${object.kind}`];
    const asked = [];
    const faults = validate(watched(object, asked)) ? []
        : validate.errors.map((e) => `${e.instancePath}: ${e.message || ""} ` +
            `${e.keyword} ${JSON.stringify(e.params)}`);
    for (const { value, names } of asked)
        for (const key of Object.keys(value))
            if (!names.has(key))
                faults.push(`unknown field ${key}`);
    return faults;
}

const schema = (objects) => objects.flatMap((object) =>
    schemaFaults(object).map((fault) => `${nameOf(object)}: ${fault}`));

// Maps with keys of the author's choice.
const isFree = (object, key) =>
    ["labels", "annotations", "matchLabels", "data", "limits", "requests"]
        .includes(key) || (object.kind === "Service" && key === "selector");

// Misspell each field in turn.
function misspelt(objects) {
    const missed = [];
    let tried = 0;
    for (const object of objects) {
        const visit = (at, where, key) => {
            for (const name of Object.keys(at)) {
                if (!Array.isArray(at) && !isFree(object, key)) {
                    at[`${name}x`] = at[name];
                    delete at[name];
                    tried++;
                    if (!schemaFaults(object).length)
                        missed.push(`${nameOf(object)}: ${where}/${name}x`);
                    at[name] = at[`${name}x`];
                    delete at[`${name}x`];
                }
                if (isMap(at[name]))
                    visit(at[name], `${where}/${name}`, name);
            }
        };
        visit(object, "", "");
    }
    return missed.concat(tried > 100 ? [] : `only ${tried} fields`);
}

// --- references -----------------------------------------------------------------

const templates = (objects) => objects.map((object) => ({
    object,
    template: {
        Deployment: () => object.spec.template,
        CronJob: () => object.spec.jobTemplate.spec.template,
    }[object.kind],
})).filter(({ template }) => template)
    .map(({ object, template }) => ({ object, template: template() }));

const matches = (selector, labels) => Object.entries(selector)
    .every(([key, value]) => labels[key] === value);

function refers(objects) {
    const faults = [];
    const want = (is, text) => is || faults.push(text);
    const all = (kind) => objects.filter((object) => object.kind === kind);
    const has = (kind, name) => all(kind)
        .some((object) => object.metadata.name === name);
    const pods = templates(objects);
    const ports = pods.flatMap(({ template }) =>
        template.spec.containers.flatMap((c) => c.ports || []));
    const hasPort = (port) => ports.some((p) => p.name === port);
    const chosen = (selector) => pods.filter(({ template }) =>
        matches(selector, template.metadata.labels))
        .map(({ object }) => object.kind).sort().join(" ");

    for (const { object, template } of pods) {
        const volumes = template.spec.volumes || [];
        for (const c of template.spec.containers) {
            for (const { configMapRef, secretRef } of c.envFrom || []) {
                want(!configMapRef || has("ConfigMap", configMapRef.name),
                    `${nameOf(object)}: no ConfigMap ${configMapRef?.name}`);
                want(!secretRef || has("Secret", secretRef.name),
                    `${nameOf(object)}: no Secret ${secretRef?.name}`);
            }
            for (const { name } of c.volumeMounts)
                want(volumes.some((volume) => volume.name === name),
                    `${nameOf(object)}: no volume ${name}`);
        }
        for (const volume of volumes) {
            const claim = volume.persistentVolumeClaim?.claimName;
            want(!claim || has("PersistentVolumeClaim", claim),
                `${nameOf(object)}: no claim ${claim}`);
            want(template.spec.containers.some((c) =>
                c.volumeMounts.some(({ name }) => name === volume.name)),
            `${nameOf(object)}: volume ${volume.name} is not used`);
        }
        const near = template.spec.affinity?.podAffinity
            ?.requiredDuringSchedulingIgnoredDuringExecution || [];
        for (const { labelSelector } of near)
            want(chosen(labelSelector.matchLabels) === "Deployment",
                `${nameOf(object)}: is to be near no pod`);
    }
    for (const object of all("Deployment")) {
        want(chosen(object.spec.selector.matchLabels) === "Deployment",
            `${nameOf(object)}: selects ` +
            chosen(object.spec.selector.matchLabels));
        const scaler = all("HorizontalPodAutoscaler").find((h) =>
            h.spec.scaleTargetRef.name === object.metadata.name &&
            h.spec.scaleTargetRef.kind === object.kind);
        want(scaler ? object.spec.replicas === undefined &&
            scaler.spec.minReplicas === 3 : object.spec.replicas === 1,
        `${nameOf(object)}: how many?`);
        for (const { labelSelector } of
            object.spec.template.spec.topologySpreadConstraints)
            want(chosen(labelSelector.matchLabels) === "Deployment",
                `${nameOf(object)}: spreads ` +
                chosen(labelSelector.matchLabels));
    }
    for (const object of all("HorizontalPodAutoscaler"))
        want(has("Deployment", object.spec.scaleTargetRef.name),
            `${nameOf(object)}: nothing to scale`);
    for (const object of all("Service")) {
        want(chosen(object.spec.selector) === "Deployment",
            `${nameOf(object)}: selects ${chosen(object.spec.selector)}`);
        for (const { targetPort } of object.spec.ports)
            want(hasPort(targetPort), `${nameOf(object)}: no ${targetPort}`);
    }
    for (const object of all("PodDisruptionBudget"))
        want(chosen(object.spec.selector.matchLabels) === "Deployment",
            `${nameOf(object)}: selects ` +
            chosen(object.spec.selector.matchLabels));
    for (const object of all("NetworkPolicy")) {
        want(chosen(object.spec.podSelector.matchLabels) ===
            "CronJob Deployment", `${nameOf(object)}: not for all pods`);
        for (const { port } of object.spec.ingress.flatMap((r) => r.ports))
            want(hasPort(port), `${nameOf(object)}: no port ${port}`);
    }
    for (const object of all("Ingress"))
        for (const { backend } of
            object.spec.rules.flatMap((rule) => rule.http.paths)) {
            const service = all("Service").find((s) =>
                s.metadata.name === backend.service.name);
            want(service?.spec.ports.some((p) =>
                p.name === backend.service.port.name),
            `${nameOf(object)}: no ${backend.service.name}`);
        }
    for (const object of all("CronJob"))
        want(object.spec.schedule === "0 2 * * *",
            `${nameOf(object)}: not at two`);
    want(all("CronJob").length === 1, "no CronJob");
    want(all("NetworkPolicy").length === 1, "no NetworkPolicy");
    return faults;
}

// --- pods -----------------------------------------------------------------------

function environment(objects, template) {
    const env = {};
    for (const c of template.spec.containers)
        for (const { configMapRef, secretRef } of c.envFrom || []) {
            const from = objects.find((object) =>
                object.kind === (configMapRef ? "ConfigMap" : "Secret") &&
                object.metadata.name === (configMapRef || secretRef).name);
            for (const [key, value] of Object.entries(from?.data || {}))
                env[key] = from.kind === "Secret"
                    ? Buffer.from(value, "base64").toString() : value;
        }
    return env;
}

function bytes(quantity) {
    const [, number, unit] = String(quantity).match(/^(\d+)(Mi?|Gi?)?$/);
    return number * { M: 2 ** 20, Mi: 2 ** 20, G: 2 ** 30, Gi: 2 ** 30 }[unit];
}

function podFaults(objects, object, template) {
    const faults = [];
    const want = (is, text) => is || faults.push(`${nameOf(object)}: ${text}`);
    const { spec } = template;
    const env = environment(objects, template);

    want(spec.securityContext?.runAsNonRoot === true, "may be root");
    want(spec.securityContext?.fsGroup === spec.securityContext?.runAsUser,
        "volumes may be another's");
    want(spec.securityContext?.seccompProfile?.type === "RuntimeDefault",
        "no seccomp");
    want(spec.automountServiceAccountToken === false, "has a token");
    want(spec.enableServiceLinks === false, "gets CAPTCHA_PORT");
    for (const c of spec.containers) {
        const context = c.securityContext || {};
        want(context.allowPrivilegeEscalation === false, "may get rights");
        want(context.readOnlyRootFilesystem === true, "root can be written");
        want(context.capabilities?.drop?.join() === "ALL", "capabilities");
        for (const kind of ["requests", "limits"])
            for (const what of ["cpu", "memory"])
                want(c.resources?.[kind]?.[what], `no ${kind} of ${what}`);
        const dirs = [env.CAPTCHA_CACHE_DIR || "/var/cache/captcha-fcgi/"];
        if (env.CAPTCHA_STORE?.startsWith("sqlite:"))
            dirs.push(env.CAPTCHA_STORE.slice("sqlite:".length));
        if (object.kind === "Deployment")
            dirs.push("/tmp/");
        for (const dir of dirs)
            want(c.volumeMounts.some(({ mountPath }) =>
                dir.startsWith(`${mountPath}/`)), `no volume for ${dir}`);
        let inMemory = 0;
        for (const { name, emptyDir } of spec.volumes) {
            if (!emptyDir)
                continue;
            inMemory += bytes(emptyDir.sizeLimit);
            want(name !== "cache" || object.kind !== "Deployment" ||
                2 * bytes(env.CAPTCHA_CACHE_MAX_BYTES) <=
                    bytes(emptyDir.sizeLimit), "pictures have no room");
        }
        want(inMemory + 2 ** 25 <= bytes(c.resources.limits.memory),
            "volumes and 32 MiB are over the limit of memory");
    }
    if (object.kind === "Deployment") {
        const [c] = spec.containers;
        const told = (probe) => JSON.stringify(probe || "healthz");
        want(told(c.startupProbe).includes("healthz"), "starts unlooked at");
        want(!told(c.readinessProbe).includes("healthz"), "Redis unreadies it");
        want(!told(c.livenessProbe).includes("healthz"), "Redis kills it");
        const pause = Number(c.lifecycle?.preStop?.exec?.command?.[1]);
        want(spec.terminationGracePeriodSeconds > pause + 10,
            "no time for requests under way");
    }
    return faults;
}

const pods = (objects) => templates(objects).flatMap(({ object, template }) =>
    podFaults(objects, object, template));

// ------------------------------------------------------------------------------------

function values(value, key) {
    if (!isMap(value))
        return [];
    return Object.entries(value).flatMap(([name, inner]) =>
        (name === key ? [JSON.stringify(inner)] : []).concat(
            values(inner, key)));
}

const [command, file, key] = process.argv.slice(2);
const objects = read(file);
const lines = {
    schema: () => schema(objects),
    misspelt: () => misspelt(objects),
    refers: () => refers(objects),
    pods: () => pods(objects),
    env: () => Object.entries(environment(objects, templates(objects)
        .find(({ object }) => object.kind === "Deployment").template))
        .map(([name, value]) => `${name}=${value}`),
    values: () => [...new Set(values(objects, key))].sort(),
}[command]();
if (lines.length)
    console.log(lines.join("\n"));
