/** Formats the number of messages that a poll acknowledges. The width is fixed, so every poll costs the same bytes. */
export function formatCursor(received: number): string {
  return String(received).padStart(10, "0");
}
