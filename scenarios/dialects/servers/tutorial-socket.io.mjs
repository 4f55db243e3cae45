// The tutorial's Socket.IO server, by what it does: a group chat that everybody hears, and a robot that answers the
// speaker alone.
import { createServer } from "node:http";
import { Server } from "socket.io";

const server = createServer();
const io = new Server(server);
io.on("connection", (socket) => {
  socket.on("message", ({ msg }) => io.emit("servermessage", msg));
  socket.on("robot", ({ name }) => socket.emit("servermessage", `hello ${name}, I am a robot`));
});
server.listen(Number(process.argv[2]), "127.0.0.1");
