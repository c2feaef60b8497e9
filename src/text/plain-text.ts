// Terminal escape sequences: CSI, OSC, DCS/SOS/PM/APC with their terminators, then two-byte ones (ECMA-48).
const ESCAPE_SEQUENCES =
  // oxlint-disable-next-line no-control-regex -- control characters are what this file is about
  /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)|\u001b[PX^_][^\u001b]*\u001b\\|\u001b[ -/]*[0-~]/g;
const LINE_BREAKS_AND_TABS = /[\t\n\v\f\r\u0085\u2028\u2029]+/g;
// What is left of control characters, and the marks that reorder text (Trojan Source, CVE-2021-42574).
const INVISIBLE = /[\p{Cc}\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]/gu;

/** Text without terminal escape sequences. */
export function withoutEscapes(text: string): string {
  return text.replace(ESCAPE_SEQUENCES, '');
}

/**
 * Untrusted text (a daemon's output, a name from a file) as one line that neither moves a terminal's cursor, nor
 * colours, nor reorders what stands beside it. Line breaks and tabs become one space. Not an HTML escape.
 */
export function plainText(text: string): string {
  return withoutEscapes(text).replace(LINE_BREAKS_AND_TABS, ' ').replace(INVISIBLE, '');
}
