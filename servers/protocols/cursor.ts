/**
 * The end of the query of a poll that is answered at once, with or without a message. A client whose connection broke
 * learns with it whether the server still has its session.
 */
export const unheld = "&hold=0";

/** Formats the number of messages that a poll acknowledges. The width is fixed, so every poll costs the same bytes. */
export function formatCursor(received: number): string {
  return String(received).padStart(10, "0");
}
