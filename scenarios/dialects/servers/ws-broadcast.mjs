// A WebSocket server that sends each message to everybody but its speaker. Its argument is a port, or a Unix socket.
import { createServer } from "node:http";
import { WebSocketServer } from "ws";

const server = createServer();
const sockets = new WebSocketServer({ server });
sockets.on("connection", (socket) => {
  socket.on("message", (data, isBinary) => {
    for (const other of sockets.clients) if (other !== socket) other.send(data, { binary: isBinary });
  });
});
server.listen(/^\d+$/.test(process.argv[2]) ? { port: Number(process.argv[2]), host: "127.0.0.1" } : process.argv[2]);
