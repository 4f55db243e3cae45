// A WebSocket echo over TLS that knows one name only. Arguments: port, file of the key, file of the certificate.
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import { createSecureContext } from "node:tls";
import { WebSocketServer } from "ws";

const [port, key, cert] = process.argv.slice(2);
const context = createSecureContext({ key: readFileSync(key), cert: readFileSync(cert) });
const server = createServer({
  SNICallback: (name, done) =>
    name === "chat.example.test" ? done(null, context) : done(new Error(`no server ${name}`)),
});
new WebSocketServer({ server, path: "/ws" }).on("connection", (socket) => {
  socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
});
server.listen(Number(port), "127.0.0.1");
