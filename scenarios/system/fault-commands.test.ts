import { describe, expect, it } from "vitest";
import { cutCommand, silenceCommands, type AffectedLinks } from "./fault-commands.ts";

const ownOnLoopback: AffectedLinks = { onLoopback: true };
const ownOnLink: AffectedLinks = { onLoopback: false };
const byServer: AffectedLinks = { serverHost: "10.78.1.9" };

describe("a cut", () => {
  const filterOf = (command: string): string =>
    /^ss -K -H -t -n state established "(.*)" > \/dev\/null$/.exec(command)![1]!;

  it("resets the connections of all affected clients by the range of their addresses", () => {
    expect(filterOf(cutCommand(ownOnLoopback))).toBe("src 127.81.0.0/16");
    expect(filterOf(cutCommand(ownOnLink))).toBe("src 10.81.0.0/16");
  });

  it("resets those of some clients by their addresses", () => {
    expect(filterOf(cutCommand(ownOnLoopback, [3]))).toBe("( src 127.81.0.3 )");
    expect(filterOf(cutCommand(ownOnLink, [3, 258]))).toBe("( src 10.81.0.3 or src 10.81.1.2 )");
  });

  it("resets those to the server's address for them where clients have none of their own", () => {
    expect(filterOf(cutCommand(byServer))).toBe("dst 10.78.1.9");
  });
});

describe("silence", () => {
  it("drops what arrives at each side, so that no sender knows", () => {
    const commands = silenceCommands(ownOnLink, "both", "add");
    expect(commands.servers).toBe("ip rule add from 10.81.0.0/16 blackhole pref 5");
    expect(commands.clients).toBe("ip rule add from 10.77.0.0/16 to 10.81.0.0/16 blackhole pref 5");
  });

  it("of a half-open link drops at the clients alone", () => {
    const commands = silenceCommands(ownOnLink, "down", "add");
    expect(commands.servers).toBe("true");
    expect(commands.clients).toBe(silenceCommands(ownOnLink, "both", "add").clients);
  });

  it("is known by the server's address where clients have none of their own", () => {
    const { servers, clients } = silenceCommands(byServer, "both", "add");
    expect(servers).toBe("ip rule add from 10.80.0.0/15 to 10.78.1.9 blackhole pref 5");
    expect(clients).toBe("ip rule add from 10.78.1.9 blackhole pref 5");
  });

  it("ends with the same rules deleted", () => {
    for (const links of [ownOnLink, byServer])
      for (const ways of ["both", "down"] as const) {
        const [add, del] = (["add", "del"] as const).map((verb) => silenceCommands(links, ways, verb));
        expect(del).toEqual({
          servers: add!.servers.replace("rule add", "rule del"),
          clients: add!.clients.replace("rule add", "rule del"),
        });
      }
  });
});
