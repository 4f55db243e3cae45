import type { ManualClients } from "./transport.ts";

/** The session protocol of servers/lib/http/session-routes.ts, by curl: a place, and then what is said and heard there. */
function byCurl(path: string, version = "") {
  const [curl, place] = [`curl -s${version}`, `http://{authority}${path}`];
  return {
    enter: `id=$(${curl} -X POST ${place})`,
    say: `${curl} -H 'Content-Type: text/plain' -d 'hello' ${place}/$id`,
    /** All that was ever said: an ask that acknowledges nothing. */
    poll: `${curl} "${place}/$id?after=0"; echo`,
    stream: `${curl} -N ${place}/$id &`,
  };
}

/** What has to be asked for is asked for when something was said. */
function polled(...where: Parameters<typeof byCurl>): NonNullable<ManualClients["shell"]> {
  const { enter, say, poll: hear } = byCurl(...where);
  return { enter, say, hear };
}

/** What comes by itself is listened to from the start. */
function streamed(...where: Parameters<typeof byCurl>): NonNullable<ManualClients["shell"]> {
  const { enter, say, stream: hear } = byCurl(...where);
  return { enter, hear, say };
}

const http2 = " --http2-prior-knowledge";

/** A script for Node that is run where this project is, so that it finds the packages. */
const byNode = (schedule: string): string => `node -e '${schedule}'`;
/** Says what is typed; `say` stands for what does. */
const typed = (say: string): string =>
  `require("readline").createInterface({ input: process.stdin }).on("line", (line) => ${say})`;

/** How transports are joined by hand. Several have the same way. */
export const manualClients = {
  poll: { shell: polled("/poll") },
  h2Poll: { shell: polled("/poll", http2) },
  sse: {
    shell: streamed("/events"),
    browser: [
      'id = await (await fetch("http://{authority}/events", { method: "POST" })).text()',
      "new EventSource(`http://{authority}/events/${id}`).onmessage = (event) => console.log(event.data)",
      'fetch(`http://{authority}/events/${id}`, { method: "POST", body: "hello" })',
    ],
  },
  httpStream: { shell: streamed("/stream") },
  h2Sse: { shell: streamed("/events", http2) },
  ws: {
    commands: [
      byNode(
        `const socket = new (require("ws"))("ws://{authority}"); socket.on("message", (data) => console.log(String(data))); ` +
          typed("socket.send(line)"),
      ),
    ],
    browser: [
      'socket = new WebSocket("ws://{authority}"); socket.onmessage = (event) => console.log(event.data)',
      'socket.send("hello")',
    ],
  },
  socketIo: bySocketIo(', { transports: ["websocket"] }'),
  /** The client as it comes. */
  socketIoDefault: bySocketIo(""),
  socketIoPolling: bySocketIo(', { transports: ["polling"] }'),
  socketIoMsgpack: {
    commands: bySocketIo(', { transports: ["websocket"], parser: require("socket.io-msgpack-parser") }').commands,
  },
  tcpLines: { commands: ["nc {host} {port}", "telnet {host} {port}"] },
  /** Bash opens the connection; the four bytes in front of a text are the set top bit and its length. */
  tcp: {
    shell: {
      enter: "exec 3<>/dev/tcp/{host}/{port}",
      hear: "cat <&3 &",
      say: "printf '\\200\\0\\0\\5hello' >&3",
    },
  },
  mqtt: {
    shell: {
      enter: "me=$$",
      hear: "mosquitto_sub -h {host} -p {port} -t out/$me &",
      say: "mosquitto_pub -h {host} -p {port} -t in/$me -m 'hello'",
    },
  },
  grpc: {
    commands: [
      byNode(
        `const grpc = require("@grpc/grpc-js"), file = require("@grpc/proto-loader").loadSync("servers/protocols/talk.proto"); ` +
          `const call = new (grpc.loadPackageDefinition(file).Talk)("{authority}", grpc.credentials.createInsecure()).Join(); ` +
          `call.on("data", ({ text }) => console.log(text)); ` +
          typed("call.write({ text: line })"),
      ),
    ],
  },
} satisfies Record<string, ManualClients>;

/** The official client with these options, in Node and in a browser that gets it from the server. */
function bySocketIo(options: string) {
  const open = `io("http://{authority}"${options}); socket.on("chat", (data) => console.log(data))`;
  return {
    commands: [byNode(`const socket = require("socket.io-client").${open}; ${typed('socket.emit("chat", line)')}`)],
    browser: [
      'script = Object.assign(document.createElement("script"), { src: "http://{authority}/socket.io/socket.io.js" })',
      "await new Promise((resolve) => { script.onload = resolve; document.head.append(script) })",
      `socket = ${open}`,
      'socket.emit("chat", "hello")',
    ],
  };
}
