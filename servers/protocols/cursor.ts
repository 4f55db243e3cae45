/** How an ask names the number of messages it acknowledges: of fixed width, so that an ask costs the same bytes at any time. */
export function formatCursor(received: number): string {
  return String(received).padStart(10, "0");
}
