import { expect, it } from "vitest";
import { startsInside, startsOnLoopback, type Target } from "./target.ts";

const loopback = { host: "127.0.0.1", port: 8080 };
const unix = { host: "localhost", port: 0, socketPath: "/run/chat.sock" };
const elsewhere = { host: "192.0.2.1", port: 8080 };

const started = (...addresses: Target["addresses"]): Target => ({ title: "it", addresses, start: "node server.js" });

it("a server that is started has a network of its own where loopback or a Unix socket reaches it", () => {
  expect([started(loopback), started(unix), started(loopback, unix)].map(startsInside)).toEqual([true, true, true]);
  expect([started(elsewhere), started(loopback, elsewhere)].map(startsInside)).toEqual([false, false]);
});

it("a server that runs already is where it is", () => {
  expect(startsInside({ title: "it", addresses: [loopback] })).toBe(false);
  expect(startsOnLoopback({ title: "it", addresses: [loopback], pid: 9 })).toBe(false);
});

it("only a server on loopback is measured as our own are", () => {
  expect([started(loopback), started(unix), started(elsewhere)].map(startsOnLoopback)).toEqual([true, false, false]);
});
