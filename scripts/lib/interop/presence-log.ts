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
      const hub = app(openRoom);
      return {
        join(link) {
          present++;
          came++;
          soon();
          hub.join(link);
        },
        receive(link, payload, text) {
          messages++;
          hub.receive(link, payload, text);
        },
        leave(link) {
          present--;
          went++;
          soon();
          hub.leave(link);
        },
      };
    },
    stop: () => clearTimeout(timer),
  };
}

function count(number: number, what: string): string {
  return number > 0 ? `${number} ${what}` : "";
}
