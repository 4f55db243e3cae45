"""A server in another language: tcp-lines' protocol in Python 3, with nothing but its standard library.

    python3 lines.py --app chat --listen 127.0.0.1:8181

What any server that is a program of its own has to do:

Starting and stopping. It is told where to listen, which application to host and its limits, in whatever words servers/python-lines.ts makes
of them. It is ready when every address accepts connections, within 10 s. At SIGTERM it ends its connections and then itself, within 2 s;
after that it is killed, with all that it started. What it prints is shown when it fails. An exit that nobody asked for fails the trial.

Framing. Over TCP, both ways, one message a line, ended by LF (0x0A):

    PAYLOAD LF              a text, as it is, in UTF-8. A CR in front of the LF belongs to the line's end, as telnet sends it.
    DLE "t" ESCAPED LF      a text that a plain line cannot be: it holds an LF, ends with CR or begins with DLE (0x10).
    DLE "b" ESCAPED LF      binary.

In ESCAPED, \\n stands for LF, \\r for CR and \\\\ for a backslash; nothing else follows a backslash, and all other bytes are themselves.
An empty line is an empty text. What a stream ends with, without an LF, is no message.

Greeting. None: a connection is a client as soon as it is accepted, and some close again without a word.

Applications. `echo` answers each message to its sender. In `chat` a client's first message names its room and is answered, as it is, to that
client alone; each later one goes to everybody in that room, its sender included. `sink` takes messages and says nothing. A message goes on
as the kind that it came as. Messages of one sender reach each receiver in the order sent, once each.

Goodbye. Either side ends its half of the stream (FIN). A client that does so gets what it was sent until then, and the end of the stream.

Limits. Who sends a payload above --max-payload-bytes is cut off. So is a client for whom more than --queue-bytes wait, and nobody else is
made to wait for it. There are no heartbeats in the protocol: TCP's own keep-alive probes, after --heartbeat-ms of silence, find who has
gone, and a silent client stays. Many clients come at once: accept queues are 4,096 long.
"""

import argparse
import asyncio
import re
import signal
import socket

LF, CR, DLE = b"\n", b"\r", b"\x10"
ESCAPES = {b"\n": rb"\n", b"\r": rb"\r", b"\\": rb"\\"}
ESCAPED = {escape: byte for byte, escape in ESCAPES.items()}
KINDS = {b"t": True, b"b": False}


def frame(payload: bytes, text: bool) -> bytes:
    """One message as a line."""
    if text and not payload.startswith(DLE) and not payload.endswith(CR) and LF not in payload:
        return payload + LF
    return DLE + (b"t" if text else b"b") + re.sub(rb"[\n\r\\]", lambda byte: ESCAPES[byte[0]], payload) + LF


def message(line: bytes) -> tuple[bytes, bool]:
    """What a line says, without its LF, as payload and whether it is text. Raises KeyError where it is none of ours."""
    line = line.removesuffix(CR)
    if not line.startswith(DLE):
        return line, True
    return re.sub(rb"\\(?s:.?)", lambda escape: ESCAPED[escape[0]], line[2:]), KINDS[line[1:2]]


class Client(asyncio.Protocol):
    """One connection. `receive` is the application."""

    everybody: set["Client"] = set()

    def __init__(self, receive, options):
        self.receive = receive
        self.options = options
        self.room: set[Client] | None = None
        self.unread = b""

    def connection_made(self, transport):
        self.transport = transport
        self.everybody.add(self)
        keep_alive(transport.get_extra_info("socket"), self.options.heartbeat_ms)

    def connection_lost(self, error):
        self.everybody.discard(self)
        if self.room is not None:
            self.room.discard(self)

    def data_received(self, chunk):
        *lines, self.unread = (self.unread + chunk).split(LF)
        try:
            for line in lines:
                payload, text = message(line)
                if len(payload) > self.options.max_payload_bytes:
                    raise ValueError
                self.receive(self, payload, text)
            # What can stand in front of an LF at most: a CR, and in an escaped line the kind, and every byte twice.
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
    """Has the kernel probe a silent client."""
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
    for client in tuple(Client.everybody):
        client.transport.close()
    for _ in range(50):
        if not Client.everybody:
            break
        await asyncio.sleep(0.01)


def main():
    parser = argparse.ArgumentParser(description="Hosts an application for clients that speak lines over TCP.")
    parser.add_argument("--app", choices=APPS, default="chat", help="what to host (default: chat)")
    parser.add_argument("--listen", action="append", required=True, metavar="HOST:PORT", help="may be given again")
    parser.add_argument("--max-payload-bytes", type=int, default=2 * 2**20, metavar="N")
    parser.add_argument("--queue-bytes", type=int, default=4 * 2**20, metavar="N")
    parser.add_argument("--heartbeat-ms", type=int, default=25_000, metavar="N")
    asyncio.run(serve(parser.parse_args()))


if __name__ == "__main__":
    main()
