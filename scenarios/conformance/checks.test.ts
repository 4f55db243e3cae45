import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { checkGroups, checksFor } from "./checks.ts";

const checks = Object.values(checkGroups).flat();
const ids = checks.map(({ id }) => id);

describe("the ids of the checks", () => {
  it("are kebab-case", () => {
    expect(ids.filter((id) => !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(id))).toEqual([]);
  });

  it("are unique, and so are the descriptions", () => {
    expect(ids).toEqual([...new Set(ids)]);
    expect(new Set(checks.map(({ description }) => description)).size).toBe(checks.length);
  });

  it("stand in the contents at the top of checks.ts, and no other id does", () => {
    const source = readFileSync(
      fileURLToPath(new URL("../../../scenarios/conformance/checks.ts", import.meta.url)),
      "utf8",
    );
    const [, contents] = /\/\*\n(.*?)\*\/\n/s.exec(source)!;
    const listed = [...contents!.matchAll(/^ \* {3}(\S.*?)(?: {2}.*)?$/gm)].flatMap(([, line]) =>
      line!.match(/[^, ]+/g)!,
    );
    expect(listed.toSorted()).toEqual(ids.toSorted());
  });
});

describe("checksFor", () => {
  const idsFor = (guarantees: Parameters<typeof checksFor>[0]["guarantees"]) =>
    checksFor({ guarantees }).map(({ id }) => id);

  it("leaves out what the guarantees exclude", () => {
    expect(idsFor({})).not.toContain("payload-largest");
    expect(idsFor({ maxPayloadBytes: 1000 })).toContain("payload-largest");
    expect(idsFor({ maxPayloadBytes: 1000 })).not.toContain("payload-1-mib");
    expect(idsFor({ reliable: false })).not.toContain("slow-client");
  });

  it("asks every transport over TCP to come back, and no other, since nothing can reset its connections", () => {
    const returning = ["comes-back", "returns-exactly", "close-while-away", "silent-after-close"];
    const asked = (transport: Parameters<typeof checksFor>[0]) =>
      checksFor(transport)
        .map(({ id }) => id)
        .filter((id) => returning.includes(id));
    expect(asked({ guarantees: {} })).toEqual(returning);
    expect(asked({ guarantees: {}, overTcp: false })).toEqual([]);
    expect(asked({ guarantees: { apps: ["echo"] } })).toEqual(returning.filter((id) => id !== "returns-exactly"));
  });

  it("replaces the application's checks for a server that is another program", () => {
    const external = idsFor({ apps: ["echo", "sink"] });
    expect(external).toContain("external-sink");
    expect(external).not.toContain("external-chat-rooms");
    expect(external).not.toContain("join-and-leave-once");
    expect(external).toContain("clean-exit");
  });
});
