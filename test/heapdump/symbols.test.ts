import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readSymbols, SymbolFault } from '../../src/heapdump/symbols.ts';
import { packageOf } from '../../src/heapdump/root-tree.ts';
import { byteSourceOf } from '../executable/bytes-in-memory.ts';

/** An ELF program of 64 bits with a symbol table: one variable, one function, and the linker's two marks. */
function program(): Buffer {
  const names = ['main.cache', 'main.run', 'runtime.data', 'runtime.edata'];
  const strings = Buffer.from(`\0${names.join('\0')}\0`);
  const symbol = (name: string, type: number, address: number, sizeBytes: number): Buffer => {
    const entry = Buffer.alloc(24);
    entry.writeUInt32LE(strings.indexOf(`\0${name}\0`) + 1, 0);
    entry[4] = 0x10 | type;
    entry.writeBigUInt64LE(BigInt(address), 8);
    entry.writeBigUInt64LE(BigInt(sizeBytes), 16);
    return entry;
  };
  const symbols = Buffer.concat([
    symbol('main.cache', 1, 0x7008, 24),
    symbol('main.run', 2, 0x4000, 100),
    symbol('runtime.data', 1, 0x7000, 0),
    symbol('runtime.edata', 1, 0x7100, 0),
  ]);
  const section = (type: number, offset: number, sizeBytes: number, link: number): Buffer => {
    const entry = Buffer.alloc(64);
    entry.writeUInt32LE(type, 4);
    entry.writeBigUInt64LE(BigInt(offset), 24);
    entry.writeBigUInt64LE(BigInt(sizeBytes), 32);
    entry.writeUInt32LE(link, 40);
    return entry;
  };
  const head = Buffer.alloc(64);
  head.write('\x7fELF\x02\x01', 'latin1');
  head.writeBigUInt64LE(BigInt(64 + symbols.length + strings.length), 40);
  head.writeUInt16LE(64, 58);
  head.writeUInt16LE(3, 60);
  return Buffer.concat([
    head,
    symbols,
    strings,
    section(0, 0, 0, 0),
    section(2, 64, symbols.length, 2),
    section(3, 64 + symbols.length, strings.length, 0),
  ]);
}

test('variables and functions are found by any address in them', async () => {
  const symbols = await readSymbols(byteSourceOf(program()));
  assert.deepEqual(symbols.variable(0x7008), { name: 'main.cache', offset: 0 });
  assert.deepEqual(symbols.variable(0x701f), { name: 'main.cache', offset: 23 });
  for (const address of [0x7007, 0x7020, 0x4000, 0]) assert.equal(symbols.variable(address), undefined);
  assert.deepEqual(symbols.function(0x4010), { name: 'main.run', offset: 16 });
  assert.equal(symbols.dataAddress, 0x7000);
  assert.equal(symbols.dataBytes, 0x100);
});

test('a stripped program and other files are told apart', async () => {
  const stripped = program();
  stripped.writeUInt32LE(0, stripped.length - 128 + 4);
  await assert.rejects(readSymbols(byteSourceOf(stripped)), /no symbols: it was linked with -ldflags=-s/);
  for (const bytes of [Buffer.alloc(0), Buffer.from('MZ'), Buffer.alloc(200)])
    await assert.rejects(readSymbols(byteSourceOf(bytes)), SymbolFault);
});

test('a damaged program gives a fault or a table, never anything else', async () => {
  const whole = program();
  await fc.assert(
    fc.asyncProperty(fc.nat(whole.length - 1), fc.nat(255), fc.nat(whole.length), async (at, byte, length) => {
      const bytes = Buffer.from(whole);
      bytes[at] = byte;
      await readSymbols(byteSourceOf(bytes.subarray(0, length))).then(
        (symbols) => symbols.variable(0x7008),
        (error: unknown) => assert.ok(error instanceof SymbolFault, String(error)),
      );
    }),
    { numRuns: 1000 },
  );
});

for (const [symbol, name] of [
  ['main.cache', 'main'],
  ['net/http.DefaultClient', 'net/http'],
  ['gopkg.in/yaml%2ev3.cache', 'gopkg.in/yaml%2ev3'],
  ['sync/atomic.Pointer[net/http.response]', 'sync/atomic'],
  ['runtime..inittasks', 'runtime'],
  ['.dot', 'the linker'],
] as const) {
  test(`${symbol} belongs to ${name}`, () => assert.equal(packageOf(symbol), name));
}
