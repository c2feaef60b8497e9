import { open } from 'node:fs/promises';

/** Bytes that can be read at any place, so that a large binary is never held in memory as a whole. */
export interface ByteSource {
  readonly sizeBytes: number;
  /** The bytes from `offset`, fewer than `length` where the source ends; none for an offset that is no place in it. */
  read(offset: number, length: number): Promise<Buffer>;
}

/** A file as a source; disposing it closes the file. */
export async function openByteSource(path: string): Promise<ByteSource & AsyncDisposable> {
  const file = await open(path, 'r');
  const sizeBytes = (await file.stat()).size;
  return {
    sizeBytes,
    read: async (offset, length) => {
      const wanted = clampLength(offset, length, sizeBytes);
      const buffer = Buffer.alloc(wanted);
      let filled = 0;
      while (filled < wanted) {
        const { bytesRead } = await file.read(buffer, filled, wanted - filled, offset + filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      return buffer.subarray(0, filled);
    },
    [Symbol.asyncDispose]: () => file.close(),
  };
}

/** Headers of a corrupt file ask for anything: what lies within the source is the most there is. */
function clampLength(offset: number, length: number, sizeBytes: number): number {
  if (!Number.isSafeInteger(offset) || offset < 0 || !(length > 0)) return 0;
  return Math.max(0, Math.min(length, sizeBytes - offset));
}
