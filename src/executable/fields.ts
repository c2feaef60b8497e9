/** Reads the fixed-size fields of a header. A field that lies outside of it is NaN, which fails every comparison. */
export interface Fields {
  u8(at: number): number;
  u16(at: number): number;
  u32(at: number): number;
  /** 64 bits as a number: addresses and offsets that no file of this world reaches lose their low bits. */
  u64(at: number): number;
  /** A pointer of the given size. */
  pointer(at: number, bytes: number): number;
  /** Text that ends at a zero byte or after `length` bytes. */
  text(at: number, length: number): string;
}

/** Fields of bytes in one byte order. */
export function fieldsOf(bytes: Buffer, littleEndian: boolean): Fields {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const has = (at: number, size: number): boolean => at >= 0 && at + size <= bytes.length;
  const fields: Fields = {
    u8: (at) => (has(at, 1) ? view.getUint8(at) : NaN),
    u16: (at) => (has(at, 2) ? view.getUint16(at, littleEndian) : NaN),
    u32: (at) => (has(at, 4) ? view.getUint32(at, littleEndian) : NaN),
    u64: (at) => (has(at, 8) ? Number(view.getBigUint64(at, littleEndian)) : NaN),
    pointer: (at, size) => (size === 8 ? fields.u64(at) : size === 4 ? fields.u32(at) : NaN),
    text: (at, length) => {
      const raw = bytes.subarray(at, at + length);
      const end = raw.indexOf(0);
      return raw.toString('latin1', 0, end === -1 ? raw.length : end);
    },
  };
  return fields;
}
