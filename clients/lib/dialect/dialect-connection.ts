import type { Address, Connect, Connection, ConnectionHandler, Options } from "../../../scenarios/contract.ts";
import { fillTemplate, type PlaceholderValues } from "../../../scenarios/lib/template.ts";
import { encoderOf } from "./encoder.ts";
import { conditionText, meets, messageText, MessageView } from "./conditions.ts";
import { MessageReader, type MessageListener } from "./message-reader.ts";
import type { Speech } from "./speech.ts";

/**
 * Opens a connection over which a dialect is spoken: `connect` opens the connection of messages, then the steps of
 * entering are taken. Rejects, with the step and what came instead, where they are not done within `handshakeMs`.
 */
export async function connectInDialect(
  connect: Connect,
  speech: Speech,
  address: Address,
  handler: ConnectionHandler,
  options: Options,
): Promise<Connection> {
  const talk = new DialectConnection(speech, address.values ?? {}, handler);
  talk.begin(await connect(address, talk, options));
  const timeout = setTimeout(() => talk.giveUp(options.handshakeMs), options.handshakeMs);
  try {
    await talk.entered;
    return talk;
  } finally {
    clearTimeout(timeout);
  }
}

/** A connection that says and hears payloads in a dialect. */
class DialectConnection implements Connection, ConnectionHandler, MessageListener {
  readonly entered: Promise<void>;
  private readonly speech: Speech;
  private readonly values: PlaceholderValues;
  private readonly handler: ConnectionHandler;
  private readonly reader: MessageReader;
  private readonly encode: ((payload: Buffer, seq: number) => Buffer) | undefined;
  private connection: Connection | undefined;
  /** Messages that arrived before the connection was handed over. */
  private early: Buffer[] = [];
  private step = -1;
  private state: "entering" | "open" | "refused" = "entering";
  private seq = 0;
  /** With `match: order`, the payloads whose answers have not come. */
  private readonly unanswered: Buffer[] = [];
  /** The last message that no step waited for. */
  private ignored: Buffer | undefined;
  private resolve!: () => void;
  private reject!: (error: Error) => void;

  constructor(speech: Speech, values: PlaceholderValues, handler: ConnectionHandler) {
    this.speech = speech;
    this.values = values;
    this.handler = handler;
    this.reader = new MessageReader(speech, this);
    this.encode = speech.say === undefined ? undefined : encoderOf(speech.say, speech.saysJson, values);
    this.entered = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    this.entered.catch(() => undefined);
  }

  /** Takes the steps of entering on an open connection. */
  begin(connection: Connection): void {
    this.connection = connection;
    this.nextStep();
    for (const message of this.early.splice(0)) this.receive(message, true);
  }

  giveUp(afterMs: number): void {
    const { until } = this.speech.enter[this.step] ?? {};
    const instead = this.ignored ? `the last message was ${messageText(this.ignored)}` : "nothing came";
    this.refuse(`waited ${afterMs} ms for ${until ? conditionText(until) : "an answer"}, and ${instead}`);
  }

  send(payload: Buffer, text: boolean): void {
    const message = this.encode ? this.encode(payload, this.seq++) : payload;
    if (this.speech.match === "order") this.unanswered.push(Buffer.from(payload));
    this.connection!.send(message, this.encode ? true : text);
  }

  close(): void {
    if (this.speech.bye !== undefined) this.sendText(this.speech.bye);
    this.connection!.close();
  }

  receive(message: Buffer, text: boolean): void {
    if (!this.connection) this.early.push(Buffer.from(message));
    else if (this.state === "entering") this.hearWhileEntering(message);
    else if (!text && this.encode === undefined) this.handler.receive(message, text);
    else if (this.speech.closedBy && meets(new MessageView(message), this.speech.closedBy)) this.connection.close();
    else this.reader.read(message);
  }

  closed(error?: Error): void {
    if (this.state === "open") return this.handler.closed(error);
    this.refuse(`the server closed the connection${error ? `: ${error.message}` : ""}`);
  }

  payload(text: Buffer): void {
    if (this.speech.match === "text") return this.handler.receive(text, true);
    const sent = this.unanswered.shift();
    this.handler.receive(sent ?? text, true, text.length);
  }

  answer(reply: string): void {
    this.sendText(fillTemplate(reply, this.values));
  }

  unknown(message: Buffer): void {
    if (this.speech.match === "order" && this.unanswered.length > 0) this.payload(message);
    else this.handler.receive(message, true);
  }

  private hearWhileEntering(message: Buffer): void {
    const step = this.speech.enter[this.step]!;
    const view = new MessageView(message, this.reader.jsonAt(message));
    if (step.refused && meets(view, step.refused)) return this.refuse(`the server answered ${messageText(message)}`);
    if (step.until && meets(view, step.until)) return this.nextStep();
    const reply = this.reader.answerTo(view);
    if (reply === undefined) this.ignored = Buffer.from(message);
    else this.answer(reply);
  }

  /** Takes steps up to the next one that waits. After the last one the connection is open. */
  private nextStep(): void {
    for (;;) {
      const step = this.speech.enter[++this.step];
      if (!step) break;
      if (step.send !== undefined) this.sendText(fillTemplate(step.send, this.values, step.json));
      if (step.until) return;
    }
    this.state = "open";
    this.resolve();
  }

  private sendText(text: string): void {
    this.connection!.send(Buffer.from(text), true);
  }

  private refuse(problem: string): void {
    if (this.state !== "entering") return;
    this.state = "refused";
    const step = this.step - this.speech.ownSteps + 1;
    this.reject(new Error(`${step > 0 ? `step ${step} of entering` : "connecting to Socket.IO"} failed: ${problem}`));
    this.connection?.close();
  }
}
