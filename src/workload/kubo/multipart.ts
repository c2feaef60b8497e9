/** Long enough that random content holds it once in 10^38 bytes. */
const boundary = 'gctune-d2f1a0c47b9e4c53a8e6';

const head = Buffer.from(
  `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="file"\r\nContent-Type: application/octet-stream\r\n\r\n`,
);
const tail = Buffer.from(`\r\n--${boundary}--\r\n`);

/** The headers of a request with such a body. */
export const multipartHeaders: readonly string[] = ['Content-Type', `multipart/form-data; boundary=${boundary}`];

/** A multipart/form-data body (RFC 7578) with one part `file` of so many bytes, which `fill` writes in place. */
export function multipartBody(bytes: number, fill: (part: Buffer) => void): Buffer {
  const body = Buffer.allocUnsafe(head.length + bytes + tail.length);
  head.copy(body);
  fill(body.subarray(head.length, head.length + bytes));
  tail.copy(body, head.length + bytes);
  return body;
}
