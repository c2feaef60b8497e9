import { sha256 } from '@noble/hashes/sha2.js';

// Stands in for `node:crypto` in a browser, where a digest is asked for at once and not by a promise.

/** The SHA-256 of one text, as the seeds of random streams are made of it. */
export function createHash(_algorithm: 'sha256'): Hash {
  let bytes = new Uint8Array();
  const hash: Hash = {
    update(text) {
      bytes = new TextEncoder().encode(text);
      return hash;
    },
    digest() {
      const view = new DataView(Uint8Array.from(sha256(bytes)).buffer);
      return { readUInt32BE: (offset) => view.getUint32(offset) };
    },
  };
  return hash;
}

interface Hash {
  update(text: string, encoding: 'utf8'): Hash;
  digest(): { readUInt32BE(offset: number): number };
}
