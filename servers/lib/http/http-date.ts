let second = NaN;
let date = "";

/** Now as HTTP says it (IMF-fixdate: RFC 9110, section 5.6.7), right to the second and made once a second. */
export function httpDate(nowMs = Date.now()): string {
  const now = Math.floor(nowMs / 1000);
  if (now !== second) {
    second = now;
    date = new Date(nowMs).toUTCString();
  }
  return date;
}
