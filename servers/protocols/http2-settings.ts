/**
 * Flow-control window of a stream and of a connection, in bytes. HTTP/2 begins with 65,535; browsers use about this
 * value, with which no sender waits. A WINDOW_UPDATE (13 bytes, and counted) is sent for every half of a window that
 * was read.
 */
export const http2WindowBytes = 8 * 1024 * 1024;
/** HTTP/2 settings of both sides: the window of every stream, and no server push. */
export const http2Settings = { initialWindowSize: http2WindowBytes, enablePush: false };
