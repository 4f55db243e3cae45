import { expect, it } from "vitest";
import { harmless } from "./lent.ts";

it.each([
  ["serve", { transport: "./mine.js" }],
  ["connect", { transport: "/tmp/evil.js+tls" }],
  ["serve", { transport: "ws", target: { start: "rm -rf /" } }],
  ["serve", { target: { pid: 1 } }],
])("an agent refuses a call %s that would load a file or start a program", (name, argument) => {
  expect(() => harmless(name, argument)).toThrow(/^an agent (loads|starts) no /);
});

it.each([
  ["serve", { transport: "ws" }],
  ["connect", { transport: "socket.io+tls", dialect: {} }],
  ["progress", undefined],
  ["runWindow", { t0Us: 1 }],
])("an agent takes a plain call %s", (name, argument) => {
  expect(harmless(name, argument)).toBe(argument);
});

it("a module of the bench is refused where the agent has no folder of modules", () => {
  const module = { name: "mine.js", digest: "abc" };
  expect(() => harmless("serve", { transport: "/home/me/mine.js" }, module)).toThrow(/only from its --modules folder/);
});
