"""A WebSocket chat in Python, with the package websockets (Debian: python3-websockets)."""
import asyncio
import sys

import websockets

clients = set()


async def chat(socket, _path=None):
    clients.add(socket)
    try:
        async for message in socket:
            websockets.broadcast(clients, message)
    finally:
        clients.discard(socket)


async def main():
    async with websockets.serve(chat, "127.0.0.1", int(sys.argv[1]), compression=None):
        await asyncio.Future()


asyncio.run(main())
