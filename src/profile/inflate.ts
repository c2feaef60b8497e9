import { gunzipSync } from 'node:zlib';
import { ProfileFault } from './profile-fault.ts';

/** A profile of the largest daemons has some megabytes; more than this is a mistake or an attack. */
const MAX_BYTES = 64 * 2 ** 20;

/** The bytes of a profile without their compression, if they have one. Throws ProfileFault. */
export function inflate(bytes: Uint8Array): Uint8Array {
  if (bytes.length === 0) throw new ProfileFault('it is empty');
  if (bytes.length > MAX_BYTES) throw new ProfileFault(tooLarge);
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return gunzipSync(bytes, { maxOutputLength: MAX_BYTES });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ERR_BUFFER_TOO_LARGE') throw new ProfileFault(tooLarge);
    if (code === 'Z_BUF_ERROR') throw new ProfileFault(`its gzip stream is cut short after ${bytes.length} bytes`);
    const why = error instanceof Error ? error.message : String(error);
    throw new ProfileFault(`its gzip stream of ${bytes.length} bytes is damaged (${why})`);
  }
}

const tooLarge = `it is larger than ${MAX_BYTES / 2 ** 20} MiB`;
