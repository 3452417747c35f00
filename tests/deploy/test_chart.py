"""The chart, rendered by helm. Run by tests/deploy/run.py, which provides helm."""

import os
import subprocess
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

HELM = os.environ.get("LUCID_HELM", "")
ROOT = Path(__file__).resolve().parents[2]
CHART = ROOT / "helm" / "lucid"
KUBERNETES = ("1.28.0", "1.31.0", "1.37.0")
NOUNS = ("gateway", "validation", "coherence", "vendor", "dream", "cache", "metrics")

SECRET = {"secretName": "databases", "key": "url"}
PEPPER = {"environment": "LUCID_API_KEY_PEPPER_FILE", "secretName": "pepper", "key": "pepper"}
VALUE_SETS: dict[str, dict[str, Any]] = {
    "defaults": {},
    "postgresql": {
        "services": {
            "validation": {"replicas": 3, "databaseUrl": SECRET},
            "coherence": {"databaseUrl": SECRET},
            "vendor": {"replicas": 2, "databaseUrl": SECRET, "secretFiles": [PEPPER]},
            "dream": {"replicas": 2, "databaseUrl": SECRET},
        }
    },
    "collector": {
        "otlp": {
            "endpoint": "http://collector.observability:4317",
            "traceRatio": 1,
            "namespaceLabels": {"kubernetes.io/metadata.name": "observability"},
        },
        "allowedHosts": ["lucid.example"],
        "trustedNetworks": ["10.244.0.0/16", "fd00::/8"],
        "networkPolicies": {"gatewayFrom": [{"namespaceSelector": {}}]},
    },
    "bare": {
        "networkPolicies": {"enabled": False},
        "image": {"repository": "registry.example/team/lucid-", "tag": "1.2.3"},
        "services": {"gateway": {"image": "registry.example/gateway@sha256:" + "a" * 64}},
        "persistence": {"storageClassName": "fast", "size": "10Gi"},
        "nodeSelector": {"kubernetes.io/arch": "amd64"},
        "tolerations": [{"key": "dedicated", "operator": "Exists"}],
    },
}


def helm(
    *arguments: str, values: dict[str, Any] | None = None
) -> "subprocess.CompletedProcess[str]":
    command = [HELM, *arguments]
    if values is not None:
        command += ["--values", "-"]
    return subprocess.run(
        command,
        input=yaml.safe_dump(values or {}),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def render(values: dict[str, Any], version: str = "1.31.0") -> list[dict[str, Any]]:
    done = helm("template", "mesh", str(CHART), "--kube-version", version, values=values)
    assert done.returncode == 0, done.stderr
    return [one for one in yaml.safe_load_all(done.stdout) if one]


def of_kind(manifests: list[dict[str, Any]], *kinds: str) -> dict[str, dict[str, Any]]:
    return {
        one["metadata"]["labels"]["app.kubernetes.io/component"]: one
        for one in manifests
        if one["kind"] in kinds
    }


def workloads(values: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return of_kind(render(values), "Deployment", "StatefulSet")


def container(workload: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = workload["spec"]["template"]["spec"]["containers"][0]
    return found


def environment(workload: dict[str, Any]) -> dict[str, Any]:
    return {
        one["name"]: one.get("value", one.get("valueFrom")) for one in container(workload)["env"]
    }


def test_helm_lints_the_chart_strictly() -> None:
    done = helm("lint", "--strict", str(CHART))
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("version", KUBERNETES)
@pytest.mark.parametrize("name", VALUE_SETS)
def test_every_manifest_is_what_kubernetes_knows(name: str, version: str) -> None:
    manifests = render(VALUE_SETS[name], version)
    assert len(manifests) >= 4 * len(NOUNS)
    for manifest in manifests:
        kubernetes_validate.validate(manifest, version, strict=True)


def test_a_manifest_with_a_misspelt_field_would_be_refused() -> None:
    manifest = workloads({})["cache"]
    manifest["spec"]["template"]["spec"]["automountServiceAcountToken"] = False
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(manifest, "1.31.0", strict=True)


@pytest.mark.parametrize(
    ("values", "part"),
    [
        ({"servces": {}}, "servces"),
        ({"services": {"mailer": {}}}, "mailer"),
        ({"services": {"cache": {"port": 70000}}}, "port"),
        ({"services": {"cache": {"port": 50051}}}, "port"),
        ({"services": {"cache": {"replicas": "two"}}}, "replicas"),
        ({"services": {"cache": {"resources": {"limits": {"memory": "lots"}}}}}, "memory"),
        ({"services": {"cache": None}}, "cache"),
        ({"services": {"dream": {"databaseUrl": "postgresql://u:p@host/db"}}}, "databaseUrl"),
        ({"services": {"dream": {"callers": ["nobody"]}}}, "nobody"),
        ({"services": {"vendor": {"replicas": 2}}}, "SQLite"),
        ({"services": {"vendor": {"databaseUrl": SECRET}}}, "PEPPER"),
        ({"services": {"cache": {"databaseUrl": SECRET}}}, "takes no databaseUrl"),
        ({"otlp": {"traceRatio": 2}}, "traceRatio"),
        ({"otlp": {"endpoint": "collector:4317"}}, "endpoint"),
        ({"trustedNetworks": []}, "trustedNetworks"),
        ({"image": {"tag": "bad tag"}}, "tag"),
        ({"terminationGracePeriodSeconds": 5}, "terminationGracePeriodSeconds"),
    ],
)
def test_wrong_values_are_refused_by_name(values: dict[str, Any], part: str) -> None:
    done = helm("template", "mesh", str(CHART), "--kube-version", "1.31.0", values=values)
    assert done.returncode != 0
    assert part in done.stderr


def test_an_old_cluster_is_refused() -> None:
    done = helm("template", "mesh", str(CHART), "--kube-version", "1.26.0", values={})
    assert done.returncode != 0
    assert "kubeVersion" in done.stderr


@pytest.mark.parametrize("name", VALUE_SETS)
def test_no_pod_may_do_more_than_it_needs(name: str) -> None:
    for noun, workload in workloads(VALUE_SETS[name]).items():
        pod = workload["spec"]["template"]["spec"]
        assert pod["automountServiceAccountToken"] is False
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        own = container(workload)["securityContext"]
        assert own["readOnlyRootFilesystem"] is True
        assert own["allowPrivilegeEscalation"] is False
        assert own["capabilities"] == {"drop": ["ALL"]}
        assert container(workload)["resources"]["limits"]["memory"], noun


def test_all_services_are_probed_where_they_listen() -> None:
    for noun, workload in workloads({}).items():
        ports = {one["name"]: one["containerPort"] for one in container(workload)["ports"]}
        for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
            asked = container(workload)[probe]
            if noun == "gateway":
                assert asked["httpGet"]["port"] == "http"
            else:
                assert asked["grpc"]["port"] == ports["health"] == ports["grpc"] + 100


def test_requests_of_one_client_meet_in_one_pod_and_calls_are_spread() -> None:
    specs = {noun: one["spec"] for noun, one in of_kind(render({}), "Service").items()}
    assert specs.pop("gateway")["sessionAffinity"] == "ClientIP"
    assert {spec["clusterIP"] for spec in specs.values()} == {"None"}


def test_data_stays_where_the_store_is() -> None:
    kinds = {noun: one["kind"] for noun, one in workloads({}).items()}
    stateful = {noun for noun, kind in kinds.items() if kind == "StatefulSet"}
    assert stateful == {"validation", "coherence", "vendor", "dream"}
    for noun in stateful:
        claims = workloads({})[noun]["spec"]["volumeClaimTemplates"]
        assert [claim["metadata"]["name"] for claim in claims] == ["data"]
    shared = workloads(VALUE_SETS["postgresql"])
    assert {noun for noun, one in shared.items() if one["kind"] == "StatefulSet"} == {"dream"}
    for noun in ("validation", "coherence", "vendor", "dream"):
        assert "volumeClaimTemplates" not in shared[noun]["spec"]
        assert environment(shared[noun])["LUCID_DATABASE_URL"] == {
            "secretKeyRef": {"name": "databases", "key": "url"}
        }


def test_a_saga_is_resumed_by_the_pod_that_began_it() -> None:
    assert environment(workloads({})["dream"])["LUCID_EXECUTOR_ID"] == {
        "fieldRef": {"fieldPath": "metadata.name"}
    }


def test_a_service_is_told_of_those_whom_it_may_call_and_of_no_others() -> None:
    rendered = render({})
    policies = of_kind(rendered, "NetworkPolicy")
    for noun, workload in of_kind(rendered, "Deployment", "StatefulSet").items():
        told = {
            name.removeprefix("LUCID_").removesuffix("_ADDRESS").lower()
            for name in environment(workload)
            if name.endswith("_ADDRESS")
        }
        reached = {
            peer["podSelector"]["matchLabels"]["app.kubernetes.io/name"].removeprefix("lucid-")
            for rule in policies[noun]["spec"]["egress"]
            for peer in rule["to"]
            if "app.kubernetes.io/name" in peer["podSelector"].get("matchLabels", {})
        }
        assert told == reached, noun


def test_who_may_come_in_is_who_goes_out() -> None:
    policies = of_kind(render({}), "NetworkPolicy")

    def pairs(direction: str, side: str) -> set[tuple[str, str, int]]:
        found = set()
        for noun, policy in policies.items():
            for rule in policy["spec"][direction]:
                for peer in rule[side]:
                    labels = peer["podSelector"].get("matchLabels", {})
                    other = labels.get("app.kubernetes.io/name", "").removeprefix("lucid-")
                    for port in rule["ports"]:
                        if other:
                            ends = (other, noun) if direction == "ingress" else (noun, other)
                            found.add((*ends, port["port"]))
        return found

    assert pairs("ingress", "from") == pairs("egress", "to")


def test_secrets_are_named_and_never_written() -> None:
    text = helm(
        "template", "mesh", str(CHART), "--kube-version", "1.31.0", values=VALUE_SETS["postgresql"]
    ).stdout
    assert "kind: Secret" not in text
    mounts = container(workloads(VALUE_SETS["postgresql"])["vendor"])["volumeMounts"]
    path = environment(workloads(VALUE_SETS["postgresql"])["vendor"])["LUCID_API_KEY_PEPPER_FILE"]
    assert any(path.startswith(mount["mountPath"] + "/") for mount in mounts)
