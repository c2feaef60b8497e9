import { execa } from 'execa';
import { findProgram } from './find-program.ts';

/** How long the trial of setpriv may take; it needs a few milliseconds. */
const TRIAL_MILLISECONDS = 5000;

let known: Promise<readonly string[]> | undefined;

/**
 * The beginning of an argv whose program the kernel kills when the thread that started it ends, however it ends: setpriv of
 * util-linux 2.33 or newer, which sets the parent-death signal (PR_SET_PDEATHSIG of prctl(2)) and then becomes the program
 * under the same pid. Node starts programs from its main thread, which ends with the process. Empty where there is no such
 * setpriv. The setting is lost in programs with set-user-id bits or file capabilities, and is not inherited by children.
 */
export function diesWithUs(): Promise<readonly string[]> {
  known ??= lookUp();
  return known;
}

async function lookUp(): Promise<readonly string[]> {
  const setpriv = await findProgram('setpriv');
  if (setpriv === undefined) return [];
  const argv = [setpriv, '--pdeathsig', 'KILL'];
  // An older one, and that of BusyBox, do not know the option.
  const tried = await execa(setpriv, [...argv.slice(1), 'true'], {
    reject: false,
    stdio: 'ignore',
    timeout: TRIAL_MILLISECONDS,
  });
  return tried.exitCode === 0 ? argv : [];
}
