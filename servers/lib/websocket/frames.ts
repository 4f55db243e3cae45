/** First byte of a frame that is a complete message: the FIN bit and the opcode (RFC 6455, section 5.2). */
const textFrame = 0x81;
const binaryFrame = 0x82;

/**
 * Encodes a message as a server's frame: unmasked, with header and payload in one buffer that can be written to any
 * number of sockets.
 */
export function encodeFrame(payload: Buffer, text: boolean): Buffer {
  const { length } = payload;
  const headerBytes = length <= 125 ? 2 : length <= 0xffff ? 4 : 10;
  const bytes = Buffer.allocUnsafe(headerBytes + length);
  bytes[0] = text ? textFrame : binaryFrame;
  if (headerBytes === 2) bytes[1] = length;
  else if (headerBytes === 4) {
    bytes[1] = 126;
    bytes.writeUInt16BE(length, 2);
  } else {
    bytes[1] = 127;
    bytes.writeUInt32BE(0, 2);
    bytes.writeUInt32BE(length, 6);
  }
  payload.copy(bytes, headerBytes);
  return bytes;
}
