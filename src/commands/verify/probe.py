# Runs in a container that has Python. Prints what the container sees and can reach:
# names only, never a value. Its argument and output are those of probe.cjs.
import errno
import json
import os
import re
import socket
import sys
from concurrent.futures import ThreadPoolExecutor

TIMEOUT = 3
TRIES = 2


def address(host: str) -> str:
    """The host "@resolver" is the pod's first resolver."""
    if host != "@resolver":
        return host
    with open("/etc/resolv.conf") as file:
        found = re.search(r"^nameserver\s+(\S+)", file.read(), re.MULTILINE)
    return found.group(1) if found else "127.0.0.1"


def tcp(target: dict) -> str:
    with socket.create_connection((address(target["host"]), target["port"]), TIMEOUT):
        return "open"


def udp(target: dict) -> str:
    """For UDP, any answer means open."""
    to = address(target["host"])
    with socket.socket(
        socket.AF_INET6 if ":" in to else socket.AF_INET, socket.SOCK_DGRAM
    ) as sock:
        sock.settimeout(TIMEOUT)
        sock.connect((to, target["port"]))
        sock.send(bytes.fromhex(target["payload"]))
        sock.recv(512)
        return "open"


def attempt(target: dict) -> str:
    try:
        return (udp if target["protocol"] == "UDP" else tcp)(target)
    except TimeoutError:
        return "timeout"
    except socket.gaierror:
        return "ENOTFOUND"
    except OSError as error:
        return errno.errorcode.get(error.errno, "error")


def dial(target: dict) -> dict:
    tries = []
    while len(tries) < TRIES and "open" not in tries:
        tries.append(attempt(target))
    return {"id": target["id"], "tries": tries}


def variables() -> list[str]:
    """Returns the names of the first process's variables: the container's."""
    try:
        with open("/proc/1/environ", errors="replace") as file:
            return [row.split("=")[0] for row in file.read().split("\0") if row]
    except PermissionError:
        # It belongs to another user; this process has the container's variables too.
        return list(os.environ)


targets = json.loads(sys.argv[1])
with ThreadPoolExecutor(max(len(targets), 1)) as pool:
    dials = list(pool.map(dial, targets))
print(
    json.dumps(
        {
            "uid": os.getuid(),
            "variables": variables(),
            "token": os.path.exists("/var/run/secrets/kubernetes.io/serviceaccount"),
            "dials": dials,
        }
    )
)
