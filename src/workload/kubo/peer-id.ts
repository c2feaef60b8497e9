import type { RandomStream } from '../../statistics/random.ts';

/** The alphabet of base58btc, which leaves out 0, O, I and l. */
const alphabet = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';

/**
 * The identity multihash of an Ed25519 public key in protobuf, up to the key itself: code 0x00 and 36 bytes, then field
 * 1 (type) = 1 (Ed25519) and field 2 (key) of 32 bytes. Source: the libp2p specification, peer-ids.md.
 */
const prefix = [0x00, 0x24, 0x08, 0x01, 0x12, 0x20];

/** A valid peer id that nobody has: `12D3KooW…`, of 32 random bytes where the public key would stand. */
export function freshPeerId(random: RandomStream): string {
  const bytes = new Uint8Array(prefix.length + 32);
  bytes.set(prefix);
  const view = new DataView(bytes.buffer);
  for (let at = prefix.length; at < bytes.length; at += 4) view.setUint32(at, random.int(2 ** 32));
  return base58(bytes);
}

/** Bytes as base58btc, in which every leading zero byte is a `1`. */
export function base58(bytes: Uint8Array): string {
  let number = 0n;
  for (const byte of bytes) number = number * 256n + BigInt(byte);
  let text = '';
  for (; number > 0n; number /= 58n) text = (alphabet[Number(number % 58n)] ?? '') + text;
  const zeros = bytes.findIndex((byte) => byte !== 0);
  return '1'.repeat(zeros === -1 ? bytes.length : zeros) + text;
}
