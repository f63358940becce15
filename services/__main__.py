"""
The command `foothold`: one group, whose commands are imported when they are called.
"""

import importlib
import sys
from typing import Any

import click

COMMANDS = {
    "up": "services.commands.up",
    "init": "services.commands.init",
    "market": "services.commands.market",
    "demo": "services.demo.command",
    "worker": "services.commands.worker",
    "topics": "services.commands.topics",
    "send": "services.commands.send",
    "template": "services.commands.template",
    "contract": "services.commands.contract",
    "queue": "services.commands.queue",
    "rights": "services.commands.rights",
    "codes": "services.commands.codes",
    "reserves": "services.commands.reserves",
    "rank": "services.commands.rank",
    "log": "services.commands.log",
    "replay": "services.commands.replay",
    "lottery": "services.commands.lottery",
    "dead-letters": "services.commands.dead_letters",
    "status": "services.commands.status",
    "model": "services.commands.model",
}

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
        module = importlib.import_module(COMMANDS[cmd_name])
        command: click.Command = module.command
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
