import type { ManualClients } from "./transport.ts";

type ShellSteps = NonNullable<ManualClients["shell"]>;

/** curl commands for each version of HTTP: in clear text, and over TLS without a check of the certificate. */
const curlCommands = {
  http1: { plain: "curl -s", tls: "curl -sk" },
  http2: { plain: "curl -s --http2-prior-knowledge", tls: "curl -sk --http2" },
};

type HttpVersion = keyof typeof curlCommands;

/** The session protocol of servers/lib/http/session-routes.ts by curl. The id in `$id` names the session. */
const joinByCurl = (curl: string, url: string): string => `id=$(${curl} -X POST ${url})`;
const sendByCurl = (curl: string, url: string): string => `${curl} -H 'Content-Type: text/plain' -d 'hello' ${url}/$id`;

/** A polling client: a poll after each send. The poll acknowledges nothing, so it returns every message so far. */
function polling(path: string, version: HttpVersion = "http1"): ManualClients {
  return inClearAndOverTls(path, version, (curl, url) => ({
    join: joinByCurl(curl, url),
    send: sendByCurl(curl, url),
    receive: `${curl} "${url}/$id?after=0"; echo`,
  }));
}

/** A streaming client: the response that carries the messages stays open in the background. */
function streaming(path: string, version: HttpVersion = "http1"): ManualClients {
  return inClearAndOverTls(path, version, (curl, url) => ({
    join: joinByCurl(curl, url),
    receive: `${curl} -N ${url}/$id &`,
    send: sendByCurl(curl, url),
  }));
}

function inClearAndOverTls(
  path: string,
  version: HttpVersion,
  steps: (curl: string, url: string) => ShellSteps,
): ManualClients {
  const { plain, tls } = curlCommands[version];
  return {
    shell: steps(plain, `http://{authority}${path}`),
    overTls: { shell: steps(tls, `https://{authority}${path}`) },
  };
}

/** A Node script as a command. It runs in this project's folder, where Node finds the packages. */
const nodeCommand = (script: string): string => `node -e '${script}'`;
/** The part of a script that runs `send` for each line that is typed. The line is in the variable `line`. */
const forEachLine = (send: string): string =>
  `require("readline").createInterface({ input: process.stdin }).on("line", (line) => ${send})`;

const wsCommand = (url: string): string =>
  nodeCommand(
    `const socket = new (require("ws"))("${url}"); socket.on("message", (data) => console.log(String(data))); ` +
      forEachLine("socket.send(line)"),
  );

/** The call that opens a connection of the official Socket.IO client, and prints what it receives. */
function socketIoCall(url: string, options: readonly string[]): string {
  const settings = options.length > 0 ? `, { ${options.join(", ")} }` : "";
  return `io("${url}"${settings}); socket.on("chat", (data) => console.log(data))`;
}

const socketIoCommand = (url: string, options: readonly string[]): string =>
  nodeCommand(
    `const socket = require("socket.io-client").${socketIoCall(url, options)}; ${forEachLine('socket.emit("chat", line)')}`,
  );

/** The official Socket.IO client in Node, and in a browser, which loads it from the server. */
function socketIo(...options: string[]) {
  return {
    ...socketIoInNode(...options),
    browser: [
      'script = Object.assign(document.createElement("script"), { src: "http://{authority}/socket.io/socket.io.js" })',
      "await new Promise((resolve) => { script.onload = resolve; document.head.append(script) })",
      `socket = ${socketIoCall("http://{authority}", options)}`,
      'socket.emit("chat", "hello")',
    ],
  };
}

function socketIoInNode(...options: string[]) {
  return {
    commands: [socketIoCommand("http://{authority}", options)],
    overTls: { commands: [socketIoCommand("https://{authority}", ["rejectUnauthorized: false", ...options])] },
  };
}

/** Manual clients of the transports of the list. Several transports share one entry. */
export const manualClients = {
  poll: polling("/poll"),
  h2Poll: polling("/poll", "http2"),
  sse: {
    ...streaming("/events"),
    browser: [
      'id = await (await fetch("http://{authority}/events", { method: "POST" })).text()',
      "new EventSource(`http://{authority}/events/${id}`).onmessage = (event) => console.log(event.data)",
      'fetch(`http://{authority}/events/${id}`, { method: "POST", body: "hello" })',
    ],
  },
  httpStream: streaming("/stream"),
  h2Sse: streaming("/events", "http2"),
  ws: {
    commands: [wsCommand("ws://{authority}")],
    overTls: { commands: [`NODE_TLS_REJECT_UNAUTHORIZED=0 ${wsCommand("wss://{authority}")}`] },
    browser: [
      'socket = new WebSocket("ws://{authority}"); socket.onmessage = (event) => console.log(event.data)',
      'socket.send("hello")',
    ],
  },
  socketIo: socketIo('transports: ["websocket"]'),
  /** The client with its default options. */
  socketIoDefault: socketIo(),
  socketIoPolling: socketIo('transports: ["polling"]'),
  /** Not in a browser: the server offers the client without the parser. */
  socketIoMsgpack: socketIoInNode('transports: ["websocket"]', 'parser: require("socket.io-msgpack-parser")'),
  tcpLines: {
    commands: ["nc {host} {port}", "telnet {host} {port}"],
    overTls: { commands: ["openssl s_client -quiet -connect {authority}"] },
  },
  /** Bash opens the connection. The four bytes before a text are its length with the top bit set. */
  tcp: {
    shell: {
      join: "exec 3<>/dev/tcp/{host}/{port}",
      receive: "cat <&3 &",
      send: "printf '\\200\\0\\0\\5hello' >&3",
    },
  },
  mqtt: {
    shell: {
      join: "me=$$",
      receive: "mosquitto_sub -h {host} -p {port} -t out/$me &",
      send: "mosquitto_pub -h {host} -p {port} -t in/$me -m 'hello'",
    },
  },
  grpc: {
    commands: [
      nodeCommand(
        `const grpc = require("@grpc/grpc-js"), file = require("@grpc/proto-loader").loadSync("servers/protocols/talk.proto"); ` +
          `const call = new (grpc.loadPackageDefinition(file).Talk)("{authority}", grpc.credentials.createInsecure()).Join(); ` +
          `call.on("data", ({ text }) => console.log(text)); ` +
          forEachLine("call.write({ text: line })"),
      ),
    ],
  },
} satisfies Record<string, ManualClients>;
