import { describe, expect, it } from "vitest";
import { listJson, listText } from "./list-text.ts";
import { scenarios } from "../scenarios.ts";
import { transports } from "../transports.ts";

const unavailable = new Map([["webrtc", "it needs a package that is not installed: npm install x"]]);

describe("listText", () => {
  const text = listText(unavailable);
  const unwrapped = text.replaceAll(/\n {6,}/g, " ");

  it("has each scenario with its question and each transport with its title once, in 80 columns", () => {
    const linesOf = (name: string): string[] =>
      unwrapped.split("\n").filter((line) => line.replace(/^[*-]/, "").trim().startsWith(`${name} `));
    for (const [name, { question }] of Object.entries(scenarios))
      expect(linesOf(name)).toEqual([expect.stringContaining(question)]);
    for (const [name, { title }] of Object.entries(transports))
      expect(linesOf(name)).toEqual([expect.stringContaining(title)]);
    expect(text.split("\n").filter((line) => line.length > 80)).toEqual([]);
  });

  it("marks standard transports with a star, and those that cannot run here with a dash and the reason", () => {
    expect(text).toMatch(/^\* ws  /m);
    expect(text).toMatch(/^ {2}sse  /m);
    expect(unwrapped).toMatch(/^- webrtc .*\. Unavailable: it needs a package that is not installed: npm install x$/m);
  });

  it("explains each mark that it uses", () => {
    expect(text).toMatch(/^\* {2}runs if --transports names none$/m);
    expect(text).toMatch(/^- {2}cannot run here$/m);
    expect(listText()).not.toMatch(/^-/m);
    expect(unwrapped).toContain("+tls  appended to a name, as in ws+tls");
  });
});

describe("listJson", () => {
  const { scenarios: listedScenarios, transports: listedTransports } = listJson(unavailable);

  it("has every scenario and every transport once", () => {
    const questions = Object.entries(scenarios).map(([name, { question }]) => ({ name, question }));
    expect(listedScenarios).toEqual(questions);
    const names = listedTransports.map(({ name }) => name);
    expect(names.toSorted()).toEqual(Object.keys(transports).toSorted());
  });

  it("says of each transport whether it is standard, what it is a variant of, and why it cannot run here or over TLS", () => {
    const found = (wanted: string) => listedTransports.find(({ name }) => name === wanted);
    expect(found("ws")).toEqual({ name: "ws", title: transports.ws.title, standard: true });
    expect(found("ws-library")).toMatchObject({ standard: false, variantOf: "ws" });
    expect(found("webrtc")).toMatchObject({ standard: false, unavailable: unavailable.get("webrtc") });
    expect(found("udp")?.noTlsReason).toBe(transports.udp.noTlsReason);
  });

  it("has the variants of a transport directly after it", () => {
    const names = listedTransports.map(({ name }) => name);
    expect(names.slice(names.indexOf("short-poll"), names.indexOf("long-poll"))).toEqual([
      "short-poll",
      "short-poll-500ms",
      "short-poll-library",
      "short-poll-browser",
      "short-poll-close",
    ]);
  });
});
