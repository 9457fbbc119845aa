"""What deploy/ says fits the app: settings, ports, probes, users, files; as far as it goes without a cluster."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot import draining
from tests.cluster import image

DEPLOY = image.PROJECT / "deploy"
KUBERNETES = DEPLOY / "kubernetes"
#: What a setting's name may stand for besides the app's own.
OTHERS = {"HOME", "MPLCONFIGDIR", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE"}


def documents(path: Path) -> list[Any]:
    return [document for document in yaml.safe_load_all(path.read_text(encoding="utf-8")) if document]


def objects() -> dict[tuple[str, str], Any]:
    listed = documents(KUBERNETES / "kustomization.yaml")[0]["resources"]
    assert sorted(listed) == sorted(path.name for path in KUBERNETES.glob("*.yaml") if path.stem != "kustomization")
    return {(one["kind"], one["metadata"]["name"]): one for name in listed for one in documents(KUBERNETES / name)}


def pod() -> Any:
    return objects()["Deployment", "linlitong"]["spec"]["template"]["spec"]


def container() -> Any:
    return pod()["containers"][0]


def compose() -> Any:
    return documents(DEPLOY / "compose.yml")[0]


def settings_in_code() -> set[str]:
    """Every name of a setting that the app's code reads."""
    words = re.compile(r"""["']([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*)["']""")
    return {name for path in (image.PROJECT / "bot").rglob("*.py")
            for name in words.findall(path.read_text(encoding="utf-8"))}


def known(names: set[str]) -> set[str]:
    """Those of ``names`` that no code reads."""
    code = settings_in_code() | OTHERS
    return {name for name in names if name not in code and name.removesuffix("_FILE") not in code}


def seconds(text: str) -> float:
    return float(text.removesuffix("s"))


# --- the image ------------------------------------------------------------------------------------


def test_the_image_is_made_of_files_that_are_there_and_tracked() -> None:
    tracked = subprocess.run(["git", "ls-files", *image.copied()], cwd=image.PROJECT, capture_output=True, text=True)
    assert image.copied() and tracked.returncode == 0
    for name in image.copied():
        assert (image.PROJECT / name).exists()
        assert any(line == name or line.startswith(f"{name}/") for line in tracked.stdout.splitlines()), name


def test_the_build_sees_only_what_it_copies() -> None:
    lines = (DEPLOY / "Containerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    assert [rule[1:] for rule in rules if rule.startswith("!")] == image.copied()


def test_the_image_runs_without_rights_and_checks_its_health() -> None:
    text = image.CONTAINERFILE.read_text(encoding="utf-8")
    last = text.split("\nFROM ")[-1]
    assert len(re.findall(r"^FROM ", text, re.MULTILINE)) == 2
    assert re.search(r"^USER 10001:10001$", last, re.MULTILINE)
    assert "HEALTHCHECK" in last and "/ready" in last and "STOPSIGNAL SIGTERM" in last
    assert not known(set(image.environment()))
    # Images by tag, none by "latest"; and nothing secret.
    assert re.search(r"^ARG PYTHON_IMAGE=python:3\.10-\S+$", text, re.MULTILINE)
    assert not re.search(r"(?i)(password|secret|token)\s*=", text)


# --- compose --------------------------------------------------------------------------------------


def test_compose_has_the_processes_that_nginx_knows() -> None:
    services = compose()["services"]
    processes = re.findall(r"^\s*server (\w+):(\d+)", (DEPLOY / "nginx" / "processes.conf").read_text(), re.MULTILINE)
    apps = {name: one for name, one in services.items() if name.startswith("app")}
    assert [name for name, _ in processes] == sorted(apps) and len(apps) == 3
    for (_, port), one in zip(processes, apps.values(), strict=True):
        assert one["environment"]["PORT"] == port == image.environment()["PORT"]
        assert one["environment"]["HOST"] == "0.0.0.0" and one["environment"]["LINLITONG_PROXIES"] == "1"
        assert one["read_only"] is True and one["cap_drop"] == ["ALL"] and one["user"] == "10001:10001"
        assert any(line.startswith(f"{image.environment()['LINLITONG_VAR']}:") for line in one["tmpfs"])
        assert seconds(one["stop_grace_period"]) > draining.DRAIN_S + draining.LAST_S
    addresses = [one["networks"]["inner"]["ipv4_address"] for one in services.values() if "inner" in one["networks"]]
    assert len(addresses) == len(set(addresses)) == 4


def test_compose_names_settings_that_the_app_reads() -> None:
    assert not known(set(compose()["services"]["app1"]["environment"]))


def test_compose_keeps_secrets_in_files_and_the_state_inside() -> None:
    whole = compose()
    for name, one in whole["services"].items():
        for setting, value in (one.get("environment") or {}).items():
            secret = re.search("PASSWORD|SECRET|URL", setting) and setting != "LINLITONG_PUBLIC_URL"
            assert not secret or setting.endswith("_FILE"), (name, setting)
            if setting.endswith("_FILE"):
                assert value.removeprefix("/run/secrets/") in one["secrets"]
        assert set(one.get("secrets", ())) <= set(whole["secrets"])
        assert not one.get("privileged")
        assert name.startswith("app") or (":" in one["image"] and not one["image"].endswith(":latest"))
    assert [name for name, one in whole["services"].items() if one.get("ports")] == ["proxy"]
    assert whole["networks"]["state"] == {"internal": True}
    assert whole["services"]["postgres"]["networks"] == whole["services"]["redis"]["networks"] == ["state"]


def test_compose_mounts_the_files_of_nginx() -> None:
    for mount in compose()["services"]["proxy"]["volumes"]:
        source = mount.split(":")[0] if "${" not in mount else None
        if source is not None:
            assert (DEPLOY / source).is_file(), source
    included = re.findall(r"include (\S+);", (DEPLOY / "nginx" / "nginx.conf").read_text(encoding="utf-8"))
    mounted = " ".join(compose()["services"]["proxy"]["volumes"])
    assert included and all(f"/etc/linlitong/{name}:ro" in mounted for name in included)


def test_secrets_are_made_once_and_fit_together(tmp_path: Path) -> None:
    script = shutil.copy(DEPLOY / "make-secrets.sh", tmp_path / "make-secrets.sh")

    def run() -> dict[str, str]:
        done = subprocess.run(["sh", script], capture_output=True, text=True, timeout=30)
        assert done.returncode == 0, done.stderr
        return {path.name: path.read_text().rstrip("\n") for path in (tmp_path / "secrets").iterdir()}

    made = run()
    assert set(made) == set(compose()["secrets"])
    assert (tmp_path / "secrets").stat().st_mode & 0o777 == 0o700
    assert made["postgres_password"] in made["state_url"] and len(made["session_secret"]) >= 32
    assert f"requirepass {made['redis_url'].split(':')[2].split('@')[0]}" in made["redis_conf"]
    assert len({made["session_secret"], made["postgres_password"], made["redis_url"]}) == 3
    assert run() == made


def test_no_secret_can_be_committed() -> None:
    for name in ("deploy/secrets/state_url", "deploy/.env"):
        assert subprocess.run(["git", "check-ignore", "-q", name], cwd=image.PROJECT).returncode == 0


# --- kubernetes -----------------------------------------------------------------------------------


def test_probes_ask_what_they_should() -> None:
    one = container()
    names = {port["name"]: port["containerPort"] for port in one["ports"]}
    env = {item["name"]: item["value"] for item in one["env"]}
    assert names == {"http": int(env["PORT"]), "metrics": int(env["METRICS_PORT"])}
    assert one["startupProbe"]["httpGet"] == one["livenessProbe"]["httpGet"] == {"path": "/live", "port": "http"}
    assert one["readinessProbe"]["httpGet"] == {"path": "/ready?storage=any", "port": "http"}
    assert one["startupProbe"]["periodSeconds"] * one["startupProbe"]["failureThreshold"] >= 60


def test_a_process_has_time_to_leave() -> None:
    wait = float(container()["lifecycle"]["preStop"]["exec"]["command"][1])
    assert pod()["terminationGracePeriodSeconds"] > wait + draining.DRAIN_S + draining.LAST_S
    deployment = objects()["Deployment", "linlitong"]["spec"]
    assert deployment["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
    assert objects()["PodDisruptionBudget", "linlitong"]["spec"]["minAvailable"] < deployment["replicas"]


def test_kubernetes_names_settings_that_the_app_reads() -> None:
    env = {item["name"]: item["value"] for item in container()["env"]}
    given = objects()["ConfigMap", "linlitong-settings"]["data"]
    assert not known(set(env) | set(given)) and not set(env) & set(given)
    assert all(isinstance(value, str) for value in (*env.values(), *given.values()))
    mounts = {mount["name"]: mount["mountPath"] for mount in container()["volumeMounts"]}
    assert all(value.startswith(f"{mounts['secrets']}/") for name, value in env.items() if name.endswith("_FILE"))
    assert mounts["var"] == image.environment()["LINLITONG_VAR"]
    assert {volume["name"] for volume in pod()["volumes"]} == set(mounts)
    assert "Secret" not in {kind for kind, _ in objects()}


def test_a_pod_has_no_more_rights_than_it_needs() -> None:
    whole, own = pod()["securityContext"], container()["securityContext"]
    assert whole["runAsNonRoot"] and f"USER {whole['runAsUser']}:{whole['runAsGroup']}" in \
        image.CONTAINERFILE.read_text(encoding="utf-8")
    assert own == {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}
    assert whole["seccompProfile"] == {"type": "RuntimeDefault"} and pod()["automountServiceAccountToken"] is False


def test_everything_selects_the_app() -> None:
    labels = objects()["Deployment", "linlitong"]["spec"]["template"]["metadata"]["labels"].items()
    for (kind, name), one in objects().items():
        spec = one.get("spec", {})
        for chosen in (spec.get("selector"), spec.get("podSelector")):
            if chosen:
                assert chosen.get("matchLabels", chosen).items() <= labels, (kind, name)
    backends = [path["backend"]["service"] for (kind, _), one in objects().items() if kind == "Ingress"
                for rule in one["spec"]["rules"] for path in rule["http"]["paths"]]
    ports = {name: [port["name"] for port in one["spec"]["ports"]]
             for (kind, name), one in objects().items() if kind == "Service"}
    assert backends and all(backend["port"]["name"] in ports[backend["name"]] for backend in backends)
    container_ports = {port["name"] for port in container()["ports"]}
    assert all(port["targetPort"] in container_ports for (kind, _), one in objects().items() if kind == "Service"
               for port in one["spec"]["ports"])


def test_the_ingress_and_nginx_agree() -> None:
    text = (DEPLOY / "nginx" / "nginx.conf").read_text(encoding="utf-8")
    prefix = "nginx.ingress.kubernetes.io/"
    plain, web = (objects()["Ingress", name]["metadata"]["annotations"] for name in ("linlitong", "linlitong-web"))
    assert f"client_max_body_size {plain[prefix + 'proxy-body-size']};" in text
    assert f"proxy_next_upstream {plain[prefix + 'proxy-next-upstream']};" in text
    assert f"proxy_read_timeout {plain[prefix + 'proxy-read-timeout']}s;" in text
    assert f"proxy_next_upstream_timeout {plain[prefix + 'proxy-next-upstream-timeout']}s;" in text
    assert f"limit_conn address {plain[prefix + 'limit-connections']};" in text
    differs = {name for name in plain if plain[name] != web[name]}
    assert plain.keys() == web.keys() and differs == {prefix + "proxy-next-upstream"}
    assert "non_idempotent" in web[prefix + "proxy-next-upstream"]
    assert [path["path"] for rule in objects()["Ingress", "linlitong-web"]["spec"]["rules"]
            for path in rule["http"]["paths"]] == ["/webhooks/web/"]


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not here; CI does without it")
def test_kustomize_builds_it() -> None:
    done = subprocess.run(["kubectl", "kustomize", str(KUBERNETES)], capture_output=True, text=True, timeout=60,
                          env={**os.environ, "KUBECONFIG": "/dev/null"})
    assert done.returncode == 0, done.stderr
    built = [document for document in yaml.safe_load_all(done.stdout) if document]
    assert len(built) == len(objects())
    assert all(one["metadata"].get("namespace") == "linlitong" for one in built if one["kind"] != "Namespace")
