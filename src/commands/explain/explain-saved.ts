import { basename } from 'node:path';
import type { ExplanationDocument } from '../../analysis/explain/explanation-document.ts';
import { UserError } from '../../errors.ts';
import { findCounters } from '../../probe/memstats-text.ts';
import { documentFrom } from './explain-document.ts';
import type { GivenSizes } from './explain-sizes.ts';
import type { Io } from '../../cli/io.ts';
import { otherKind } from '../../session/file-kind.ts';
import { readInputFile } from '../../session/input-file.ts';

/** More than any dump of MemStats with the discussion around it. */
const LIMIT_BYTES = 16 * 2 ** 20;

/** Explains counters that were saved or pasted into a file; `-` is stdin. Throws UserError where there are none in it. */
export async function explainSaved(file: string, given: GivenSizes, io: Io): Promise<ExplanationDocument> {
  const name = file === '-' ? 'stdin' : file;
  const bytes = await readInputFile(file, { limitBytes: LIMIT_BYTES, expected: 'counters', at: '--memstats' }, io);
  const counters = findCounters(bytes.toString('utf8'));
  if (counters === undefined) {
    const other = otherKind(bytes, file, 'counters', '--memstats');
    if (other !== undefined) throw other;
    throw new UserError({
      code: 'no-memstats',
      message: `${name} contains no runtime.MemStats`,
      at: '--memstats',
      hint: 'save the answer of /debug/vars, /debug/pprof/heap?debug=1 or a Prometheus page, or paste a dump of runtime.MemStats',
    });
  }
  return documentFrom({ source: { kind: 'text', name: basename(name) }, counters, given, warnings: [] });
}
