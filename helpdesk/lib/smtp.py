"""SMTP as Django speaks it, with verified certificates, a bound on the whole conversation, and a good-bye that cannot fail."""

import contextlib
import functools
import smtplib
import socket
import ssl
import threading
from typing import Any

from django.conf import settings
from django.core.mail.backends.smtp import EmailBackend
from django.utils.functional import cached_property

from helpdesk.lib import egress


class Backend(EmailBackend):
    """The server of the settings: whoever wrote them may reach what he likes."""

    reach = "anything"

    @property
    def connection_class(self) -> Any:
        return functools.partial(_Tls if self.use_ssl else _Plain, reach=self.reach)

    @cached_property
    def ssl_context(self) -> ssl.SSLContext:
        return egress.tls_context()

    def _close_connection(self, connection: smtplib.SMTP) -> None:
        """The other side may hang up as it likes: what it took is sent."""
        with contextlib.suppress(smtplib.SMTPException, OSError):
            connection.quit()
        with contextlib.suppress(OSError):
            connection.close()


class HostBackend(Backend):
    """A server that somebody typed: connected to through `egress`, and strictly so while it is only being tried out."""

    def __init__(self, *, host: str, port: int, security: str, user: str, password: str, strict: bool = False) -> None:
        super().__init__(
            host=host,
            port=port,
            username=user,
            password=password,
            use_tls=security == "starttls",
            use_ssl=security == "ssl",
            timeout=settings.EMAIL_TIMEOUT,
        )
        self.reach = "strict" if strict else "typed"


class _Plain(smtplib.SMTP):
    """A conversation that ends after MAIL_SEND_SECONDS even when the server drips its answers."""

    def __init__(self, *args: Any, reach: str, **kwargs: Any) -> None:
        self.reach = reach
        self._timer = threading.Timer(settings.MAIL_SEND_SECONDS, self._cut)
        self._timer.daemon = True
        self._timer.start()
        try:
            super().__init__(*args, **kwargs)
        except BaseException:
            self._timer.cancel()
            raise

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        if self.reach == "anything":
            return socket.create_connection((host, port), timeout)
        return egress.connect(host, port, timeout=timeout, strict=self.reach == "strict")

    def _cut(self) -> None:
        if self.sock is not None:
            with contextlib.suppress(OSError):
                self.sock.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._timer.cancel()
        super().close()


class _Tls(_Plain, smtplib.SMTP_SSL):
    """TLS from the first byte."""

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        plain = super()._get_socket(host, port, timeout)
        return self.context.wrap_socket(plain, server_hostname=self._host)  # type: ignore[attr-defined]
