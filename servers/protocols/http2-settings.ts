/**
 * Bytes that may be under way on a stream, and on a connection, before the other side has to grant more. HTTP/2 begins with 65,535; with
 * this, as browsers have it, nobody ever waits. A grant (13 bytes) goes out for every half of it that was read, and is counted.
 */
export const http2WindowBytes = 8 * 1024 * 1024;
/** What either side asks of the other: its window on every stream, and nothing that was not asked for. */
export const http2Settings = { initialWindowSize: http2WindowBytes, enablePush: false };
