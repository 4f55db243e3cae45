// A Socket.IO server with a path, a namespace and a token. A client joins its room by an event.
import { createServer } from "node:http";
import { Server } from "socket.io";

const server = createServer();
const team = new Server(server, { path: "/realtime/" }).of("/team");
team.use(({ handshake }, next) =>
  next(handshake.auth.token === process.env.TEAM_TOKEN ? undefined : new Error("wrong token")),
);
team.on("connection", (socket) => {
  socket.on("join", (room) => {
    void socket.join(room);
    socket.emit("joined", { room });
  });
  socket.on("say", ({ room, text }) => team.to(room).emit("said", { from: socket.id, text }));
});
server.listen(Number(process.argv[2]), "127.0.0.1");
