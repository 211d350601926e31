"""A loopback forwarder that passes bytes untouched and keeps what clients sent: signatures stay valid, nothing reaches a disk."""
import socket
import threading
from collections import namedtuple

Sent = namedtuple("Sent", "path headers body")


class Recorder:
    """Forwards to one server for as long as the `with` block runs."""

    def __init__(self, endpoint):
        host, port = endpoint.removeprefix("http://").rsplit(":", 1)
        self.server = host, int(port)
        self.streams = []

    def __enter__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.endpoint = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.listener.close()

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            stream = bytearray()
            self.streams.append(stream)
            server = socket.create_connection(self.server)
            threading.Thread(target=_pump, args=(client, server, stream), daemon=True).start()
            threading.Thread(target=_pump, args=(server, client, bytearray()), daemon=True).start()

    def requests(self):
        """Every request that came through whole, by connection."""
        for stream in self.streams:
            yield from _requests(bytes(stream))


def _pump(source, target, kept):
    try:
        while data := source.recv(65536):
            kept += data
            target.sendall(data)
    except OSError:
        pass
    for end in (source, target):
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def _requests(stream):
    while b"\r\n\r\n" in stream:
        head, stream = stream.split(b"\r\n\r\n", 1)
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.strip().lower(): value.strip() for name, value in (line.split(":", 1) for line in lines)}
        length = int(headers.get("content-length", 0))
        if len(stream) < length:
            return
        yield Sent(first.split(" ")[1], headers, stream[:length])
        stream = stream[length:]
