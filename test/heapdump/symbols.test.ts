import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readSymbols, SymbolFault } from '../../src/heapdump/symbols.ts';
import { packageOf } from '../../src/heapdump/root-tree.ts';
import { byteSourceOf } from '../executable/bytes-in-memory.ts';
import { programWithSymbols } from './elf-with-symbols.ts';

test('variables and functions are found by any address in them', async () => {
  const symbols = await readSymbols(byteSourceOf(programWithSymbols()));
  assert.deepEqual(symbols.variable(0x7008), { name: 'main.cache', offset: 0 });
  assert.deepEqual(symbols.variable(0x701f), { name: 'main.cache', offset: 23 });
  for (const address of [0x7007, 0x7020, 0x4000, 0]) assert.equal(symbols.variable(address), undefined);
  assert.deepEqual(symbols.function(0x4010), { name: 'main.run', offset: 16 });
  assert.equal(symbols.dataAddress, 0x7000);
  assert.equal(symbols.dataBytes, 0x100);
});

test('a stripped program and other files are told apart', async () => {
  const stripped = programWithSymbols();
  stripped.writeUInt32LE(0, stripped.length - 128 + 4);
  await assert.rejects(readSymbols(byteSourceOf(stripped)), /no symbols: it was linked with -ldflags=-s/);
  for (const bytes of [Buffer.alloc(0), Buffer.from('MZ'), Buffer.alloc(200)])
    await assert.rejects(readSymbols(byteSourceOf(bytes)), SymbolFault);
});

test('a damaged program gives a fault or a table, never anything else', async () => {
  const whole = programWithSymbols();
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
