// Compressed, hex is a twentieth larger than the bytes; base64 is a third larger.

/** The bytes that a text of lower-case hex digits stands for. */
export function bytesOf(hex) {
  const bytes = new Uint8Array(hex.length / 2);
  for (let at = 0; at < bytes.length; at += 1) {
    bytes[at] = (digit(hex.charCodeAt(2 * at)) << 4) | digit(hex.charCodeAt(2 * at + 1));
  }
  return bytes;
}

const digit = (code) => (code < 58 ? code - 48 : code - 87);
