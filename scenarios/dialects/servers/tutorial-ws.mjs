// The tutorial's WebSocket server, by what it does: it answers "hello" and what was said.
import { WebSocketServer } from "ws";

new WebSocketServer({ port: Number(process.argv[2]), host: "127.0.0.1" }).on("connection", (socket) => {
  socket.on("message", (data) => socket.send(`hello${data.toString()}`));
});
