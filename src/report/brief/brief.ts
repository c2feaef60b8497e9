import type { Column } from '../document/document.ts';

/** An answer at a glance: what a command says on one screen. All text is untrusted. */
export interface Brief {
  /** The answer, a sentence for each thing that is answered. */
  readonly sentences: readonly string[];
  /** Undefined where there is nothing to set side by side. */
  readonly table: BriefTable | undefined;
  /** What to doubt, in a line each, that which could change the answer first. */
  readonly cautions: readonly string[];
}

/** The figures that the answer rests on. */
export interface BriefTable {
  /** The first names the rows; the head of the first tells how many more rows there are. */
  readonly columns: readonly Column[];
  /** So many columns stand however narrow the terminal is; the others are left out where they do not fit. */
  readonly least: number;
  readonly rows: readonly BriefRow[];
}

/** One row. */
export interface BriefRow {
  /** A text for each column; empty where there is no figure. */
  readonly cells: readonly string[];
  /** It is what one of the sentences names. */
  readonly chosen: boolean;
  /** It stands there whatever is left out, as what is chosen does. */
  readonly kept: boolean;
}

/** What stands below: what to paste, and what to do next. Untrusted text. */
export interface BriefFoot {
  readonly name: string;
  readonly text: string;
}
