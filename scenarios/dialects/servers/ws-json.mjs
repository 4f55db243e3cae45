// A WebSocket chat that speaks JSON: it greets, wants a client to join a room, sends pings of its own, and confirms.
import { WebSocketServer } from "ws";

const sockets = new WebSocketServer({ port: Number(process.argv[2]), host: "127.0.0.1" });
const rooms = new Map();
let messages = 0;
sockets.on("connection", (socket) => {
  const send = (message) => socket.send(JSON.stringify(message));
  send({ type: "welcome", motd: "be nice" });
  const pings = setInterval(() => send({ type: "ping" }), 500);
  let unanswered = 0;
  let room;
  socket.on("message", (data) => {
    const message = JSON.parse(data.toString());
    if (message.type === "pong") unanswered = 0;
    if (message.type === "join") {
      room = rooms.get(message.room) ?? new Set();
      rooms.set(message.room, room.add(socket));
      send({ type: "joined", room: message.room, members: room.size });
    }
    if (message.type !== "message") return;
    const said = JSON.stringify({ type: "message", id: ++messages, from: message.name, data: { text: message.text } });
    for (const member of room) member.send(said);
  });
  const check = setInterval(() => ++unanswered > 3 && socket.close(1008, "no pong"), 500);
  socket.on("close", () => {
    clearInterval(pings);
    clearInterval(check);
    room?.delete(socket);
  });
});
