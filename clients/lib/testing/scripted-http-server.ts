import { createServer, type AddressInfo, type Socket } from "node:net";
import type { Address } from "../../../scenarios/contract.ts";

/** A request that the server received. */
export interface SeenRequest {
  /** Method and path. */
  line: string;
  body: string;
  /** Number of the connection, from 0. */
  connection: number;
}

/** The reaction to a request: bytes to write, or a function. */
export type ScriptedResponse = string | ((socket: Socket) => void);

/** An HTTP server on raw sockets whose responses a test chooses, valid or not. */
export interface ScriptedServer {
  address: Address;
  requests: SeenRequest[];
  /** All bytes received, by connection. */
  bytes: string[];
  sockets: Socket[];
  close(): Promise<void>;
}

/** Starts a server that reacts to each request as `respond` says. */
export async function openScriptedServer(
  respond: (request: SeenRequest, requests: readonly SeenRequest[]) => ScriptedResponse,
): Promise<ScriptedServer> {
  const requests: SeenRequest[] = [];
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
      for (let request = splitRequest(rest); request; request = splitRequest(rest)) {
        rest = request.rest;
        requests.push({ ...request, connection });
        const reaction = respond(requests.at(-1)!, requests);
        if (typeof reaction === "string") socket.write(reaction, "latin1");
        else reaction(socket);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    address: { host: "127.0.0.1", port: (server.address() as AddressInfo).port },
    requests,
    bytes,
    sockets,
    close() {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** Splits the first complete request from the text behind it. */
function splitRequest(text: string): { line: string; body: string; rest: string } | undefined {
  const end = text.indexOf("\r\n\r\n") + 4;
  if (end === 3) return undefined;
  const head = text.slice(0, end);
  const after = end + Number(/\r\ncontent-length: (\d+)\r\n/.exec(head)?.[1] ?? 0);
  if (text.length < after) return undefined;
  return { line: head.slice(0, head.indexOf(" HTTP/1.1")), body: text.slice(end, after), rest: text.slice(after) };
}

/** The text of a response. The connection stays open unless a header says otherwise. */
export function response(status: number, body = "", headers: readonly string[] = []): string {
  const length = status === 204 ? [] : [`content-length: ${Buffer.byteLength(body, "latin1")}`];
  return [`HTTP/1.1 ${status} Reason`, ...headers, ...length, "", body].join("\r\n");
}

/** The text of a response with a batch of these texts. */
export function batchOf(...texts: string[]): string {
  return response(200, Buffer.from(JSON.stringify(texts)).toString("latin1"), [
    "content-type: application/json; charset=utf-8",
  ]);
}

/** Leaves a request without a response. */
export const noResponse: ScriptedResponse = () => undefined;
