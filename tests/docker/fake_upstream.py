# SPDX-License-Identifier: Apache-2.0
"""An HTTP server in a coordinator's place that keeps every request and misbehaves as told."""
import socket
import threading


class FakeUpstream:
    """`answer(request, connection)` is called with each request as it came, on a thread of its own.

    It sends what it likes, or nothing; afterwards the connection is closed.
    """

    def __init__(self, answer):
        self.answer = answer
        self.requests = []
        self.lock = threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        with connection:
            try:
                request = read_request(connection)
                if request is None:
                    return
                with self.lock:
                    self.requests.append(request)
                self.answer(request, connection)
            except OSError:
                pass  # the proxy has hung up; the test sees what it made of that

    def lines(self):
        """The request lines, as they came."""
        with self.lock:
            return [request.split(b"\r\n", 1)[0] for request in self.requests]

    def close(self):
        self.listener.close()


def read_request(connection):
    """Head and body by Content-Length; None when the connection ends first."""
    data = b""
    while b"\r\n\r\n" not in data:
        chunk = connection.recv(65536)
        if not chunk:
            return None
        data += chunk
    head, body = data.split(b"\r\n\r\n", 1)
    length = 0
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            length = int(value)
    while len(body) < length:
        chunk = connection.recv(1 << 20)
        if not chunk:
            return None
        body += chunk
    return head + b"\r\n\r\n" + body


def reply(status, body=b"", headers=()):
    """An answer that ends with its connection."""
    head = [f"HTTP/1.1 {status} Status".encode(), b"Connection: close",
            f"Content-Length: {len(body)}".encode(), *headers]
    return b"\r\n".join(head) + b"\r\n\r\n" + body


def always(status, body=b""):
    return lambda request, connection: connection.sendall(reply(status, body))


def hang_up(request, connection):
    """Has read the request, and says nothing: it may or may not have been carried out."""
