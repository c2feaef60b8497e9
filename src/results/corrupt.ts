import { ExitCode, UserError } from '../errors.ts';
import type { UnfitFile } from './plain-file.ts';

/** Something in the folder is not the plain file that it should be. */
export function unfit(error: UnfitFile): UserError {
  const hint =
    error.kind === 'unreadable'
      ? 'make it readable, or ask somebody who can read it for a copy of the run'
      : 'a run folder contains only regular files and folders; somebody made this one to have you read or write another file';
  return corrupt('unsafe-run', error.message, hint, error);
}

/** What a folder of results says that is not what it should be: exit 7. */
export function corrupt(code: string, message: string, hint: string, cause?: unknown): UserError {
  const error = new UserError({ code, message, hint }, ExitCode.corruptResults);
  if (cause !== undefined) error.cause = cause;
  return error;
}
