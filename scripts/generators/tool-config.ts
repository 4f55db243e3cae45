import { echoPayload, type GeneratorLoad } from "./generator.ts";

/** What is spoken on a connection. */
export type Protocol = "http" | "ws" | "tcp";

/** Turns of a loop that no run gets to the end of. */
const forEver = 100_000_000;

/** How each connection of tsung begins, and what it repeats; `tcp` says in Erlang what XML cannot hold: a record's header. */
const sessions = {
  http: {
    type: "ts_http",
    begin: () => "",
    request: ({ path }: GeneratorLoad) => `<request><http url="${path}" method="GET" version="1.1"/></request>`,
  },
  ws: {
    type: "ts_websocket",
    begin: () => `<request><websocket type="connect" path="/"/></request>`,
    request: () => `<request><websocket type="message" frame="text">${echoPayload}</websocket></request>`,
  },
  tcp: {
    type: "ts_raw",
    begin: () =>
      `<setdynvars sourcetype="eval" code="fun(_) -> &lt;&lt;128, 0, 0, ${echoPayload.length}, &quot;${echoPayload}&quot;&gt;&gt; end.">` +
      `<var name="record"/></setdynvars>`,
    request: () => `<request subst="true"><raw data="%%_record%%" ack="local"/></request>`,
  },
} satisfies Record<
  Protocol,
  { type: string; begin(load: GeneratorLoad): string; request(load: GeneratorLoad): string }
>;

/** Seconds between two requests of a connection that make up a rate. */
const thinkS = ({ connections, ratePerS }: GeneratorLoad): number => connections / ratePerS;

/** A tsung test in its own XML: all connections come within a second and stay until the time is up. */
export function tsungFile(protocol: Protocol, load: GeneratorLoad): string {
  const { host, port, connections, seconds, ratePerS } = load;
  const { type, begin, request } = sessions[protocol];
  const think = ratePerS > 0 ? `<thinktime value="${thinkS(load)}" random="false"/>` : "";
  const users = `<users maxnumber="${connections}" arrivalrate="${connections}" unit="second"/>`;
  return `<?xml version="1.0"?>
<!DOCTYPE tsung SYSTEM "/usr/share/tsung/tsung-1.0.dtd">
<tsung loglevel="warning" version="1.0">
  <clients><client host="localhost" use_controller_vm="true" maxusers="${2 * connections}"/></clients>
  <servers><server host="${host}" port="${port}" type="tcp"/></servers>
  <load duration="${seconds}" unit="second">
    <arrivalphase phase="1" duration="${seconds}" unit="second">${users}</arrivalphase>
  </load>
  <sessions>
    <session name="${protocol}" probability="100" type="${type}">
      ${begin()}
      <for from="1" to="${forEver}" var="turn">${request(load)}${think}</for>
    </session>
  </sessions>
</tsung>
`;
}

const engines = {
  http: { request: ({ path }: GeneratorLoad) => ({ get: { url: path } }), settings: {} },
  ws: {
    request: () => ({ send: { payload: echoPayload, match: { regexp: "x+", value: echoPayload } } }),
    settings: { engine: "ws" },
  },
  "socket.io": {
    request: () => ({ emit: { channel: "chat", data: echoPayload }, response: { channel: "chat", data: echoPayload } }),
    settings: { engine: "socketio" },
  },
} satisfies Record<string, { request(load: GeneratorLoad): object; settings: object }>;

/** A test for Artillery: all connections come within a second; it has no time limit for them but a function of the user's own. */
export function artilleryFiles(protocol: keyof typeof engines, load: GeneratorLoad): Record<string, string> {
  const { host, port, connections, seconds, ratePerS } = load;
  const { request, settings } = engines[protocol];
  const turn = [request(load), ...(ratePerS > 0 ? [{ think: thinkS(load) }] : [])];
  const schedule = {
    config: {
      target: `${protocol === "ws" ? "ws" : "http"}://${host}:${port}`,
      phases: [{ duration: 1, arrivalCount: connections }],
      processor: "./more.js",
      socketio: { transports: ["websocket"] },
    },
    scenarios: [{ ...settings, flow: [{ loop: turn, whileTrue: "more" }] }],
  };
  return {
    "script.json": JSON.stringify(schedule),
    "more.js": `const end = Date.now() + ${seconds * 1000};
exports.more = (context, next) => next(Date.now() < end);
`,
  };
}
