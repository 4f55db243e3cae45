import { describe, expect, it } from "vitest";
import { errorMessage, didYouMean } from "./errors.ts";

const choices = ["short-poll", "long-poll", "ws", "socket.io", "tcp"];

describe("the nearest choice", () => {
  it.each([
    ["short-pol", "short-poll"],
    ["longpoll", "long-poll"],
    ["socketio", "socket.io"],
    ["TCP", "tcp"],
    ["wss", "ws"],
  ])("is suggested for the misspelt %s", (given, meant) =>
    expect(didYouMean(given, choices)).toMatch(` Did you mean "${meant}"?`),
  );

  it("is not suggested where nothing is near", () => {
    expect(didYouMean("carrier-pigeon", choices)).not.toContain("Did you mean");
  });

  it("is followed by all choices in either case, ready to be appended to a sentence", () => {
    expect(didYouMean("tpc", choices)).toBe(
      ' Did you mean "tcp"? The choices are: short-poll, long-poll, ws, socket.io, tcp.',
    );
    expect(didYouMean("carrier-pigeon", choices)).toBe(" The choices are: short-poll, long-poll, ws, socket.io, tcp.");
  });

  it("stands alone where more choices than a person reads would follow it", () => {
    const many = Array.from({ length: 21 }, (_, i) => `column_${i}_us`);
    expect(didYouMean("column_7_ms", many)).toBe(' Did you mean "column_7_us"?');
    expect(didYouMean("carrier-pigeon", many)).toContain("column_20_us.");
  });

  it("is followed by where the choices are named, in place of them, where that is given", () => {
    expect(didYouMean("tpc", choices, "See there.")).toBe(' Did you mean "tcp"? See there.');
    expect(didYouMean("carrier-pigeon", choices, "See there.")).toBe(" See there.");
  });
});

it("finds something to say about anything that was thrown", () => {
  expect(errorMessage(new TypeError("no such port"))).toBe("no such port");
  expect(errorMessage("a plain string")).toBe("a plain string");
  expect(errorMessage(undefined)).toBe("undefined");
});
