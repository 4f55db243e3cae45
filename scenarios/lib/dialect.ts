/** A value that a condition compares with. */
export type Scalar = string | number | boolean | null;

/**
 * A condition for one message: `path` is a place in its JSON ("data.text", "items.0"), whose value `is` one of these
 * (default: it exists); the others look at the message as text.
 */
export interface Condition {
  path?: string;
  is?: readonly Scalar[];
  equals?: string;
  starts?: string;
  contains?: string;
  /** A regular expression of JavaScript. */
  matches?: string;
  /** Any message. */
  anything?: true;
}

/** A step of entering: first it sends, then it waits. Templates hold placeholders such as `{{room}}`. */
export interface EnterStep {
  send?: string;
  until?: Condition;
  /** An answer that means a refusal. Default: none. */
  refused?: Condition;
}

/** Where the text of a payload is in a message: at a place in its JSON, behind or between markers, or the whole. */
export type Hear =
  | { path: string }
  | { after: string }
  | { between: readonly [before: string, after: string] }
  | "whole";

/** How a stream is cut into messages: at the end of each, after so many bytes, or by a length in front (big-endian). */
export type Frame = { end: string } | { bytes: number } | { lengthPrefix: 1 | 2 | 4 };

/** Requests of an HTTP API that is polled. Paths and bodies are templates; `{{cursor}}` is the last cursor. */
export interface PollingApi {
  /** Opens a session; `{{session}}` is then the value at `session` in its JSON response. Default: no session. */
  open?: ApiRequest & { session?: string };
  ask: ApiRequest;
  send: ApiRequest;
  /** Place of the list of messages in the response's JSON. Default: the response is the list. */
  messages?: string;
  /** Place of the next cursor in the response's JSON. Default: the server needs none. */
  cursor?: string;
  /** The first cursor. Default: 0. */
  start?: string;
  /** Milliseconds between two polls; 0 polls again at once, for a server that holds polls. Default: 1,000. */
  intervalMs: number;
}

/** Stream and sends of an API with server-sent events. */
export interface SseApi {
  /** Path of the stream, a template. */
  path: string;
  /** Name of the events that are messages. Default: "message". */
  event: string;
  send: ApiRequest;
}

/** A request. `body` is a template; its type is application/json where it is JSON, or else text/plain. */
export interface ApiRequest {
  method: string;
  path: string;
  body?: string;
}

/** Topics and service level of MQTT. The user and the password are those of the URL. */
export interface MqttTopics {
  publish: string;
  subscribe: string;
  qos: 0 | 1 | 2;
}

/** What a Socket.IO server expects: names as in its own documentation. */
export interface SocketIoTalk {
  /** Path of the Engine.IO endpoint. */
  path: string;
  namespace: string;
  /** JSON of the `auth` option, a template. Default: none. */
  auth?: string;
  /** Event that a client emits, and the event that it hears. */
  emit: string;
  on: string;
  /** True if the acknowledgement of the event is the answer. */
  acknowledged: boolean;
}

/**
 * The conversation of a server that is none of ours. Plain data: it crosses a process border. Texts with `{{...}}` are
 * templates: `{{text}}` is the payload, `{{room}}`, `{{client}}` and `{{trial}}` say who speaks, `{{data.NAME}}` is a
 * column of the client's line of --data.
 */
export interface Dialect {
  /** Name of the file without its ending, which labels the rows, and with it, for messages. */
  name: string;
  file?: string;
  /** Path of a module that says all that follows by functions, but for the frame. Default: a file says it. */
  module?: string;
  enter: readonly EnterStep[];
  /** Template of a message. Default: the payload as it is. */
  say?: string;
  hear: Hear;
  ignore: readonly Condition[];
  /** Replies by what they answer: a whole message, or the value at the place that `ignore` looks at. */
  answer: Readonly<Record<string, string>>;
  /** True if the server does not send a message back to its speaker. */
  speakerExcluded: boolean;
  /** "order": the n-th answer on a connection answers its n-th message, whatever it says. */
  match: "text" | "order";
  /** Default: our own records. */
  frame?: Frame;
  /** True if the first bytes that a server sends are a greeting and no message. */
  greeting: boolean;
  socketIo?: SocketIoTalk;
  mqtt?: MqttTopics;
  polling?: PollingApi;
  sse?: SseApi;
}
