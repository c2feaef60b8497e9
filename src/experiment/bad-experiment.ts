import { UserError, type Diagnostic } from '../errors.ts';

/** An experiment file with problems, and its text so that the lines can be shown. */
export class BadExperiment extends UserError {
  readonly text: string;
  constructor(diagnostics: readonly Diagnostic[], text: string) {
    super(diagnostics);
    this.text = text;
  }
}
