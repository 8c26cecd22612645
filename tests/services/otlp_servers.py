# SPDX-License-Identifier: Apache-2.0
"""Servers of OTLP for the tests: the real Collector and VictoriaLogs, and one that behaves as badly as it is told to."""
import gzip
import json
import os
import re
import signal
import socket
import ssl
import struct
import subprocess
import threading
import time
import urllib.parse
import urllib.request

PORT = 4318
PATIENCE_S = 60
COLLECTOR = """receivers: {{otlp: {{protocols: {{http: {{endpoint: "127.0.0.1:{port}"}}}}}}}}
exporters: {{debug: {{verbosity: detailed}}}}
service:
  telemetry: {{metrics: {{level: none}}}}
  pipelines: {{logs: {{receivers: [otlp], exporters: [debug]}}}}
"""


def wait_until(holds, patience_s=PATIENCE_S):
    """Whether it came to hold."""
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        if holds():
            return True
        time.sleep(0.05)
    return False


def answers(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
        return True
    except OSError:
        return False


def varint(data, at):
    value = shift = 0
    while True:
        value |= (data[at] & 0x7F) << shift
        shift += 7
        at += 1
        if data[at - 1] < 0x80:
            return value, at


def fields(data):
    """Of a protobuf message: (number, value) of each field."""
    at = 0
    while at < len(data):
        tag, at = varint(data, at)
        kind = tag & 7
        if kind == 0:
            value, at = varint(data, at)
        else:
            size, at = (8, at) if kind == 1 else (4, at) if kind == 5 else varint(data, at)
            value = data[at:at + size]
            at += size
        yield tag >> 3, value


def of(data, *path):
    """Every value that is reached by these numbers."""
    if not path:
        return [data]
    return [found for number, value in fields(data) if number == path[0] for found in of(value, *path[1:])]


def ids_of(request):
    """event.id of each record of an ExportLogsServiceRequest."""
    ids = []
    for pair in of(request, 1, 2, 2, 6):
        if of(pair, 1) == [b"event.id"]:
            ids += [value.decode() for value in of(pair, 2, 1)]
    return ids


class Unruly:
    """Answers as `mode` says: a status with headers, or "silent", "reset", "slow", "endless". It takes a batch only where
    it says 200."""

    def __init__(self, mode=200, headers=(), body=b"", certificate=None, port=PORT):
        self.mode = mode
        self.headers = list(headers)
        self.body = body
        self.accepted = []  # requests
        self.known = []  # event.id of each record in those that were looked at
        self.seen = []  # (time, request line, headers, size, the request unpacked) of each request
        self.tls = None
        if certificate:
            self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.tls.load_cert_chain(certificate)
        self.listener = socket.create_server(("127.0.0.1", port), backlog=64)
        self.open = []
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                connection = self.listener.accept()[0]
            except OSError:
                return
            self.open.append(connection)
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        try:
            if self.mode == "silent":
                return  # neither read nor closed
            if self.tls:
                connection = self.tls.wrap_socket(connection, server_side=True)
            while self.answer(connection):
                pass
        except (OSError, ValueError, IndexError):
            pass

    def answer(self, connection):
        """Whether the connection goes on."""
        if self.mode == "reset":
            connection.recv(100)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.close()
            return False
        head = b""
        while b"\r\n\r\n" not in head:
            more = connection.recv(65536)
            if not more:
                return False
            head += more
        head, body = head.split(b"\r\n\r\n", 1)
        first, *lines = head.decode().split("\r\n")
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
        while len(body) < int(headers["content-length"]):
            body += connection.recv(65536)
        request = gzip.decompress(body) if headers.get("content-encoding") == "gzip" else body
        self.seen.append((time.monotonic(), first, headers, len(body), request))
        if self.mode == "slow":
            connection.sendall(b"HTTP/1.1 200 OK\r\n")
            for letter in b"Content-Length: 1000000\r\n" * 1000:
                connection.sendall(bytes([letter]))
                time.sleep(1)
        if self.mode == "endless":
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10000000\r\n\r\n")
            connection.sendall(b"x" * 10_000_000)
            return True
        if self.mode == 200:
            self.accepted.append(request)
        text = "".join(f"{name}: {value}\r\n" for name, value in self.headers)
        connection.sendall(f"HTTP/1.1 {self.mode} Whatever\r\n{text}Content-Length: {len(self.body)}\r\n\r\n".encode() + self.body)
        return True

    def taken(self):
        """event.id of each record, each time. To look at a request takes longer than to take it."""
        while self.accepted:
            self.known += ids_of(self.accepted.pop(0))
        return self.known

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for connection in self.open:
            connection.close()


class Collector:
    """The real one; what it understood is in its log."""

    def __init__(self, program, directory):
        self.program = program
        self.log = f"{directory}/collector.log"
        self.config = f"{directory}/collector.yaml"
        self.process = None
        with open(self.config, "w", encoding="ascii") as file:
            file.write(COLLECTOR.format(port=PORT))
        self.start()

    def start(self):
        with open(self.log, "a", encoding="utf-8") as log:
            self.process = subprocess.Popen([self.program, f"--config=file:{self.config}"], stdout=log, stderr=log)
        if not wait_until(lambda: answers(PORT)):
            raise RuntimeError(f"the Collector did not start: {self.text()[-500:]}")

    def text(self):
        with open(self.log, encoding="utf-8") as file:
            return file.read()

    def taken(self):
        return re.findall(r"-> event\.id: Str\((\w+)\)", self.text())

    def record(self, event_id):
        """Its text of one record."""
        return next((part for part in self.text().split("LogRecord #") if f"Str({event_id})" in part), "")

    def signal(self, number):
        self.process.send_signal(number)
        if number == signal.SIGKILL:
            self.process.wait()

    def close(self):
        self.process.kill()
        self.process.wait()


class VictoriaLogs:
    """The real one, asked by LogsQL."""

    def __init__(self, program, directory, port=9428):
        self.base = f"http://127.0.0.1:{port}"
        self.url = f"{self.base}/insert/opentelemetry/v1/logs"
        with open(f"{directory}/victoria-logs.log", "w", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                [program, f"-storageDataPath={directory}/victoria-logs", f"-httpListenAddr=127.0.0.1:{port}"], stdout=log,
                stderr=log)
        if not wait_until(lambda: answers(port)):
            raise RuntimeError("VictoriaLogs did not start")

    def query(self, text):
        form = urllib.parse.urlencode({"query": text, "limit": 100000}).encode()
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(f"{self.base}/select/logsql/query", form, timeout=PATIENCE_S) as answer:
            return [json.loads(line) for line in answer.read().decode().splitlines()]

    def close(self):
        self.process.kill()
        self.process.wait()


def make_certificate(directory):
    """Of 127.0.0.1, signed by itself; one file with the key."""
    path = os.path.join(directory, "server.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=127.0.0.1",
                    "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", path + ".key", "-out", path + ".crt"],
                   check=True, capture_output=True)
    with open(path, "wb") as file:
        for part in (".key", ".crt"):
            with open(path + part, "rb") as other:
                file.write(other.read())
    return path
