import { z } from 'zod';
import type { Diagnostic } from '../../errors.ts';
import type { Assertion } from './assertion.ts';
import { readAssertions } from './check-assert.ts';
import { diagnose, locate } from '../check/diagnose.ts';
import { experimentJsonSchema } from '../schema/json-schema.ts';
import { nearest } from '../../text/nearest.ts';
import { ordered } from '../parse-experiment.ts';
import type { AssertionScope } from './read-assertion.ts';
import { assertSchema } from './schema.ts';
import { readYaml } from '../check/yaml-source.ts';

/** The assertions of a file, or every problem with them in the order of the file. */
export type ParsedAssertions =
  { readonly assertions: readonly Assertion[] } | { readonly diagnostics: readonly [Diagnostic, ...Diagnostic[]] };

/** Other keys are not looked at: the file may be an experiment, or hold nothing else. */
const fileSchema = z.object({ assert: assertSchema });

/** Reads the list `assert` of a YAML file about the cells of an experiment that has been read. */
export function parseAssertions(text: string, file: string, scope: AssertionScope): ParsedAssertions {
  const { source, diagnostics } = readYaml(text, file);
  if (source === undefined) return ordered(diagnostics);
  const read = fileSchema.safeParse(source.value);
  const list = read.data?.assert;
  const { assertions, problems: ofAssertions } = readAssertions(list ?? [], scope);
  const problems = [
    ...(read.success ? [] : diagnose(read.error.issues, source, experimentJsonSchema())),
    ...ofAssertions,
  ];
  if (read.success && list === undefined) {
    const meant = nearest('assert', Object.keys(source.value));
    const hint =
      meant === undefined
        ? 'for example assert: [{ metric: memory.anon, max: 40MiB }]'
        : `write assert instead of ${meant}`;
    problems.push({ code: 'missing-key', path: [], message: 'the key "assert" is missing', hint });
  }
  const all = [...diagnostics, ...problems.map((problem) => locate(problem, source))];
  if (list === undefined || all.length > 0) return ordered(all);
  return { assertions };
}
