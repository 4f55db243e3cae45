import { expect, it } from "vitest";
import { upperQuantile, upperTail } from "./normal.ts";

// R: pnorm(z, lower.tail = FALSE).
it.each([
  [0, 0.5],
  [0.5, 0.3085375387259869],
  [1, 0.1586552539314571],
  [-1, 0.8413447460685429],
  [1.959963984540054, 0.025],
  [4, 3.167124183311986e-5],
  [40, 0],
])("the share above %d is %d", (z, share) => {
  expect(Math.abs(upperTail(z) - share)).toBeLessThan(1e-7);
});

// R: qnorm(share, lower.tail = FALSE).
it.each([
  [0.5, 0],
  [0.2, 0.8416212335729143],
  [0.9, -1.2815515655446004],
  [0.025, 1.959963984540054],
  [0.05 / 30, 2.935199468866699],
  [0.001, 3.090232306167813],
])("the share %d is above %d", (share, z) => {
  expect(Math.abs(upperQuantile(share) - z)).toBeLessThan(1e-6);
});
