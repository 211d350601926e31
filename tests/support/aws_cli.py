"""The ordinary AWS CLI, started once for all tests: each command runs in a fork of its own.

Starting it and reading the services' models takes longer than most commands. It listens at the path that it is given, and
ends, with what is at that path, when its standard input does. A request is a line of JSON with `arguments` and
`environment`; the answer has `code`, `out` and `err`.
"""

import gc
import json
import os
import selectors
import signal
import socket
import sys

from awscli.clidriver import create_clidriver

SERVICES = ("ec2", "elasticache", "iam", "rds", "ssm", "sts", "resourcegroupstaggingapi")


def warm(driver):
    """Reads once what every command would read: the models, and the code that is loaded late."""
    for service in SERVICES:
        driver.session.create_client(
            service, region_name="us-east-1", aws_access_key_id="nobody", aws_secret_access_key="none"
        )


def run(driver, request):
    """Runs one command in this process, which is a fork, and answers with what it wrote."""
    os.environ.clear()
    os.environ.update(request["environment"])
    files = [os.memfd_create(name) for name in ("out", "err")]
    for number, file in enumerate(files, start=1):
        os.dup2(file, number)
    try:
        code = driver.main(request["arguments"])
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    sys.stdout.flush()
    sys.stderr.flush()
    texts = []
    for file in files:
        os.lseek(file, 0, os.SEEK_SET)
        with os.fdopen(file, "rb") as written:
            texts.append(written.read().decode("utf-8", "replace"))
    return {"code": code, "out": texts[0], "err": texts[1]}


def answer(driver, connection):
    """The life of a fork. Who connects without a word only looks whether anybody listens."""
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        with connection.makefile("rw", encoding="utf-8") as stream:
            request = stream.readline()
            if request:
                json.dump(run(driver, json.loads(request)), stream)
    finally:
        os._exit(0)


def serve(path):
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody asks for the forks' ends
    driver = create_clidriver()
    warm(driver)
    gc.freeze()
    with socket.socket(socket.AF_UNIX) as listener, selectors.DefaultSelector() as ready:
        listener.bind(path)
        listener.listen(64)
        ready.register(listener, selectors.EVENT_READ)
        ready.register(sys.stdin, selectors.EVENT_READ)
        while True:
            for key, _ in ready.select():
                if key.fileobj is sys.stdin:
                    return
                connection, _ = listener.accept()
                if os.fork() == 0:
                    answer(driver, connection)
                connection.close()


if __name__ == "__main__":
    try:
        serve(sys.argv[1])
    finally:
        os.remove(sys.argv[1])
        os.rmdir(os.path.dirname(sys.argv[1]))
