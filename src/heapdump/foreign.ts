/** What every dump since Go 1.7 begins with. */
export const HEADER = 'go1.7 heap dump\n';

/** What a file is that is no heap dump of today's format, as far as its first bytes tell. */
export function foreignName(head: Uint8Array): string {
  const text = Array.from(head.subarray(0, 64), (byte) => String.fromCharCode(byte)).join('');
  const old = /^go(1\.\d+) heap dump\n/.exec(text)?.[1];
  if (old !== undefined)
    return `it is a heap dump in the format of Go ${old}; only the format of Go 1.7 and newer can be read`;
  if (text.startsWith('\x1f\x8b'))
    return 'it is compressed with gzip: a pprof profile, or a dump that must be unpacked first (gunzip)';
  if (text.startsWith('\x28\xb5\x2f\xfd')) return 'it is compressed with zstd; unpack it first';
  if (text.startsWith('\x7fELF')) return 'it is an ELF file, a program or a core dump';
  if (text.startsWith('MZ')) return 'it is a Windows program';
  if (/^(?:\xcf\xfa\xed\xfe|\xfe\xed\xfa\xcf|\xca\xfe\xba\xbe)/.test(text)) return 'it is a Mach-O program';
  if (text.startsWith('heap profile:')) return 'it is a heap profile in text form (/debug/pprof/heap?debug=1)';
  if (/^go 1\.\d+ trace/.test(text)) return 'it is a Go execution trace';
  if (text.startsWith('JAVA PROFILE')) return 'it is a Java heap dump';
  if (/^\s*[{[<]/.test(text)) return 'it is JSON or HTML, perhaps the error message of a server';
  if (HEADER.startsWith(text)) return text === '' ? 'it is empty' : 'it ends within the first line';
  return 'it does not begin with "go1.7 heap dump"';
}
