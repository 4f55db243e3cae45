// The tutorial's TCP server, by what it does: it greets with its address, and answers everything with the same 18 bytes.
import { createServer } from "node:net";

createServer((socket) => {
  socket.setNoDelay(true);
  socket.write(`127.0.0.1:${process.argv[2]}\n`);
  socket.on("data", () => socket.write("you said something"));
  socket.on("error", () => undefined);
}).listen(Number(process.argv[2]), "127.0.0.1");
