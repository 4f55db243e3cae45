import type { App } from "../../../scenarios/contract.ts";

/** How long what happens is gathered before it is told. */
const gatherMs = 200;

/**
 * The application, and a line whenever clients have come or gone: how many are there, how many came and went, and how many messages there
 * were since the last one. What happens at about the same time is one line.
 */
export function withPresenceLog(app: App, tell: (line: string) => void): { app: App; stop(): void } {
  let [present, came, went, messages] = [0, 0, 0, 0];
  let timer: NodeJS.Timeout | undefined;

  function say(): void {
    timer = undefined;
    const news = [count(came, "joined"), count(went, "left"), count(messages, messages === 1 ? "message" : "messages")];
    tell(`${new Date().toTimeString().slice(0, 8)}  ${present} here: ${news.filter(Boolean).join(", ")}`);
    [came, went, messages] = [0, 0, 0];
  }
  const soon = (): void => void (timer ??= setTimeout(say, gatherMs));

  return {
    app: (openRoom) => {
      const application = app(openRoom);
      return {
        join(connection) {
          present++;
          came++;
          soon();
          application.join(connection);
        },
        receive(connection, payload, text) {
          messages++;
          application.receive(connection, payload, text);
        },
        leave(connection) {
          present--;
          went++;
          soon();
          application.leave(connection);
        },
      };
    },
    stop: () => clearTimeout(timer),
  };
}

function count(number: number, what: string): string {
  return number > 0 ? `${number} ${what}` : "";
}
