"""A sandbox of one's own: its state directory, its process, its keys; gone afterwards."""
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")).resolve() / "debug" / "recipe-walk"
LIMIT = 30


class Home:
    """A home directory in which the program runs, with nothing of the caller's AWS configuration."""

    def __init__(self):
        self.dir = Path(tempfile.mkdtemp(prefix="rw-conformance-"))
        self.environment = {
            "HOME": str(self.dir),
            "XDG_STATE_HOME": str(self.dir / "state"),
            "TMPDIR": tempfile.gettempdir(),
            "PATH": os.environ["PATH"] + ":/usr/sbin:/sbin",
            "LANG": "C.UTF-8",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": str(self.dir / "config"),
            "AWS_SHARED_CREDENTIALS_FILE": str(self.dir / "credentials"),
        }

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.dir, ignore_errors=True)

    def run(self, *arguments, **more):
        """Runs the program to its end."""
        environment = {**self.environment, **more}
        return subprocess.run([PROGRAM, *arguments], env=environment, cwd=self.dir, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=300)


class Sandbox(Home):
    """A home with a running sandbox; with engines only when asked for."""

    def __init__(self, engines=False, pace="fast"):
        super().__init__()
        self.options = ["--pace", pace] + ([] if engines else ["--no-engines"])

    def __enter__(self):
        self.log = open(self.dir / "serve.log", "wb")
        self.child = subprocess.Popen([PROGRAM, "sandbox", "serve", *self.options], env=self.environment, cwd=self.dir,
                                      stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        try:
            self.access = self._answering()
        except BaseException:
            self.__exit__()
            raise
        self.endpoint = self.access["endpoint"]
        self.region = self.access["region"]
        self.keys = self.access["access_key_id"], self.access["secret_access_key"]
        return self

    def _answering(self):
        file = self.dir / "state/recipe-walk/sandbox/access.json"
        end = time.monotonic() + LIMIT
        while time.monotonic() < end:
            if self.child.poll() is not None:
                raise RuntimeError(f"the sandbox ended: {(self.dir / 'serve.log').read_text()}")
            try:
                access = json.loads(file.read_text())
                host, port = access["endpoint"].removeprefix("http://").rsplit(":", 1)
                with socket.create_connection((host, int(port)), 1):
                    return access
            except (OSError, ValueError, KeyError):
                time.sleep(0.005)
        raise RuntimeError(f"no sandbox answers in {LIMIT} s")

    def __exit__(self, *_):
        self.child.terminate()
        try:
            self.child.wait(LIMIT)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()
        self.log.close()
        super().__exit__()

    def client_environment(self):
        """What `sandbox env` exports, for clients in processes of their own."""
        return {**self.environment, "AWS_ENDPOINT_URL": self.endpoint, "AWS_REGION": self.region,
                "AWS_DEFAULT_REGION": self.region, "AWS_ACCESS_KEY_ID": self.keys[0],
                "AWS_SECRET_ACCESS_KEY": self.keys[1]}
