import { echoPayload, type GeneratorLoad } from "./generator.ts";

/** Protocol on a connection. */
export type Protocol = "http" | "ws" | "tcp";

/** Number of iterations that no run reaches. */
const endlessLoops = 100_000_000;

/**
 * Sessions of tsung by protocol: the begin of a connection, and the request that it repeats. XML cannot hold the header
 * of a `tcp` record, so Erlang makes it.
 */
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

/** Seconds between two requests of one connection, so that all connections together keep the rate. */
const thinkTimeS = ({ connections, ratePerS }: GeneratorLoad): number => connections / ratePerS;

/** Test file for tsung: all connections open within a second and stay until the end. */
export function tsungXml(protocol: Protocol, load: GeneratorLoad): string {
  const { host, port, connections, seconds, ratePerS } = load;
  const { type, begin, request } = sessions[protocol];
  const think = ratePerS > 0 ? `<thinktime value="${thinkTimeS(load)}" random="false"/>` : "";
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
      <for from="1" to="${endlessLoops}" var="iteration">${request(load)}${think}</for>
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

/**
 * Test files for Artillery: all connections open within a second. Artillery has no time limit for a connection, so a
 * function of ours ends the loops.
 */
export function artilleryFiles(protocol: keyof typeof engines, load: GeneratorLoad): Record<string, string> {
  const { host, port, connections, seconds, ratePerS } = load;
  const { request, settings } = engines[protocol];
  const iteration = [request(load), ...(ratePerS > 0 ? [{ think: thinkTimeS(load) }] : [])];
  const test = {
    config: {
      target: `${protocol === "ws" ? "ws" : "http"}://${host}:${port}`,
      phases: [{ duration: 1, arrivalCount: connections }],
      processor: "./continue.js",
      socketio: { transports: ["websocket"] },
    },
    scenarios: [{ ...settings, flow: [{ loop: iteration, whileTrue: "continueLoop" }] }],
  };
  return {
    "test.json": JSON.stringify(test),
    "continue.js": `const end = Date.now() + ${seconds * 1000};
exports.continueLoop = (context, next) => next(Date.now() < end);
`,
  };
}
