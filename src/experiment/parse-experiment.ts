import type { Diagnostic, Position } from '../errors.ts';
import { assertionsOf } from './assert/check-assert.ts';
import { checkMeaning } from './check/check-meaning.ts';
import { diagnose, locate } from './check/diagnose.ts';
import type { Experiment } from './experiment.ts';
import { experimentJsonSchema } from './schema/json-schema.ts';
import { resolveExperiment } from './resolve-experiment.ts';
import { changeValues, isMarkedSecret, secretTexts } from './secrets/redact-experiment.ts';
import { experimentSchema } from './schema/schema.ts';
import { holdsSecret, REDACTED, redactor, variablesOf, type Secrets } from './secrets/secrets.ts';
import type { ReadSections } from './sections.ts';
import { withCompose } from './compose/compose-sections.ts';
import type { ComposeStack } from './compose/read-compose.ts';
import { readYaml, type YamlSource } from './check/yaml-source.ts';

/** More problems than anybody reads; the rest is counted. */
const MOST_DIAGNOSTICS = 50;

/**
 * An experiment as it may be written down and, apart from it, its secrets; or every problem of its file in the order of the
 * file.
 */
export type ParsedExperiment =
  | {
      readonly experiment: Experiment;
      readonly secrets: Secrets;
      /** The plain value of the file. */
      readonly file: YamlSource['value'];
    }
  | { readonly diagnostics: readonly [Diagnostic, ...Diagnostic[]] };

/**
 * Reads an experiment file. `file` is its name for messages; `directory` is the absolute folder that relative paths in
 * it start at, and `compose` what its `target.compose` names. Never throws, whatever the text.
 */
export function parseExperiment(
  text: string,
  file: string,
  { directory, compose }: { readonly directory: string; readonly compose?: ComposeStack | undefined },
): ParsedExperiment {
  const { source: written, diagnostics: ofYaml } = readYaml(text, file);
  if (written === undefined) return ordered(ofYaml);
  const source = compose === undefined ? written : { ...written, value: withCompose(written.value, compose) };
  const read = experimentSchema.safeParse(source.value);
  const ofShape = read.success ? [] : diagnose(read.error.issues, source, experimentJsonSchema());
  const sections = read.success ? read.data : readSections(source);
  const { assertions, problems: ofAssertions } = assertionsOf(sections);
  const problems = [...ofShape, ...checkMeaning(sections, source), ...ofAssertions];
  const all = [...ofYaml, ...problems.map((problem) => locate(problem, source))];
  if (read.success && all.length === 0) {
    const asserted = read.data.assert === undefined ? undefined : assertions;
    return apart(resolveExperiment(read.data, directory, asserted), source);
  }
  const redact = redactor(secretTexts(source.value));
  return ordered(all.map((problem) => ({ ...problem, message: redact(problem.message) })));
}

/** The experiment without its secrets, and the secrets. */
function apart(whole: Experiment, source: YamlSource): Extract<ParsedExperiment, { secrets: Secrets }> {
  const literals: Secrets['literals'][number][] = [];
  const variables = new Map<string, Secrets['variables'][number]>();
  const experiment = changeValues(whole, (text, name, path) => {
    const inFile =
      path[0] === 'workloads' ? [...path.slice(0, 2), kindAt(whole, path), ...path.slice(2)] : path;
    for (const variable of variablesOf(text)) {
      if (!variables.has(variable)) variables.set(variable, { name: variable, at: source.valueAt(inFile) });
    }
    if (!holdsSecret(name, text, isMarkedSecret(source.value, inFile))) return text;
    literals.push({ path, text });
    return REDACTED;
  });
  return { experiment, secrets: { literals, variables: [...variables.values()] }, file: source.value };
}

/** The key of the kind of workload that a value belongs to. */
function kindAt({ workloads }: Experiment, [, name = '']: readonly (string | number)[]): string {
  return workloads[name]?.kind ?? '';
}

/** The sections that are free of problems by themselves, so that one bad section does not hide what is wrong with others. */
function readSections(source: YamlSource): ReadSections {
  const sections = Object.entries(experimentSchema.shape).map(([key, schema]) => [
    key,
    schema.safeParse(Object.hasOwn(source.value, key) ? source.value[key] : undefined).data,
  ]);
  return Object.fromEntries(sections) as ReadSections;
}

/** The problems of a file in its order, as many as anybody reads. */
export function ordered(diagnostics: readonly Diagnostic[]): Extract<ParsedExperiment, { diagnostics: unknown }> {
  const place = ({ at }: Diagnostic): Position => at as Position;
  const sorted = diagnostics.toSorted((a, b) => place(a).line - place(b).line || place(a).column - place(b).column);
  const [first, ...rest] = sorted.slice(0, MOST_DIAGNOSTICS) as [Diagnostic, ...Diagnostic[]];
  if (sorted.length <= MOST_DIAGNOSTICS) return { diagnostics: [first, ...rest] };
  const more = sorted.length - MOST_DIAGNOSTICS;
  const last: Diagnostic = {
    code: 'too-many-problems',
    message: `and ${more} more problems`,
    at: place(sorted.at(-1)!),
  };
  return { diagnostics: [first, ...rest, last] };
}
