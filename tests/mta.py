"""A real mail transfer agent (Exim) for one test: takes mail as the world's servers do, relays for who logs in over TLS,
and lays what is for its own addresses into maildirs, which `servers.dovecot(mail=…)` can serve.
"""

import contextlib
import grp
import os
import pwd
import shutil
import smtplib
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests import servers
from tests.certificates import Pair


@dataclass(frozen=True)
class Mta:
    """Where it listens, who may relay, and where its mail lies: a maildir for each address."""

    host: str
    port: int
    user: str
    password: str
    home: Path

    @property
    def mail(self) -> Path:
        return self.home / "mail"

    def delivered(self, who: str, *, count: int = 1, seconds: float = 20) -> list[bytes]:
        """What lies in somebody's maildir, oldest first, once there are so many; what there is when the time is over."""
        deadline = time.monotonic() + seconds
        while True:
            found = sorted((self.mail / who).glob("*/*"), key=lambda path: path.stat().st_mtime_ns)
            found = [path for path in found if path.parent.name in ("new", "cur")]
            if len(found) >= count or time.monotonic() > deadline:
                return [path.read_bytes() for path in found]
            time.sleep(0.05)

    def taken(self) -> int:
        """How many mails it has accepted so far."""
        log = self.home / "log" / "main"
        return log.read_text(errors="replace").count(" <= ") if log.exists() else 0

    def queued(self) -> int:
        """How many mails it still holds."""
        return len(list((self.home / "spool" / "input").glob("**/*-H")))

    def hand_in(self, raw: bytes, *, sender: str, to: Sequence[str]) -> None:
        """As a server of the world does: in the clear, without a log-in. Raises what smtplib raises when it is refused."""
        with smtplib.SMTP(self.host, self.port, timeout=20) as connection:
            connection.sendmail(sender, list(to), raw)


@contextlib.contextmanager
def exim(
    addresses: Sequence[str],
    tls: Pair,
    *,
    user: str = "submit",
    password: str = "mta-secret",
    is_proving: bool = False,
) -> Iterator[Mta]:
    """With STARTTLS and `tls`; `addresses` are its own, each with anything after a plus sign; all others it refuses.

    Mail to `full@` one of its domains is taken and comes back as a bounce; what goes to `careless@` loses all marks of a
    machine. With `is_proving` each mail bears our server's word that its sender is who he says he is.
    """
    port, me = servers.free_port(), pwd.getpwuid(os.geteuid()).pw_name
    owner = "mail" if servers.IS_ROOT else me
    group = grp.getgrgid(pwd.getpwnam(owner).pw_gid).gr_name
    with servers.folder(owner if servers.IS_ROOT else None) as home:
        for name in ("spool", "log", "mail"):
            (home / name).mkdir()
        for pair_file, name in ((tls.cert, "cert.pem"), (tls.key, "key.pem")):
            shutil.copy(pair_file, home / name)
            (home / name).chmod(0o600)
        if servers.IS_ROOT:
            for path in home.iterdir():
                shutil.chown(path, owner, group)
        config = home / "exim.conf"
        parts = [address.partition("@") for address in addresses]
        config.write_text(
            _EXIM.format(
                home=home,
                port=port,
                owner=owner,
                group=group,
                user=user,
                password=password,
                is_proving="yes" if is_proving else "no",
                domains=" : ".join(sorted({domain for _local, _at, domain in parts})),
                people=" : ".join(sorted({"full", *(local for local, _at, _domain in parts)})),
            )
        )
        command = [servers.program("exim4-daemon-light", "exim4"), "-bdf", "-q1m", "-C", str(config)]
        with servers.running(command, home, None, lambda: servers.says(port, b"", b"220 ")):
            yield Mta("127.0.0.1", port, user, password, home)


_EXIM = """
primary_hostname = mx.test
exim_user = {owner}
exim_group = {group}
deliver_drop_privilege
never_users =
spool_directory = {home}/spool
log_file_path = {home}/log/%s
pid_file_path = {home}/pid
local_interfaces = 127.0.0.1
daemon_smtp_ports = {port}
host_lookup =
rfc1413_query_timeout = 0s
keep_environment =
message_size_limit = 50M
tls_advertise_hosts = *
tls_certificate = {home}/cert.pem
tls_privatekey = {home}/key.pem
auth_advertise_hosts = ${{if eq{{$tls_in_cipher}}{{}}{{}}{{*}}}}
domainlist ours = {domains}
acl_smtp_rcpt = check_rcpt
acl_smtp_data = check_data

begin acl
# What a server with a DMARC filter writes: everybody is who he says he is
check_data:
  accept condition = {is_proving}
         add_header = :at_start:Authentication-Results: mx.test; dmarc=pass header.from=${{domain:${{address:$h_From:}}}}
  accept
check_rcpt:
  deny !authenticated = *
       !domains = +ours
       message = relay not permitted
  require verify = recipient
  accept

begin routers
# Taken at the door and refused later, as by a server behind ours: its sender gets a bounce
full:
  driver = redirect
  domains = +ours
  local_parts = full
  no_verify
  allow_fail
  data = :fail: mailbox is full
# As a gateway that takes away whatever says that a machine wrote, and what it answers
careless:
  driver = accept
  domains = +ours
  local_parts = careless
  local_part_suffix = +*
  local_part_suffix_optional
  headers_remove = Auto-Submitted:Precedence:X-Auto-Response-Suppress:X-Guichet-Automatic:In-Reply-To:References:List-Id
  transport = maildir
people:
  driver = accept
  domains = +ours
  local_parts = {people}
  local_part_suffix = +*
  local_part_suffix_optional
  transport = maildir

begin transports
maildir:
  driver = appendfile
  directory = {home}/mail/$local_part_data@$domain_data
  maildir_format
  create_directory
  delivery_date_add
  envelope_to_add
  return_path_add

begin retry
* * F,1h,1m

begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${{if and{{{{eq{{$auth2}}{{{user}}}}}{{eq{{$auth3}}{{{password}}}}}}}}}
  server_set_id = $auth2
login:
  driver = plaintext
  public_name = LOGIN
  server_prompts = Username:: : Password::
  server_condition = ${{if and{{{{eq{{$auth1}}{{{user}}}}}{{eq{{$auth2}}{{{password}}}}}}}}}
  server_set_id = $auth1
"""
