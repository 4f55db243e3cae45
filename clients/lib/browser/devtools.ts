import type { Socket } from "node:net";

/** Called with each event of a session: its name and what it says. */
export type EventListener = (method: string, params: Record<string, unknown>) => void;

/** A message of the DevTools protocol, in either direction. */
interface ProtocolMessage {
  id?: number;
  method?: string;
  params?: Record<string, unknown>;
  sessionId?: string;
  result?: unknown;
  error?: { message: string };
}

interface PendingCall {
  resolve(result: never): void;
  reject(error: Error): void;
}

/**
 * The DevTools protocol over the two pipes of `--remote-debugging-pipe`: JSON messages, each with a NUL byte behind it.
 * A trial counts the segments of its network, so no socket is used.
 */
export class DevTools {
  private readonly commands: Socket;
  private readonly pending = new Map<number, PendingCall>();
  private readonly listeners = new Map<string, EventListener>();
  private calls = 0;
  private chunks: Buffer[] = [];
  private failure: Error | undefined;

  constructor(commands: Socket, answers: Socket) {
    this.commands = commands;
    commands.on("error", () => undefined); // the end of the program says more
    answers.on("error", () => undefined);
    answers.on("data", (chunk: Buffer) => this.read(chunk));
  }

  /** Calls a method in a session; without one, of the browser. Rejects with its error, or with the reason of `end`. */
  call<T>(method: string, params: object = {}, sessionId?: string): Promise<T> {
    if (this.failure) return Promise.reject(this.failure);
    const id = ++this.calls;
    this.commands.write(`${JSON.stringify({ id, method, params, ...(sessionId !== undefined && { sessionId }) })}\0`);
    return new Promise((resolve, reject) => this.pending.set(id, { resolve, reject }));
  }

  /** Sets the listener of a session. Without one, events are ignored. */
  listen(sessionId: string, listener: EventListener | undefined): void {
    if (listener) this.listeners.set(sessionId, listener);
    else this.listeners.delete(sessionId);
  }

  /** Rejects every call, and those to come. */
  end(reason: Error): void {
    this.failure ??= reason;
    for (const { reject } of this.pending.values()) reject(this.failure);
    this.pending.clear();
  }

  private read(chunk: Buffer): void {
    let from = 0;
    for (let end = chunk.indexOf(0); end >= 0; end = chunk.indexOf(0, from)) {
      this.chunks.push(chunk.subarray(from, end));
      const text = Buffer.concat(this.chunks).toString();
      this.chunks = [];
      from = end + 1;
      this.handle(JSON.parse(text) as ProtocolMessage);
    }
    if (from < chunk.length) this.chunks.push(chunk.subarray(from));
  }

  private handle({ id, method, params, sessionId, result, error }: ProtocolMessage): void {
    if (id === undefined) return this.listeners.get(sessionId ?? "")?.(method!, params ?? {});
    const call = this.pending.get(id);
    this.pending.delete(id);
    if (error) call?.reject(new Error(`Chromium: ${error.message}`));
    else call?.resolve(result as never);
  }
}
