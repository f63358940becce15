"""
The command `foothold`: one group, whose commands are imported when they are called.
"""

import importlib
import sys
from typing import Any

import click

# By name, the module whose `command` it is, or the command's own name there; grouped as
# `foothold --help` shows them.
GROUPS = {
    "Run it": {
        "up": "services.commands.up",
        "init": "services.commands.init",
        "demo": "services.demo.command",
        "market": "services.commands.market",
        "topics": "services.commands.topics",
        "worker": "services.commands.worker",
        "model": "services.commands.model",
        "status": "services.commands.status",
        "dead-letters": "services.commands.dead_letters",
    },
    "Say and hear": {
        "template": "services.commands.template",
        "send": "services.commands.send",
        "queue": "services.commands.queue",
        "today": "services.commands.today",
        "contract": "services.commands.contract",
        "rank": "services.commands.rank",
    },
    "Answer for a resident": {
        "interest": "services.commands.interest",
        "release": "services.commands.offers:release",
        "hold": "services.commands.offers:hold",
        "accept": "services.commands.offers:accept",
        "decline": "services.commands.offers:decline",
        "contact": "services.commands.contact",
        "consent": "services.commands.consent",
        "refer": "services.commands.refer",
        "duty": "services.commands.duty",
        "override": "services.commands.override",
        "why": "services.commands.why",
        "letter": "services.commands.letter",
        "challenge": "services.commands.challenge:challenge",
    },
    "Answer as a supplier": {
        "interview": "services.commands.interview",
        "confirm": "services.commands.offers:confirm",
        "reject": "services.commands.offers:reject",
    },
    "Decide as an owner": {
        "decide": "services.commands.challenge:decide",
    },
    "Check it": {
        "log": "services.commands.log",
        "replay": "services.commands.replay",
        "simulate": "services.simulation.command",
        "lottery": "services.commands.lottery",
    },
    "Look it up": {
        "rights": "services.commands.rights",
        "codes": "services.commands.codes",
        "reserves": "services.commands.reserves",
        "waiting": "services.commands.waiting",
    },
}
COMMANDS = {name: place for group in GROUPS.values() for name, place in group.items()}

EPILOG = """\b
Exit codes: 0 done, 1 the answer is no, 2 wrong use; others in `foothold codes --exits`.
Examples: foothold send oakline vacancies.csv --as opportunity; foothold status
Start with `foothold demo`, or `foothold up --operator YOUR-SLUG`.
"""


class LazyGroup(click.Group):
    """
    A group that imports a command's module only when that command is called.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """
        Return the names of all commands, in the order of a day's work.
        """
        return list(COMMANDS)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """
        List the commands under what they are for.
        """
        room = formatter.width - 6 - max(len(name) for name in COMMANDS)
        for title, group in GROUPS.items():
            found = {name: self.get_command(ctx, name) for name in group}
            rows = [(name, each.get_short_help_str(room)) for name, each in found.items() if each]
            with formatter.section(title):
                formatter.write_dl(rows)

    def get_command(
        self,
        ctx: click.Context,  # noqa: ARG002
        cmd_name: str,
    ) -> click.Command | None:
        """
        Import and return one command.
        """
        if cmd_name not in COMMANDS:
            return None
        place, _, name = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(importlib.import_module(place), name or "command")
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """
        Run the command; a file or folder that cannot be used is told in a sentence.
        """
        try:
            return super().invoke(ctx)
        except OSError as error:
            if error.filename is None or ctx.invoked_subcommand == "worker":
                raise
            raise click.ClickException(f"{error.filename}: {error.strerror}") from error


@click.command(
    cls=LazyGroup, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]}
)
@click.version_option(package_name="foothold", prog_name="foothold")
def main() -> None:
    """
    Foothold: promised jobs and apprenticeships, offered fairly and provably delivered.
    """


if __name__ == "__main__":
    main(prog_name="foothold")
    sys.exit(0)
