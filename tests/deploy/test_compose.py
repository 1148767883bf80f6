"""The containers: what their files name exists and agrees. Docker itself is not needed."""

import ipaddress
import re
import subprocess
import sys

import yaml

from deploy.space import FOLDERS
from devtools import ROOT
from page.server.limits import LIMITS

COMPOSE = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text("utf-8"))
RAY = yaml.safe_load((ROOT / "deploy" / "compose.ray.yaml").read_text("utf-8"))["services"]
DOCKERFILE = (ROOT / "deploy" / "Dockerfile").read_text("utf-8").replace("\\\n", " ")
SERVICES = COMPOSE["services"]
PAGES = {name: service for name, service in SERVICES.items() if name.startswith("page-")}
SERVERS = SERVICES["nginx"]["build"]["args"]["SERVERS"].split()
STAGES = set(re.findall(r"^FROM \S+ AS (\S+)$", DOCKERFILE, re.M))


def address(service):
    return service["networks"]["inside"]["ipv4_address"]


def test_nginx_knows_every_server_and_the_servers_believe_nginx_alone():
    assert len(PAGES) >= 2
    assert [f"{address(page)}:7860" for page in PAGES.values()] == SERVERS
    for page in PAGES.values():
        believed = page["environment"]["DDPM_TRUSTED_PROXIES"].split(",")
        assert believed == [address(SERVICES["nginx"])]
    (network,) = COMPOSE["networks"]["inside"]["ipam"]["config"]
    inside = ipaddress.ip_network(network["subnet"])
    addresses = [ipaddress.ip_address(address(service)) for service in SERVICES.values()]
    assert all(each in inside for each in addresses) and len({*addresses}) == len(addresses)


def test_a_server_has_time_to_end_and_shares_its_results():
    for page in PAGES.values():
        assert float(page["stop_grace_period"].removesuffix("s")) > LIMITS.end_s
        volume, folder = page["volumes"][0].split(":")
        assert volume in COMPOSE["volumes"] and page["environment"]["DDPM_RESULTS"] == folder
        assert f"mkdir {folder} && chown page {folder}" in DOCKERFILE


def test_the_image_has_what_the_page_needs():
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.M)
    names = {name for line in copied for name in line.split()}
    assert all((ROOT / name).exists() for name in names)
    assert names >= {*FOLDERS, "app.py", "checkpoints", "requirements.txt", "constraints.txt"}
    admitted = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert {f"!{name}" for name in names} <= {*admitted}


def test_targets_are_stages():
    built = [*SERVICES.values(), RAY["head"]]
    assert {service["build"]["target"] for service in built} <= STAGES


def test_the_nodes_of_a_ray_cluster_find_it_and_see_one_folder():
    head = RAY["head"]
    (port,) = re.findall(r"--port (\d+)", head["command"])
    assert {*PAGES} == {*RAY} - {"head", "node"}
    for service in RAY.values():
        assert service["environment"]["RAY_ADDRESS"] == f"{address(head)}:{port}"
        (volume,) = service["volumes"]
        assert volume in SERVICES["page-1"]["volumes"]
        folder = volume.partition(":")[2]
        assert service["environment"]["GRADIO_TEMP_DIR"].startswith(f"{folder}/")


def test_nginx_takes_the_configuration(tmp_path, nginx_program):
    command = [sys.executable, "-m", "deploy.nginx", *SERVERS, "--draining", "2"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    path = tmp_path / "nginx.conf"
    path.write_text(done.stdout)
    check = [nginx_program, "-t", "-p", str(tmp_path), "-c", str(path)]
    subprocess.run(check, capture_output=True, check=True)


def test_a_wrong_command_is_explained():
    command = [sys.executable, "-m", "deploy.nginx", "a:1", "--draining", "1"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 2 and "Traceback" not in done.stderr
