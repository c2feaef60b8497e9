import { plainText } from '../text/plain-text.ts';

/** What a CI system shows of one thing that was judged. Texts are untrusted. */
export interface JunitCase {
  /** With the class name what a CI system knows the case by from run to run. */
  readonly name: string;
  readonly className: string;
  /** `failure` breaks a build; `skipped` is shown and breaks none. Undefined where there is nothing to complain of. */
  readonly complaint:
    { readonly kind: 'failure' | 'skipped'; readonly type: string; readonly message: string } | undefined;
  /** What was found, line by line. */
  readonly found: readonly string[];
}

/** Cases that were judged together. */
export interface JunitSuite {
  readonly name: string;
  /** When what is judged was measured, in ISO 8601. */
  readonly measuredAt: string;
  readonly properties: readonly (readonly [name: string, value: string])[];
  readonly cases: readonly JunitCase[];
}

/**
 * A suite as JUnit's XML, as GitLab and Jenkins read it (the schema of Jenkins' xUnit plugin, version 10). Judging takes
 * no time worth telling: `time` is 0 throughout.
 */
export function junitXml(name: string, { cases, ...suite }: JunitSuite): string {
  const count = (kind: string): number => cases.filter(({ complaint }) => complaint?.kind === kind).length;
  const counts = { tests: cases.length, failures: count('failure'), errors: 0 };
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${attributes({ name, ...counts, time: 0 })}>`,
    `  <testsuite${attributes({
      name: suite.name,
      ...counts,
      skipped: count('skipped'),
      time: 0,
      // The schemas of this format know neither fractions of a second nor a zone.
      timestamp: suite.measuredAt.slice(0, 'YYYY-MM-DDThh:mm:ss'.length),
    })}>`,
    '    <properties>',
    ...suite.properties.map(([key, value]) => `      <property${attributes({ name: key, value })}/>`),
    '    </properties>',
    ...cases.flatMap(caseLines),
    '  </testsuite>',
    '</testsuites>',
  ];
  return `${lines.join('\n')}\n`;
}

function caseLines({ name, className, complaint, found }: JunitCase): readonly string[] {
  const text = found.map(escaped).join('\n');
  const inside =
    complaint === undefined
      ? `<system-out>${text}</system-out>`
      : `<${complaint.kind}${attributes({ message: complaint.message, type: complaint.type })}>${text}</${complaint.kind}>`;
  return [`    <testcase${attributes({ name, classname: className, time: 0 })}>`, `      ${inside}`, '    </testcase>'];
}

function attributes(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .map(([name, value]) => ` ${name}="${escaped(String(value))}"`)
    .join('');
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};
// What is no `Char` of XML 1.0 (section 2.2) cannot be written in it, not even as a reference.
const FORBIDDEN = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

function escaped(text: string): string {
  return plainText(text)
    .replace(FORBIDDEN, '')
    .replace(/[&<>"']/g, (character) => ESCAPES[character] ?? character);
}
