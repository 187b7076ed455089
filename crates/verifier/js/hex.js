// Compressed, hex is a twentieth larger than the bytes; base64 is a third larger.

/** The bytes that a text of hex digits stands for. */
export function bytesOf(hex) {
  const bytes = new Uint8Array(hex.length / 2);
  for (let at = 0; at < bytes.length; at += 1) bytes[at] = parseInt(hex.slice(2 * at, 2 * at + 2), 16);
  return bytes;
}
