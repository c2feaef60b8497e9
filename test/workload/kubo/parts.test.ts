import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { seededStream } from '../../../src/statistics/random.ts';
import { closedPorts } from '../../../src/workload/kubo/closed-ports.ts';
import { swarmAddress } from '../../../src/workload/kubo/connect-nodes.ts';
import { Content, drawRecipe } from '../../../src/workload/kubo/content.ts';
import { errorKind } from '../../../src/workload/kubo/error-kinds.ts';
import { base58, freshPeerId } from '../../../src/workload/kubo/peer-id.ts';
import { PinWalk } from '../../../src/workload/kubo/pin-walk.ts';
import { sized } from '../support/kubo-spec.ts';

test('base58 agrees with the vectors of its draft', () => {
  // draft-msporny-base58-03, section 5, and the leading zeros of its section 3.
  assert.equal(base58(Buffer.from('Hello World!')), '2NEpo7TZRRrLZSi2U');
  assert.equal(
    base58(Buffer.from('The quick brown fox jumps over the lazy dog.')),
    'USm3fpXnKG5EUBx2ndxBDMPVciP5hGey2Jh4NDv6gmeo1LkMeiKrLJUUBk6Z',
  );
  assert.equal(base58(Buffer.from('0000287fb4cd', 'hex')), '11233QC4');
  assert.equal(base58(new Uint8Array(0)), '');
  assert.equal(base58(new Uint8Array(3)), '111');
});

test('a peer id is what a node makes of its Ed25519 key', () => {
  // `ipfs id` of a node that was made for this.
  const key = Buffer.from('CAESIP+yGyGjDcsDk912g6iMH31KzyHwxJ/XTJmAlJjtqr+a', 'base64');
  assert.equal(
    base58(Buffer.concat([Buffer.from([0, key.length]), key])),
    '12D3KooWT2VedR7YmvCVExFWYaPW7BXUJnEkvUv6bbWRxDStXCgy',
  );
  const random = seededStream(1, 'peers');
  const ids = Array.from({ length: 1000 }, () => freshPeerId(random));
  assert.equal(new Set(ids).size, 1000);
  for (const id of ids) assert.match(id, /^12D3KooW[1-9A-HJ-NP-Za-km-z]{44}$/);
});

test('no chunk comes twice, within a file or between files', () => {
  const content = new Content(seededStream(1, 'content'));
  const random = seededStream(1, 'x');
  const chunk = 262_144;
  const seen = new Set<string>();
  let chunks = 0;
  for (let file = 0; file < 4; file++) {
    // Longer than the pool of random bytes, and not a whole number of chunks.
    const bytes = content.make(drawRecipe(sized(6 * chunk + 100), random));
    assert.equal(bytes.length, 6 * chunk + 100);
    for (let at = 0; at < bytes.length; at += chunk, chunks++) seen.add(bytes.toString('latin1', at, at + chunk));
  }
  assert.equal(seen.size, chunks);
});

test('files of a few bytes are as long as asked', () => {
  const content = new Content(seededStream(1, 'content'));
  for (const bytes of [1, 15, 16, 17]) {
    assert.equal(content.make(drawRecipe(sized(bytes), seededStream(1, 'x'))).length, bytes);
  }
});

test('sizes are spread evenly on a log scale, from the least to the greatest', () => {
  const random = seededStream(1, 'x');
  const range = { leastBytes: 1000, mostBytes: 1_000_000 };
  const sizes = Array.from({ length: 4000 }, () => drawRecipe(range, random).bytes).toSorted((a, b) => a - b);
  assert.ok((sizes[0] ?? 0) >= 1000 && (sizes.at(-1) ?? 0) <= 1_000_000);
  // The median of a log-uniform size is the geometric mean of the ends: 31,623; its standard error here is 5 %.
  const median = sizes[2000] ?? 0;
  assert.ok(median > 25_000 && median < 40_000, `median ${median}`);
});

test('what an error says is shortened to its kind', () => {
  for (const [message, kind] of [
    ['not pinned or pinned indirectly', 'not pinned or pinned indirectly'],
    [
      'connect 12D3KooWBhvxmvKvyLtBVPK3Bw8Q7VxVUT1pYxXjPyTUbRqzj4Zo failure: failed to dial: failed to dial 12D3KooWBhvxmvKvyLtBVPK3Bw8Q7VxVUT1pYxXjPyTUbRqzj4Zo: all dials failed\n  * [/ip4/127.0.0.1/tcp/257] dial tcp4',
      'connect … failure: failed to dial: failed to dial …: all…',
    ],
    [
      'invalid path "foo bar": path does not have enough components',
      'invalid path …: path does not have enough components',
    ],
    [
      'block was not found locally (offline): ipld: could not find bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy',
      'block was not found locally (offline): ipld: could not find…',
    ],
    ['dial tcp 127.0.0.1:80: \u001b[31mrefused\u0007', 'dial tcp …: refused'],
    ['write /data/blocks/AB/x.data: no space left on device', 'write …: no space left on device'],
    ['', 'an error without a message'],
    ['12345', 'an error without a message'],
  ] as const) {
    assert.equal(errorKind(message), kind);
  }
});

test('a kind is short, without control characters, and the same for every number', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), fc.nat(), fc.nat(), (text, one, other) => {
      const kind = errorKind(text);
      assert.ok(kind.length > 0 && kind.length <= 60);
      assert.doesNotMatch(kind, /[\p{Cc}\d]/u);
      assert.equal(errorKind(`block ${one} of ${text}`), errorKind(`block ${other} of ${text}`));
    }),
  );
});

test('pins come and go around the half of the files, an unpin long after its pin', () => {
  const walk = new PinWalk();
  const pinned = new Map<number, number>();
  for (let step = 0; step < 1000; step++) {
    const { verb, file } = walk.step(20);
    assert.ok(file >= 0 && file < 20);
    assert.equal(pinned.has(file), verb === 'rm');
    if (verb === 'add') pinned.set(file, step);
    else {
      assert.ok(step - (pinned.get(file) ?? step) >= 10);
      pinned.delete(file);
    }
    if (step >= 9) assert.ok(pinned.size === 10 || pinned.size === 9);
  }
});

test('the address of a node is its TCP port on the host where the target reaches it', () => {
  const addresses = [
    '/ip4/127.0.0.1/udp/4001/quic-v1/p2p/12D3x',
    '/ip4/127.0.0.1/tcp/4001/ws/p2p/12D3x',
    '/ip4/172.17.0.2/tcp/4001/p2p/12D3x',
  ];
  const answer = JSON.stringify({ Addresses: addresses });
  assert.equal(swarmAddress(answer, '10.1.2.3'), '/ip4/10.1.2.3/tcp/4001/p2p/12D3x');
  assert.equal(swarmAddress(answer, 'fd00::2'), '/ip6/fd00::2/tcp/4001/p2p/12D3x');
  assert.equal(swarmAddress(answer, 'node-b'), '/dns4/node-b/tcp/4001/p2p/12D3x');
  assert.equal(swarmAddress(JSON.stringify({ Addresses: addresses.slice(0, 2) }), 'node-b'), undefined);
  assert.equal(swarmAddress('{"Addresses":null}', 'node-b'), undefined);
  assert.throws(() => swarmAddress('<html>', 'node-b'), SyntaxError);
});

test('ports that refuse connections are found, or it is said that there are too few', async () => {
  const ports = await closedPorts('127.0.0.1', 60);
  assert.ok(ports.length >= 60 && new Set(ports).size === ports.length);
  await assert.rejects(closedPorts('127.0.0.1', 1000), { code: 'ports-in-use' });
});
