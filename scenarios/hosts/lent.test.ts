import { expect, it } from "vitest";
import { assertHarmless } from "./lent.ts";

it.each([
  ["serve", { transport: "./mine.js" }],
  ["connect", { transport: "/tmp/evil.js+tls" }],
  ["serve", { transport: "ws", target: { start: "rm -rf /" } }],
  ["serve", { target: { pid: 1 } }],
])("an agent refuses a call %s that would load a file or start a program", (name, argument) => {
  expect(() => assertHarmless(name, argument)).toThrow(/^an agent (loads|starts) no /);
});

it.each([
  ["serve", { transport: "ws" }],
  ["connect", { transport: "socket.io+tls", dialect: {} }],
  ["progress", undefined],
  ["runWindow", { t0Us: 1 }],
])("an agent takes a plain call %s", (name, argument) => {
  expect(() => assertHarmless(name, argument)).not.toThrow();
});
