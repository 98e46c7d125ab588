"""`pbx-bridge reload`: a changed provision takes effect, in Asterisk and in the bridge, and calls go on."""

import argparse

from .up import add_config


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the program's parser."""
    parser = subparsers.add_parser(
        "reload",
        help="let a changed provision take effect, without losing a call",
        description="Proves [provision] file, makes the sentences it needs, renders Asterisk's files into [provision] "
        "asterisk, lets Asterisk read those that changed, and the running bridge follow. Calls go on. Run it as a user "
        "who may write that folder and reach Asterisk's console.",
    )
    add_config(parser)
    parser.add_argument("--dry-run", action="store_true", help="say what would change and change nothing")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """0 done; 1 when `--dry-run` found changes. Raises `Misconfigured`, `Unreachable`, `OSError`."""
    import asyncio
    import subprocess

    from pbx_bridge.app_reload import reload
    from pbx_bridge.settings import load
    from pbx_bridge.store.pool import open_pool

    settings = load(args.config)

    def console(command: str) -> str:
        assert settings.provision is not None
        line = [settings.provision.console, "-rx", command]
        try:
            # The settings' own program, and commands of ours.
            return subprocess.run(line, capture_output=True, text=True, check=False, timeout=30).stdout  # noqa: S603
        except (OSError, subprocess.TimeoutExpired):
            return ""

    async def work() -> int:
        pool = await open_pool(settings.database.dsn, size=2)
        try:
            done = await reload(settings, pool, console, dry_run=args.dry_run)
        finally:
            await pool.close()
        print(done)
        return 1 if args.dry_run and done.anything else 0

    return asyncio.run(work())
