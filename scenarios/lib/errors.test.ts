import { describe, expect, it } from "vitest";
import { errorMessage, didYouMean } from "./errors.ts";

const choices = ["short-poll", "long-poll", "ws", "socket.io", "tcp"];

describe("didYouMean", () => {
  it.each([
    ["short-pol", "short-poll"],
    ["longpoll", "long-poll"],
    ["socketio", "socket.io"],
    ["TCP", "tcp"],
    ["wss", "ws"],
  ])("suggests the nearest choice for %s", (input, suggestion) =>
    expect(didYouMean(input, choices)).toMatch(` Did you mean "${suggestion}"?`),
  );

  it("suggests nothing if no choice is near", () => {
    expect(didYouMean("carrier-pigeon", choices)).not.toContain("Did you mean");
  });

  it("lists all choices in both cases", () => {
    expect(didYouMean("tpc", choices)).toBe(
      ' Did you mean "tcp"? The choices are: short-poll, long-poll, ws, socket.io, tcp.',
    );
    expect(didYouMean("carrier-pigeon", choices)).toBe(" The choices are: short-poll, long-poll, ws, socket.io, tcp.");
  });

  it("leaves out a long list of choices if it has a suggestion", () => {
    const many = Array.from({ length: 21 }, (_, i) => `column_${i}_us`);
    expect(didYouMean("column_7_ms", many)).toBe(' Did you mean "column_7_us"?');
    expect(didYouMean("carrier-pigeon", many)).toContain("column_20_us.");
  });

  it("appends the given sentence in place of the list", () => {
    expect(didYouMean("tpc", choices, "See there.")).toBe(' Did you mean "tcp"? See there.');
    expect(didYouMean("carrier-pigeon", choices, "See there.")).toBe(" See there.");
  });
});

it("finds a message for anything that was thrown", () => {
  expect(errorMessage(new TypeError("no such port"))).toBe("no such port");
  expect(errorMessage("a plain string")).toBe("a plain string");
  expect(errorMessage(undefined)).toBe("undefined");
});
