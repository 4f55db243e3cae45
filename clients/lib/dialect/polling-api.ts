import type { Address, Connection, ConnectionHandler, Options } from "../../../scenarios/contract.ts";
import type { PollingApi } from "../../../scenarios/lib/dialect.ts";
import type { PlaceholderValues } from "../../../scenarios/lib/template.ts";
import type { RequestChannels } from "../library-http/request-channel.ts";
import { openHttp1 } from "../library-http/http1-channel.ts";
import { startInterval } from "../net/interval.ts";
import { callApi, jsonOf } from "./http-api.ts";
import { valueAt } from "./conditions.ts";

/** A client of an HTTP API that is polled with a cursor. Each item of a response is a message. */
export async function connectPollingApi(
  address: Address,
  handler: ConnectionHandler,
  options: Options,
  api: PollingApi,
): Promise<Connection> {
  const client = new PollingApiClient(await openHttp1(address, options), address.values ?? {}, handler, options, api);
  await client.open();
  return client;
}

class PollingApiClient implements Connection {
  private readonly channels: RequestChannels;
  private values: PlaceholderValues;
  private readonly handler: ConnectionHandler;
  private readonly options: Options;
  private readonly api: PollingApi;
  private closed = false;
  private sending: Promise<unknown> = Promise.resolve();

  constructor(
    channels: RequestChannels,
    values: PlaceholderValues,
    handler: ConnectionHandler,
    options: Options,
    api: PollingApi,
  ) {
    this.channels = channels;
    this.handler = handler;
    this.options = options;
    this.api = api;
    this.values = { ...values, cursor: api.start ?? "0" };
  }

  /** Opens the session, where there is one, and makes the first poll, so that nothing that comes later is missed. */
  async open(): Promise<void> {
    const { open } = this.api;
    try {
      if (open) {
        const response = jsonOf(await callApi(this.channels.sends, open, this.values, this.options));
        const session = open.session === undefined ? undefined : plainValue(valueAt(response, open.session));
        if (open.session !== undefined && session === undefined)
          throw new Error(`the response to ${open.method} ${open.path} has no ${open.session}`);
        this.values = { ...this.values, ...(session !== undefined && { session: session }) };
      }
      if (this.api.intervalMs > 0) await this.poll();
    } catch (error) {
      this.channels.destroy();
      throw error;
    }
    this.pollUntilClosed().catch((error: Error) => this.finish(error));
  }

  send(payload: Buffer): void {
    if (this.closed) return;
    const body = Buffer.from(payload); // the request may wait for the one before
    this.sending = callApi(this.channels.sends, this.api.send, this.values, this.options, body).catch((error: Error) =>
      this.finish(error),
    );
  }

  close(): void {
    void this.sending.then(() => this.finish());
  }

  private async pollUntilClosed(): Promise<void> {
    const { intervalMs } = this.api;
    let due = (): void => undefined;
    const wait = intervalMs > 0 ? startInterval(intervalMs, this.options.phase, () => due()) : undefined;
    while (!this.closed) {
      if (wait)
        await new Promise<void>((resolve) => {
          due = resolve;
          wait();
        });
      if (!this.closed) await this.poll();
    }
  }

  private async poll(): Promise<void> {
    const { ask, messages, cursor } = this.api;
    const response = await callApi(this.channels.polls, ask, this.values, this.options);
    const json = jsonOf(response);
    if (json === undefined || this.closed) return;
    const items = messages === undefined ? json : valueAt(json, messages);
    if (!Array.isArray(items))
      throw new Error(`${ask.method} ${ask.path} has no list of messages${messages ? ` at ${messages}` : ""}`);
    const next = cursor === undefined ? undefined : plainValue(valueAt(json, cursor));
    if (cursor !== undefined && next === undefined)
      throw new Error(`${ask.method} ${ask.path} has no cursor at ${cursor}`);
    if (next !== undefined) this.values = { ...this.values, cursor: next };
    for (const item of items)
      this.handler.receive(Buffer.from(typeof item === "string" ? item : JSON.stringify(item)), true);
  }

  private finish(error?: Error): void {
    if (this.closed) return;
    this.closed = true;
    this.channels.destroy();
    this.handler.closed(error);
  }
}

/** A text or a number as a text; undefined for anything else. */
function plainValue(value: unknown): string | undefined {
  return typeof value === "string" || typeof value === "number" ? String(value) : undefined;
}
