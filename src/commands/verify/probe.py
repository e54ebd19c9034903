# Asked inside a container that has Python: what is here, and what can be reached?
# Prints names only, never a value. sys.argv[1] and what it prints are as in probe.cjs.
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
    """The first resolver that the pod was given stands for the host "@resolver"."""
    if host != "@resolver":
        return host
    with open("/etc/resolv.conf") as file:
        found = re.search(r"^nameserver\s+(\S+)", file.read(), re.MULTILINE)
    return found.group(1) if found else "127.0.0.1"


def tcp(target: dict) -> str:
    with socket.create_connection((address(target["host"]), target["port"]), TIMEOUT):
        return "open"


def udp(target: dict) -> str:
    """An answer of any kind is what open means for UDP."""
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
    """Names of the first process's environment, which is the container's own."""
    try:
        with open("/proc/1/environ", errors="replace") as file:
            return [row.split("=")[0] for row in file.read().split("\0") if row]
    except PermissionError:
        # It is another user's; what is started here gets the container's too.
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
