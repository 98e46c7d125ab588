"""`python -m bench [NAME …]`: runs every bench module (or the named ones), prints a table, writes build/bench.json.

Exits with 1 when a bar is missed, so that a machine may read the result too."""

import importlib
import json
import pkgutil
import platform
import sys
from pathlib import Path

import bench
from bench.rounds import Row

_OUT = Path(__file__).parent.parent / "build" / "bench.json"


def _modules(names: list[str]) -> list[str]:
    found = [module.name for module in pkgutil.iter_modules(bench.__path__) if not module.name.startswith("_")]
    unknown = set(names) - set(found)
    if unknown:
        raise SystemExit(f"no such bench: {', '.join(sorted(unknown))}")
    return names or found


def _line(row: Row) -> str:
    ratio, bar, met = row.get("ratio"), row.get("bar"), row.get("met")
    against = "" if ratio is None else f"×{ratio:.2f}"
    wanted = "" if bar is None else f"≥ {bar:g}"
    verdict = {True: "met", False: "MISSED", None: ""}[met if isinstance(met, bool) else None]
    value = f"{row['value']:,.2f} {row['unit']}"
    return f"{row['bench']:<8} {row['what']:<46} {value:>20} {against:>9} {wanted:>8}  {verdict}"


def main(names: list[str]) -> int:
    rows: list[Row] = []
    for name in _modules(names):
        run = getattr(importlib.import_module(f"bench.{name}"), "run", None)
        if run is None:
            continue
        print(f"— {name} …", flush=True)
        measured = run()
        rows.extend(measured)
        print("\n".join(_line(row) for row in measured), flush=True)
    _OUT.parent.mkdir(exist_ok=True)
    _OUT.write_text(json.dumps({"machine": platform.platform(), "rows": rows}, indent=2) + "\n")
    return 1 if any(row.get("met") is False for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
