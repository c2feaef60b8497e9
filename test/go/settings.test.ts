import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { gogcInGo, gomemlimitInGo } from '../../src/go/settings.ts';

/** What real Go took, by test/fixtures/go/record-settings.ts. */
interface Recorded {
  readonly value: string;
  /** By Go's version; `crash` where the program stopped at start. */
  readonly go: Readonly<Record<string, number | string>>;
}
const recorded = JSON.parse(readFileSync(new URL('../fixtures/go/settings.json', import.meta.url), 'utf8')) as Readonly<
  Record<'GOGC' | 'GOMEMLIMIT', readonly Recorded[]>
>;
const NEWEST = 'go1.26.8';
const OLDER = 'go1.19.8';

test('every GOGC is read as Go reads it', () => {
  for (const { value, go } of recorded.GOGC) {
    const { gogc } = gogcInGo(value);
    assert.equal(gogc === 'off' ? -1 : gogc, go[NEWEST], JSON.stringify(value));
    // Before Go 1.26 a plus was not read, and a lone minus was 0.
    if (!value.startsWith('+') && value !== '-') assert.equal(go[OLDER], go[NEWEST], JSON.stringify(value));
  }
});

test('every GOMEMLIMIT is read as Go reads it, and what is refused is what Go does not start with', () => {
  for (const { value, go } of recorded.GOMEMLIMIT) {
    const bytes = gomemlimitInGo(value);
    const taken = go[NEWEST] === 'crash' ? undefined : BigInt(go[NEWEST] ?? -1);
    const shown = JSON.stringify(value);
    if (taken === undefined) assert.equal(bytes, undefined, shown);
    else if (taken >= 2n ** 53n) assert.equal(bytes, 'off', shown);
    else assert.equal(bytes, Number(taken), shown);
    if (!value.startsWith('+')) assert.equal(go[OLDER], go[NEWEST], shown);
  }
});
