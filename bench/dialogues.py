"""200 dialogues at once: how late a prompt is because of us.

The calling side stands for Asterisk, in a process of its own: it plays nothing, waits as long as a person would, keys
an ID and a password, and measures from its reply to our next command. Dialogues, services, switchboard, board and
argon2 are the real ones; there is no database. A prompt that follows a password waits for its proof as well (80 ms of a
core each): shown by itself.
"""

import asyncio
import json
import os
import subprocess
import sys
import time
from contextlib import suppress
from statistics import quantiles

from bench.rounds import Row, row

_PORT = int(os.environ.get("BENCH_DIALOGUES_PORT", "15970"))
_AT_ONCE = 200
_SECONDS = 15.0
_BAR_MS = 100.0


def run() -> list[Row]:
    server = subprocess.Popen([sys.executable, "-m", "bench.dialogues_server", str(_PORT), str(_AT_ONCE)])
    try:
        done = subprocess.run(
            [sys.executable, "-m", "bench.dialogues"], check=True, capture_output=True, text=True, timeout=120
        )
    finally:
        server.terminate()
        server.wait(10)
    late, proofs, finished = json.loads(done.stdout)
    cuts, worst = quantiles(late, n=1000), max(late)
    return [
        row("dialogues", f"{_AT_ONCE} dialogues at once, finished in {_SECONDS:.0f} s", finished, "dialogues"),
        row("dialogues", "command late because of us, half", cuts[499], "ms"),
        row("dialogues", "command late because of us, 99.9 %", cuts[998], "ms"),
        row("dialogues", f"command late because of us, worst of {len(late)}", worst, "ms", _BAR_MS / worst, 1.0),
        row("dialogues", "after a password, with its proof, nine of ten", quantiles(proofs, n=10)[8], "ms"),
        row("dialogues", "after a password, with its proof, worst", max(proofs), "ms"),
    ]


class _Caller:
    """One phone that signs in again and again until the end."""

    def __init__(self, number: int, late: list[float], proofs: list[float]) -> None:
        self._number, self._late, self._proofs = number, late, proofs
        self.finished = 0
        self._step = 0

    def _pause(self, least: float, most: float) -> float:
        """Seconds, spread evenly over callers and over one caller's calls; the same in every run."""
        self._step += 1
        return least + (most - least) * ((self._number * 61 + self._step * 37) % 200 / 200)

    async def call_until(self, end: float) -> None:
        await asyncio.sleep(self._pause(0.0, 8.0))  # a shift comes in within seconds, not in one instant
        while time.monotonic() < end:
            with suppress(ConnectionResetError):  # the server does not wait for the answer to its last word
                await self._call()
            self.finished += 1

    async def _call(self) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", _PORT)
        number = 1000 + self._number
        said = {
            "agi_network": "yes",
            "agi_network_script": "sign_in",
            "agi_uniqueid": f"{number}.{time.time()}",
            "agi_language": "ja",
        }
        said |= {"agi_channel": f"PJSIP/{number}-00000001", "agi_request": "agi://127.0.0.1/sign_in"}
        writer.write("".join(f"{key}: {value}\n" for key, value in said.items()).encode() + b"\n")
        keys, proving, sent = f"{number}#739101#", False, time.perf_counter()
        while command := await reader.readline():
            waited = (time.perf_counter() - sent) * 1000
            (self._proofs if proving else self._late).append(waited)
            proving = proving and b"STREAM" not in command
            answer = "0"
            if command.startswith((b"STREAM", b"WAIT")) and keys and b'""' not in command:
                await asyncio.sleep(self._pause(0.2, 0.8))
                answer, keys = str(ord(keys[0])), keys[1:]
                proving = not keys
            elif command.startswith((b"STREAM", b"SAY")):
                await asyncio.sleep(self._pause(0.5, 2.0))
            sent = time.perf_counter()
            writer.write(f"200 result={answer}\n".encode())
        writer.close()


async def _shift() -> None:
    late: list[float] = []
    proofs: list[float] = []
    callers = [_Caller(number, late, proofs) for number in range(_AT_ONCE)]
    while True:  # until the server is there
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", _PORT)
            writer.close()
            break
        except OSError:
            await asyncio.sleep(0.1)
    end = time.monotonic() + _SECONDS
    await asyncio.gather(*(caller.call_until(end) for caller in callers))
    print(json.dumps([late, proofs, sum(caller.finished for caller in callers)]))


if __name__ == "__main__":
    asyncio.run(_shift())
