"""
One mail to one server: taken, refused, or not known, in which case it is not tried again.
"""

import contextlib
import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from enum import StrEnum

SECONDS = 20.0


class Handed(StrEnum):
    """
    What became of a mail that was handed to a server.
    """

    SENT = "sent"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """
    A server that takes mail for others.

    Attributes:
        host: its name or address.
        port: its port.
        starttls: whether the connection is made private first; without that nothing is sent.
        user: whom it is told that we are, if it asks.
        password: what it is told then.
        seconds: how long it may take over one step.
    """

    host: str
    port: int
    starttls: bool = True
    user: str | None = None
    password: str | None = None
    seconds: float = SECONDS

    def send(self, message: EmailMessage) -> Handed:
        """
        Hand one mail over; this waits for the server, so it is called in a thread.
        """
        sender, to = str(message["From"]), str(message["To"])
        try:
            smtp = self._greeted(sender)
        # A password that is not ASCII cannot be said to a server.
        except (smtplib.SMTPException, OSError, UnicodeError):
            return Handed.REFUSED
        try:
            return _handed(smtp, message, sender=sender, to=to)
        finally:
            with contextlib.suppress(smtplib.SMTPException, OSError):
                smtp.quit()
            smtp.close()

    def _greeted(self, sender: str) -> smtplib.SMTP:
        # Named by the sender's domain, so that no name of a machine goes out.
        smtp = smtplib.SMTP(
            self.host,
            self.port,
            local_hostname=sender.rpartition("@")[2],
            timeout=self.seconds,
        )
        try:
            if self.starttls:
                smtp.starttls(context=ssl.create_default_context())
            if self.user is not None:
                smtp.login(self.user, self.password or "")
        except (smtplib.SMTPException, OSError, UnicodeError):
            smtp.close()
            raise
        return smtp


def _handed(smtp: smtplib.SMTP, message: EmailMessage, *, sender: str, to: str) -> Handed:
    try:
        for code, _ in (smtp.ehlo(), smtp.mail(sender), smtp.rcpt(to)):
            if not 200 <= code < 300:
                return Handed.REFUSED
    # A mailbox that is not ASCII cannot be said to a server: it is not taken.
    except (smtplib.SMTPException, OSError, UnicodeError):
        return Handed.REFUSED
    try:
        code, _ = smtp.data(message.as_bytes())
    except smtplib.SMTPDataError:
        return Handed.REFUSED
    except (smtplib.SMTPException, OSError):
        # It may have been taken before the connection broke.
        return Handed.UNKNOWN
    return Handed.SENT if code == 250 else Handed.REFUSED
