let second = NaN;
let date = "";

/**
 * The current time in HTTP's format (IMF-fixdate: RFC 9110, section 5.6.7), to the second. It is formatted once a
 * second.
 */
export function httpDate(nowMs = Date.now()): string {
  const now = Math.floor(nowMs / 1000);
  if (now !== second) {
    second = now;
    date = new Date(nowMs).toUTCString();
  }
  return date;
}
