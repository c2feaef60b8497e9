import type { BuildInfo } from '../results/format.ts';
import { readAddress, readBinaryImage } from './binary-image.ts';
import type { BinaryImage } from './binary-image.ts';
import { openByteSource } from './byte-source.ts';
import type { ByteSource } from './byte-source.ts';
import { fieldsOf } from './fields.ts';
import { parseModuleInfo } from './module-info.ts';
import type { Platform } from './platform.ts';

// The format is that of Go's debug/buildinfo: a 32-byte header that begins with the magic on a 16-byte boundary. Since Go 1.18 the version
// and the module text follow it; before, it points at them.
const MAGIC = Buffer.from('\xff Go buildinf:', 'latin1');
const HEADER_BYTES = 32;
const ALIGNMENT_BYTES = 16;
const FLAG_BIG_ENDIAN = 1;
const FLAG_INLINE = 2;
const CHUNK_BYTES = 1 << 20;
/** More than any build info; a corrupt length must not make us read gigabytes. */
const LONGEST_TEXT_BYTES = 16 << 20;

/** Reads what the Go linker wrote into a binary (ELF or Mach-O, Go 1.13 and newer); undefined where it is no Go program. Throws what the file system throws. */
export async function readBuildInfo(path: string): Promise<BuildInfo | undefined> {
  await using source = await openByteSource(path);
  return await readBuildInfoFrom(source);
}

/** As `readBuildInfo`, for bytes that are not a file of this machine, such as a program inside of an image. */
export async function readBuildInfoFrom(source: ByteSource): Promise<BuildInfo | undefined> {
  const image = await readBinaryImage(source);
  if (image === undefined) return undefined;
  const address = await findHeader(source, image);
  if (address === undefined) return undefined;
  const header = await readAddress(source, image.segments, address, HEADER_BYTES);
  const flags = header[15] ?? 0;
  const texts =
    (flags & FLAG_INLINE) === FLAG_INLINE
      ? await readInlineTexts(source, image, address + HEADER_BYTES)
      : await readPointedTexts(source, image, header, (flags & FLAG_BIG_ENDIAN) === 0);
  return texts === undefined || texts.version === ''
    ? undefined
    : parseModuleInfo(texts.version, withoutSentinels(texts.modules));
}

/** Reads the operating system and the architecture that a binary is for; undefined where it is no ELF or Mach-O file. */
export async function readBinaryPlatform(path: string): Promise<Platform | undefined> {
  await using source = await openByteSource(path);
  return (await readBinaryImage(source))?.platform;
}

interface Texts {
  readonly version: string;
  readonly modules: Buffer;
}

/** Finds the address of the first header with the magic on its boundary. */
async function findHeader(source: ByteSource, { segments, data }: BinaryImage): Promise<number | undefined> {
  if (data === undefined) return undefined;
  const end = data.address + data.sizeBytes;
  const first = Math.ceil(data.address / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
  // The magic lies within one chunk, because both stand on boundaries.
  for (let address = first; address < end; address += CHUNK_BYTES) {
    const chunk = await readAddress(source, segments, address, Math.min(CHUNK_BYTES, end - address));
    if (chunk.length === 0) return undefined;
    for (let at = chunk.indexOf(MAGIC); at !== -1; at = chunk.indexOf(MAGIC, at + 1)) {
      if (at % ALIGNMENT_BYTES === 0) return end - address - at < HEADER_BYTES ? undefined : address + at;
    }
  }
  return undefined;
}

async function readInlineTexts(source: ByteSource, image: BinaryImage, address: number): Promise<Texts | undefined> {
  const version = await readSizedText(source, image, address);
  if (version === undefined) return undefined;
  const modules = await readSizedText(source, image, version.next);
  return modules && { version: version.bytes.toString(), modules: modules.bytes };
}

/** Reads a length as an unsigned LEB128 number and as many bytes. */
async function readSizedText(
  source: ByteSource,
  { segments }: BinaryImage,
  address: number,
): Promise<{ bytes: Buffer; next: number } | undefined> {
  let length = 0;
  let used = 0;
  for (const byte of await readAddress(source, segments, address, 10)) {
    length += (byte & 0x7f) * 2 ** (7 * used);
    used += 1;
    if (byte < 0x80) {
      const bytes =
        length > LONGEST_TEXT_BYTES ? undefined : await readAddress(source, segments, address + used, length);
      return bytes?.length === length ? { bytes, next: address + used + length } : undefined;
    }
  }
  return undefined;
}

/** Before Go 1.18 the header holds two pointers to Go strings, which are a pointer and a length. */
async function readPointedTexts(
  source: ByteSource,
  { segments }: BinaryImage,
  header: Buffer,
  littleEndian: boolean,
): Promise<Texts | undefined> {
  const pointerBytes = header[14] ?? 0;
  if (pointerBytes !== 4 && pointerBytes !== 8) return undefined;
  const readString = async (address: number): Promise<Buffer> => {
    const string = fieldsOf(await readAddress(source, segments, address, 2 * pointerBytes), littleEndian);
    const length = string.pointer(pointerBytes, pointerBytes);
    if (!(length <= LONGEST_TEXT_BYTES)) return Buffer.alloc(0);
    const bytes = await readAddress(source, segments, string.pointer(0, pointerBytes), length);
    return bytes.length === length ? bytes : Buffer.alloc(0);
  };
  const fields = fieldsOf(header, littleEndian);
  return {
    version: (await readString(fields.pointer(16, pointerBytes))).toString(),
    modules: await readString(fields.pointer(16 + pointerBytes, pointerBytes)),
  };
}

/** The module text stands between two marks of 16 bytes (cmd/go/internal/modload); anything else is a build without modules. */
function withoutSentinels(text: Buffer): string {
  return text.length >= 33 && text[text.length - 17] === 0x0a ? text.toString('utf8', 16, text.length - 16) : '';
}
