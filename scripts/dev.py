"""What `make dev` does after setup: Vite serves the frontend from its sources, the server restarts when a file changes."""

import os
import subprocess
import sys
import time
from pathlib import Path

HOME = Path(__file__).resolve().parent.parent
ROOMS = ("helpdesk", "tickets", "chat", "knowledge")
WATCHED = {".py", ".html", ".txt", ".mo"}


def newest() -> float:
    files = (path for room in ROOMS for path in (HOME / room).rglob("*") if path.suffix in WATCHED)
    return max((path.stat().st_mtime for path in files), default=0.0)


def serve() -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "scripts/run.py"], cwd=HOME, env={**os.environ, "VITE_DEV": "true"})


def main() -> None:
    vite = subprocess.Popen(["npm", "run", "dev"], cwd=HOME / "frontend")
    server, seen = serve(), newest()
    try:
        while vite.poll() is None:
            time.sleep(1)
            if (now := newest()) > seen:
                server.terminate()
                server.wait()
                server, seen = serve(), now
    except KeyboardInterrupt:
        pass
    finally:
        for process in (server, vite):
            process.terminate()
            process.wait()


if __name__ == "__main__":
    main()
