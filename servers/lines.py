"""A server in another language: the protocol of tcp-lines in Python 3, with the standard library only.

    python3 lines.py --app chat --listen 127.0.0.1:8181

Rules for any server that is a program of its own:

Starting and stopping. The command line names the addresses to listen on, the application to host and the limits.
servers/python-lines.ts chooses the options. The server must accept connections at every address within 10 s. At
SIGTERM it closes its connections and exits within 2 s. After that it is killed, with every process that it started.
Its output is shown when it fails. An exit without SIGTERM fails the trial.

Framing. Over TCP, in both directions, one message per line, ended by LF (0x0A):

    PAYLOAD LF              a text in UTF-8, unchanged. A CR before the LF belongs to the line end, as telnet sends it.
    DLE "t" ESCAPED LF      a text that contains an LF, ends with CR or begins with DLE (0x10).
    DLE "b" ESCAPED LF      binary.

In ESCAPED, \\n means LF, \\r means CR and \\\\ means a backslash. No other character follows a backslash. All other
bytes are unchanged. An empty line is an empty text. Bytes at the end of a stream without an LF are no message.

Handshake. None: a connection is a client as soon as it is accepted. Some clients close again without a message.

Applications. `echo` returns each message to its sender. In `chat` the first message of a client names its room and is
returned unchanged to that client only. Each later message goes to all members of the room, including the sender.
`sink` receives messages and sends none. A text is delivered as text, a binary message as binary. Messages of one
sender reach each receiver once, in the order sent.

Close. Either side ends its half of the stream (FIN). A client that does so receives what was sent to it before, and
the end of the stream.

Limits. The server destroys the connection of a client that sends a payload above --max-payload-bytes, or for which
more than --queue-bytes wait. No other client waits for it. The protocol has no heartbeats: TCP keep-alive probes,
after --heartbeat-ms of silence, find clients that have gone, and a silent client stays. Many clients connect at once,
so accept queues are 4,096 long.
"""

import argparse
import asyncio
import re
import signal
import socket

LF, CR, DLE = b"\n", b"\r", b"\x10"
ESCAPES = {b"\n": rb"\n", b"\r": rb"\r", b"\\": rb"\\"}
BYTES = {escape: byte for byte, escape in ESCAPES.items()}
KINDS = {b"t": True, b"b": False}


def frame(payload: bytes, text: bool) -> bytes:
    """Encodes a message as a line."""
    if text and not payload.startswith(DLE) and not payload.endswith(CR) and LF not in payload:
        return payload + LF
    return DLE + (b"t" if text else b"b") + re.sub(rb"[\n\r\\]", lambda byte: ESCAPES[byte[0]], payload) + LF


def parse(line: bytes) -> tuple[bytes, bool]:
    """Decodes a line without its LF: payload, and whether it is text. Raises KeyError where the line is not valid."""
    line = line.removesuffix(CR)
    if not line.startswith(DLE):
        return line, True
    return re.sub(rb"\\(?s:.?)", lambda escape: BYTES[escape[0]], line[2:]), KINDS[line[1:2]]


class Client(asyncio.Protocol):
    """One connection. `receive` is the application's function for a message."""

    connected: set["Client"] = set()

    def __init__(self, receive, options):
        self.receive = receive
        self.options = options
        self.room: set[Client] | None = None
        self.unread = b""

    def connection_made(self, transport):
        self.transport = transport
        self.connected.add(self)
        keep_alive(transport.get_extra_info("socket"), self.options.heartbeat_ms)

    def connection_lost(self, error):
        self.connected.discard(self)
        if self.room is not None:
            self.room.discard(self)

    def data_received(self, chunk):
        *lines, self.unread = (self.unread + chunk).split(LF)
        try:
            for line in lines:
                payload, text = parse(line)
                if len(payload) > self.options.max_payload_bytes:
                    raise ValueError
                self.receive(self, payload, text)
            # The longest line: DLE, the kind, a CR, and two bytes for each byte of the payload.
            if len(self.unread) > 2 * self.options.max_payload_bytes + 3:
                raise ValueError
        except (KeyError, ValueError):
            self.unread = b""
            self.transport.abort()

    def write(self, line: bytes):
        if self.transport.is_closing():
            return
        self.transport.write(line)
        if self.transport.get_write_buffer_size() > self.options.queue_bytes:
            self.transport.abort()


def keep_alive(connection: socket.socket, heartbeat_ms: int):
    """Makes the kernel probe a silent client."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    if hasattr(socket, "TCP_KEEPIDLE"):
        seconds = min(32_767, max(1, heartbeat_ms // 1000))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, seconds)


def echo(client: Client, payload: bytes, text: bool):
    client.write(frame(payload, text))


ROOMS: dict[bytes, set[Client]] = {}


def chat(client: Client, payload: bytes, text: bool):
    line = frame(payload, text)
    if client.room is None:
        client.room = ROOMS.setdefault(payload, set())
        client.room.add(client)
        return client.write(line)
    for member in tuple(client.room):
        member.write(line)


def sink(client: Client, payload: bytes, text: bool):
    pass


APPS = {"echo": echo, "chat": chat, "sink": sink}


async def serve(options):
    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stopped.set)
    servers = []
    for address in options.listen:
        host, port = address.rsplit(":", 1)
        client = lambda: Client(APPS[options.app], options)
        servers.append(await loop.create_server(client, host, int(port), backlog=4096))
    await stopped.wait()
    for server in servers:
        server.close()
    for client in tuple(Client.connected):
        client.transport.close()
    for _ in range(50):
        if not Client.connected:
            break
        await asyncio.sleep(0.01)


def main():
    parser = argparse.ArgumentParser(description="Hosts an application for clients that send lines over TCP.")
    parser.add_argument("--app", choices=APPS, default="chat", help="default: chat")
    parser.add_argument("--listen", action="append", required=True, metavar="HOST:PORT", help="can be repeated")
    parser.add_argument("--max-payload-bytes", type=int, default=2 * 2**20, metavar="N")
    parser.add_argument("--queue-bytes", type=int, default=4 * 2**20, metavar="N")
    parser.add_argument("--heartbeat-ms", type=int, default=25_000, metavar="N")
    asyncio.run(serve(parser.parse_args()))


if __name__ == "__main__":
    main()
