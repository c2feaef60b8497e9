import type { Diagnostic, Position } from '../errors.ts';
import { checkMeaning } from './check-meaning.ts';
import { diagnose, locate } from './diagnose.ts';
import type { Experiment } from './experiment.ts';
import { experimentJsonSchema } from './json-schema.ts';
import { resolveExperiment } from './resolve-experiment.ts';
import { experimentSchema } from './schema.ts';
import type { ReadSections } from './sections.ts';
import { readYaml, type YamlSource } from './yaml-source.ts';

/** More problems than anybody reads; the rest is counted. */
const MOST_DIAGNOSTICS = 50;

/** An experiment, or every problem of its file in the order of the file. */
export type ParsedExperiment =
  { readonly experiment: Experiment } | { readonly diagnostics: readonly [Diagnostic, ...Diagnostic[]] };

/**
 * Reads an experiment file. `file` is its name for messages; `directory` is the absolute folder that relative paths in
 * it start at. Never throws, whatever the text.
 */
export function parseExperiment(
  text: string,
  file: string,
  { directory }: { readonly directory: string },
): ParsedExperiment {
  const { source, diagnostics: ofYaml } = readYaml(text, file);
  if (source === undefined) return ordered(ofYaml);
  const read = experimentSchema.safeParse(source.value);
  const ofShape = read.success ? [] : diagnose(read.error.issues, source, experimentJsonSchema());
  const ofMeaning = checkMeaning(read.success ? read.data : readSections(source), source);
  const all = [...ofYaml, ...[...ofShape, ...ofMeaning].map((problem) => locate(problem, source))];
  return read.success && all.length === 0 ? { experiment: resolveExperiment(read.data, directory) } : ordered(all);
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
