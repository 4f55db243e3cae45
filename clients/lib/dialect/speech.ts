import type { Condition, Dialect, EnterStep, Hear, SocketIoTalk } from "../../../scenarios/lib/dialect.ts";
import { isJsonTemplate } from "../../../scenarios/lib/template.ts";

/** A step of entering; `json` is true where what it sends is JSON. */
export interface SpeechStep extends EnterStep {
  json: boolean;
}

/** A dialect as its client speaks it on a connection of messages. */
export interface Speech extends Pick<Dialect, "answer" | "ignore" | "match"> {
  enter: readonly SpeechStep[];
  /** Steps at the beginning that no dialect names: those of Socket.IO itself. */
  ownSteps: number;
  /** Template of a message. Undefined: the payload as it is. */
  say: string | undefined;
  /** True if a message is JSON, in which a payload is escaped. */
  saysJson: boolean;
  hear: Hear;
  /** What stands before the JSON of a message that is to be heard. Default: nothing. */
  jsonAfter: string;
  /** What the JSON of a message to be heard must meet besides. */
  where: Condition | undefined;
  /** What a client says before it closes the connection. */
  bye: string | undefined;
  /** A message with which the server closes the connection. */
  closedBy: Condition | undefined;
}

/** The speech of a dialect over WebSocket, TCP or another transport of messages. */
export function speechOf(dialect: Dialect): Speech {
  const { enter, answer, ignore, match, hear, socketIo, polling, sse } = dialect;
  const say = dialect.say ?? polling?.send.body ?? sse?.send.body;
  if (socketIo) return socketIoSpeech(dialect, socketIo);
  return {
    ownSteps: 0,
    enter: enter.map((step) => ({ ...step, json: step.send !== undefined && isJsonTemplate(step.send) })),
    answer,
    ignore,
    match,
    say,
    saysJson: say !== undefined && isJsonTemplate(say),
    hear,
    jsonAfter: "",
    where: undefined,
    bye: undefined,
    closedBy: undefined,
  };
}

/** Path of a Socket.IO server's WebSocket, with the query of the target's URL. */
export function engineIoPath({ path }: SocketIoTalk, query: string): string {
  return `${path}?EIO=4&transport=websocket${query && `&${query}`}`;
}

/**
 * Socket.IO v5 in Engine.IO v4 packets, as texts over WebSocket (socket.io-protocol): "0" opens, "40" connects to a
 * namespace, "42" is an event, "43" an acknowledgement, "2" a ping that "3" answers.
 */
function socketIoSpeech({ enter, answer, ignore, match, say, hear }: Dialect, talk: SocketIoTalk): Speech {
  const { namespace, auth, emit, on, acknowledged } = talk;
  const place = namespace === "/" ? "" : `${namespace},`;
  const argument = say ?? '"{{text}}"';
  const inner = typeof hear === "object" && "path" in hear ? `.${hear.path}` : "";
  const first = acknowledged ? "0" : "1";
  const events = Object.entries(answer).map(([heard, reply]) => [heard, `42${place}${reply}`] as const);
  const opening: SpeechStep[] = [
    { until: { starts: "0{" }, json: true },
    { send: `40${place}${auth ?? ""}`, until: { starts: `40${place}` }, refused: { starts: `44${place}` }, json: true },
  ];
  return {
    ownSteps: opening.length,
    enter: [...opening, ...enter.map((step) => socketIoStep(step, place))],
    answer: { "2": "3", ...Object.fromEntries(events) },
    ignore: ignore.map(inEvent),
    match: acknowledged ? "order" : match,
    saysJson: true,
    say: `42${place}${acknowledged ? "{{seq}}" : ""}[${JSON.stringify(emit)},${argument}]`,
    hear: { path: first + inner },
    jsonAfter: acknowledged ? `43${place}` : `42${place}`,
    where: acknowledged ? undefined : { path: "0", is: [on] },
    bye: `41${place}`,
    closedBy: { starts: `41${place}` },
  };
}

/** A step of a Socket.IO dialect sends the JSON of an event: `["join", {...}]`. */
function socketIoStep({ send, until, refused }: EnterStep, place: string): SpeechStep {
  return {
    json: true,
    ...(send !== undefined && { send: `42${place}${send}` }),
    ...(until && { until: inEvent(until) }),
    ...(refused && { refused: inEvent(refused) }),
  };
}

/** In a Socket.IO dialect the path "event" is the event's name, and any other path a place in its first argument. */
function inEvent({ path, ...rest }: Condition): Condition {
  if (path === undefined) return rest;
  return { ...rest, path: path === "event" ? "0" : path === "" ? "1" : `1.${path}` };
}
