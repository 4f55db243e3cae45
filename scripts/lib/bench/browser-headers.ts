/**
 * Bytes of headers that Chromium adds to a poll, as `--extra-header-bytes browser` adds them: what a poll of
 * `short-poll-browser` is longer than one of `short-poll`, with Chromium 156 of Debian 12. Its version is in them, so
 * another one differs by some bytes. `npm run test:browser` measures it again.
 */
export const browserHeaderBytes = 422;
