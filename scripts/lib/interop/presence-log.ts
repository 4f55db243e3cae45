import type { App } from "../../../scenarios/contract.ts";

/** Milliseconds during which events are collected into one line. */
const collectMs = 200;

/** The time for a line of a log: 13:05:59. */
export function timeOfDay(): string {
  return new Date().toTimeString().slice(0, 8);
}

/**
 * The same application, with a log of its clients: a line after clients have joined or left. The line has the number of
 * connected clients and, since the last line, of joins, leaves and messages. `stop` cancels a line that is due.
 */
export function withPresenceLog(app: App, print: (line: string) => void): { app: App; stop(): void } {
  let [connected, joined, left, messages] = [0, 0, 0, 0];
  let timer: NodeJS.Timeout | undefined;

  function printLine(): void {
    timer = undefined;
    const events = [
      countText(joined, "joined"),
      countText(left, "left"),
      countText(messages, messages === 1 ? "message" : "messages"),
    ];
    print(`${timeOfDay()}  ${connected} connected: ${events.filter(Boolean).join(", ")}`);
    [joined, left, messages] = [0, 0, 0];
  }
  const printSoon = (): void => void (timer ??= setTimeout(printLine, collectMs));

  return {
    app: (openRoom) => {
      const application = app(openRoom);
      return {
        join(connection) {
          connected++;
          joined++;
          printSoon();
          application.join(connection);
        },
        receive(connection, payload, text) {
          messages++;
          application.receive(connection, payload, text);
        },
        leave(connection) {
          connected--;
          left++;
          printSoon();
          application.leave(connection);
        },
      };
    },
    stop: () => clearTimeout(timer),
  };
}

function countText(count: number, event: string): string {
  return count > 0 ? `${count} ${event}` : "";
}
