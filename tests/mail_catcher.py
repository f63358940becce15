"""
A mail server of a few lines that keeps what it is given, or refuses it as it is told.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage


@dataclass(slots=True, kw_only=True)
class MailCatcher:
    """
    What a server has taken.

    Attributes:
        refuses: answers to commands, by their verb; `hangs up` breaks the connection there.
    """

    host: str = "127.0.0.1"
    port: int = 0
    refuses: dict[str, str] = field(default_factory=dict)
    taken: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    greeted_by: list[str] = field(default_factory=list)

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._say(writer, "220 catcher")
        try:
            while line := (await reader.readline()).decode().strip():
                if not await self._answer(line, reader, writer):
                    break
        finally:
            writer.close()

    async def _answer(
        self, line: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        verb = line.split(" ", maxsplit=1)[0].upper()
        told = self.refuses.get(verb)
        if told == "hangs up":
            return False
        if verb == "EHLO":
            self.greeted_by.append(line.partition(" ")[2])
        if verb == "DATA" and told is None:
            return await self._take(reader, writer)
        if verb == "RCPT" and told is None:
            self.recipients.append(line.partition("<")[2].partition(">")[0])
        self._say(writer, told or "250 fine")
        return verb != "QUIT"

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        self._say(writer, "354 go on")
        lines: list[bytes] = []
        while (line := await reader.readline()) not in (b".\r\n", b""):
            lines.append(line)
        self.taken.append(message_from_bytes(b"".join(lines), policy=policy.default))
        if self.refuses.get("END") == "hangs up":
            return False
        self._say(writer, self.refuses.get("END", "250 taken"))
        return True

    @staticmethod
    def _say(writer: asyncio.StreamWriter, told: str) -> None:
        writer.write(f"{told}\r\n".encode())


@asynccontextmanager
async def catching() -> AsyncIterator[MailCatcher]:
    """
    Run a catcher on a free port of this machine.
    """
    catcher = MailCatcher()
    server = await asyncio.start_server(catcher.converse, catcher.host, 0)
    catcher.port = server.sockets[0].getsockname()[1]
    async with server:
        yield catcher
