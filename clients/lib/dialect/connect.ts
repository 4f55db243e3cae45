import type { Address, Connect, Connection, ConnectionHandler, Options } from "../../../scenarios/contract.ts";
import type { Dialect } from "../../../scenarios/lib/dialect.ts";
import connectWs from "../../ws.ts";
import { connectFramedTcp } from "../tcp/framed.ts";
import { connectInDialect } from "./dialect-connection.ts";
import { connectByModule, loadDialectModule } from "./module-dialect.ts";
import { engineIoPath, speechOf } from "./speech.ts";

/**
 * A client that speaks a dialect over the connections of `connect`, the transport's own client. `tap` may wrap the
 * client that carries its messages. Default: nothing does.
 */
export function withDialect(connect: Connect, dialect: Dialect, tap = (carrier: Connect) => carrier): Connect {
  const carrier = tap(carrierOf(connect, dialect));
  const { module } = dialect;
  if (module !== undefined) {
    const loading = loadDialectModule(module);
    loading.catch(() => undefined);
    return async (...to) => connectByModule(carrier, await loading, ...to);
  }
  const speech = speechOf(dialect);
  return (address: Address, handler: ConnectionHandler, options: Options): Promise<Connection> =>
    connectInDialect(carrier, speech, address, handler, options);
}

/** The client that carries the messages of a dialect. Heavy libraries are loaded where they are used. */
function carrierOf(connect: Connect, { socketIo, polling, sse, mqtt, frame, greeting }: Dialect): Connect {
  if (socketIo)
    return (address, handler, options) => {
      const query = address.path?.split("?")[1] ?? "";
      return connectWs({ ...address, path: engineIoPath(socketIo, query) }, handler, options);
    };
  if (polling) return async (...to) => (await import("./polling-api.ts")).connectPollingApi(...to, polling);
  if (sse) return async (...to) => (await import("./sse-api.ts")).connectSseApi(...to, sse);
  if (mqtt) return async (...to) => (await import("./mqtt-topics.ts")).connectMqttTopics(...to, mqtt);
  if (frame) return (...to) => connectFramedTcp(...to, frame, greeting);
  return connect;
}
