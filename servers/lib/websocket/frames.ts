/** Opcodes of a whole message in one frame (RFC 6455, section 5.2), with the bit that says so. */
const wholeText = 0x81;
const wholeBinary = 0x82;

/** One message as a server's frame: not masked, header and payload in one buffer, to be handed to any number of sockets. */
export function encodeFrame(payload: Buffer, text: boolean): Buffer {
  const { length } = payload;
  const headerBytes = length <= 125 ? 2 : length <= 0xffff ? 4 : 10;
  const bytes = Buffer.allocUnsafe(headerBytes + length);
  bytes[0] = text ? wholeText : wholeBinary;
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
