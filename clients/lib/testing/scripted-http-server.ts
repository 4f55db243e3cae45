import { createServer, type AddressInfo, type Socket } from "node:net";
import type { Address } from "../../../scenarios/contract.ts";

/** A request as it came, and on the how-manieth connection. */
export interface SeenRequest {
  line: string;
  body: string;
  connection: number;
}

/** What a scripted server does about a request: bytes that it writes, or something of its own. */
export type ScriptedResponse = string | ((socket: Socket) => void);

/** A server on a raw socket that answers as a test wants it to, right or wrong. */
export interface ScriptedServer {
  address: Address;
  requests: SeenRequest[];
  /** All bytes that came, by connection. */
  bytes: string[];
  sockets: Socket[];
  close(): Promise<void>;
}

/** Answers each request as `script` says. */
export async function openScriptedServer(
  script: (request: SeenRequest, received: readonly SeenRequest[]) => ScriptedResponse,
): Promise<ScriptedServer> {
  const heard: SeenRequest[] = [];
  const bytes: string[] = [];
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    const connection = sockets.push(socket) - 1;
    bytes.push("");
    let rest = "";
    socket.on("error", () => undefined);
    socket.on("data", (chunk) => {
      bytes[connection] += chunk.toString("latin1");
      rest += chunk.toString("latin1");
      for (let request = cut(rest); request; request = cut(rest)) {
        rest = request.rest;
        heard.push({ ...request, connection });
        const act = script(heard.at(-1)!, heard);
        if (typeof act === "string") socket.write(act, "latin1");
        else act(socket);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    address: { host: "127.0.0.1", port: (server.address() as AddressInfo).port },
    requests: heard,
    bytes,
    sockets,
    close() {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** The first whole request in a stream of them. */
function cut(text: string): { line: string; body: string; rest: string } | undefined {
  const end = text.indexOf("\r\n\r\n") + 4;
  if (end === 3) return undefined;
  const head = text.slice(0, end);
  const after = end + Number(/\r\ncontent-length: (\d+)\r\n/.exec(head)?.[1] ?? 0);
  if (text.length < after) return undefined;
  return { line: head.slice(0, head.indexOf(" HTTP/1.1")), body: text.slice(end, after), rest: text.slice(after) };
}

/** A response as a server writes it, on a connection that is kept unless a header says otherwise. */
export function response(status: number, body = "", headers: readonly string[] = []): string {
  const length = status === 204 ? [] : [`content-length: ${Buffer.byteLength(body, "latin1")}`];
  return [`HTTP/1.1 ${status} Reason`, ...headers, ...length, "", body].join("\r\n");
}

/** A response that carries these texts. */
export function batchOf(...texts: string[]): string {
  return response(200, Buffer.from(JSON.stringify(texts)).toString("latin1"), [
    "content-type: application/json; charset=utf-8",
  ]);
}

/** Does nothing about a request. */
export const noResponse: ScriptedResponse = () => undefined;
