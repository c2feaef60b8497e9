import type { ByteSource } from '../../src/executable/byte-source.ts';

/** Bytes in memory as a source, which gives what lies within it, whatever is asked. */
export function byteSourceOf(bytes: Uint8Array): ByteSource {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return {
    sizeBytes: buffer.length,
    read: (offset, length) =>
      Promise.resolve(
        Number.isSafeInteger(offset) && offset >= 0 && length > 0
          ? buffer.subarray(offset, offset + length)
          : Buffer.alloc(0),
      ),
  };
}
