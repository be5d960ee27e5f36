"""Connections to a host that somebody typed: its name is found once, every address of it is checked, and the connection
goes to the very address that was checked, so that a name which changes its mind meanwhile gains nothing.

What is never reached: link-local (the metadata services of clouds), multicast, reserved and translated ranges. Private
ranges and this machine itself are reached when `MAIL_NETWORKS` names them; beyond that, where a person with a shell wrote
a bare private address or a local name, and never (`strict`) for what is typed into a screen.
"""

import contextlib
import ipaddress
import socket
import ssl
import threading
from typing import Any

from django.conf import settings

RESOLVE_SECONDS = 8
MAX_ADDRESSES = 4
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_NEVER = [
    ipaddress.ip_network(text)
    for text in ("0.0.0.0/8", "169.254.0.0/16", "192.0.0.0/24", "224.0.0.0/3", "::/128", "64:ff9b::/96",
                 "64:ff9b:1::/48", "100::/64", "2001::/32", "2002::/16", "fe80::/10", "fec0::/10", "ff00::/8")
]  # fmt: skip
_LOCAL_NAMES = (".local", ".localhost", ".internal", ".lan", ".home.arpa")


class NameNotFound(OSError):
    """No address is known for the name."""


class Forbidden(OSError):
    """The address lies where this installation does not connect to."""


def connect(host: str, port: int, *, timeout: float, strict: bool = False) -> socket.socket:
    """A TCP connection to `host`. Raises NameNotFound, Forbidden, or what the last address answered."""
    failure: OSError = NameNotFound(host)
    for address in resolve(host, port, strict=strict)[:MAX_ADDRESSES]:
        try:
            return socket.create_connection((str(address), port), timeout=timeout)
        except OSError as error:
            failure = error
    raise failure


def resolve(host: str, port: int, *, strict: bool = False) -> list[Address]:
    """The addresses of a name, each of them allowed: one that is not spoils the name."""
    name = host.strip().rstrip(".").lower()
    found = _literal(name) or _look_up(name, port)
    for address in found:
        if not _is_allowed(address, name, strict):
            raise Forbidden(str(address))
    return found


def _literal(name: str) -> list[Address]:
    try:
        return [_plain(ipaddress.ip_address(name.strip("[]")))]
    except ValueError:
        return []


def _look_up(name: str, port: int) -> list[Address]:
    """In a thread of its own: the system's resolver knows no time limit."""
    answer: list[Any] = []

    def ask() -> None:
        with contextlib.suppress(OSError, UnicodeError):
            answer.extend(socket.getaddrinfo(name, port, type=socket.SOCK_STREAM))

    asking = threading.Thread(target=ask, name="resolve", daemon=True)
    asking.start()
    asking.join(RESOLVE_SECONDS)
    found = [_plain(ipaddress.ip_address(str(entry[4][0]).partition("%")[0])) for entry in list(answer)]
    if not found:
        raise NameNotFound(name)
    return list(dict.fromkeys(found))


def _plain(address: Address) -> Address:
    """An IPv4 address written as IPv6 is judged as what it is."""
    return getattr(address, "ipv4_mapped", None) or address


def _is_allowed(address: Address, name: str, strict: bool) -> bool:
    if any(address.version == network.version and address in network for network in _NEVER):
        return False
    if address.is_global or any(_lies_in(address, known) for known in settings.MAIL_NETWORKS):
        return True
    is_local_name = "." not in name or name.endswith(_LOCAL_NAMES)
    return not strict and (bool(_literal(name)) or is_local_name)


def _lies_in(address: Address, known: str) -> bool:
    network = ipaddress.ip_network(known, strict=False)
    return network.version == address.version and address in network


def tls_context() -> ssl.SSLContext:
    """Certificates are verified and must bear the host's name; `MAIL_CA_FILE` adds an authority of one's own."""
    context = ssl.create_default_context()
    if settings.MAIL_CA_FILE:
        context.load_verify_locations(cafile=settings.MAIL_CA_FILE)
    return context
