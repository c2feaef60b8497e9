import { constants } from 'node:fs';
import { access, realpath, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { UserError } from '../errors.ts';
import type { CommandWorkload, Experiment } from '../experiment/experiment.ts';
import { platformOfNode } from '../executable/platform.ts';
import { findProgram } from '../runner/find-program.ts';
import { obtainProgram } from '../runner/obtain-program.ts';
import type { ObtainContext, Runner } from '../runner/runner.ts';
import { digestFile } from '../target/digest-file.ts';
import type { LoadAtWork } from '../trial/trial-request.ts';

/** A load program that was found or built. */
export interface ObtainedLoad {
  readonly program: LoadAtWork['program'];
  readonly digest: string;
  readonly description: string;
}

/**
 * Finds or builds the programs of the workloads that are run, by the workload's name; but for images they run on this machine,
 * wherever the target does. Throws UserError or EnvironmentError.
 */
export async function obtainLoadPrograms(
  { workloads, matrix }: Experiment,
  runner: Runner,
  context: ObtainContext,
): Promise<Readonly<Record<string, ObtainedLoad>>> {
  const found: Record<string, ObtainedLoad> = {};
  for (const name of matrix.workload) {
    const spec = workloads[name];
    if (spec?.kind === 'command') found[name] = await obtain(spec, `workloads.${name}.command`, runner, context);
  }
  return found;
}

async function obtain(
  { source }: CommandWorkload,
  place: string,
  runner: Runner,
  context: ObtainContext,
): Promise<ObtainedLoad> {
  if (source.kind === 'program') return find(source.path, `${place}.program`, context.signal);
  if (source.kind === 'image') {
    if (runner.name !== 'docker') {
      throw new UserError({
        code: 'needs-docker',
        message: `${place}.image: a load program in a container reaches no target that runs as a process`,
        hint: 'use --runner docker, or give the load as program: or module:',
      });
    }
    const artifact = await runner.obtain(source, { ...context, anyProgram: true });
    return { program: { image: { runner, artifact } }, digest: artifact.digest, description: artifact.description };
  }
  const { reference, digest, description } = await obtainProgram(
    source,
    platformOfNode(process.platform, process.arch),
    context,
  );
  return { program: { path: reference }, digest, description };
}

async function find(given: string, place: string, signal: AbortSignal): Promise<ObtainedLoad> {
  const named = given.includes('/') ? given : await findProgram(given);
  const path = named === undefined ? undefined : await realpath(named).catch(() => undefined);
  if (path === undefined) {
    const where = given.includes('/') ? `there is no file ${given}` : `there is no program ${given} on PATH`;
    throw new UserError({
      code: 'load-missing',
      message: `${place}: ${where}`,
      hint: given.includes('/')
        ? 'paths are relative to the experiment file'
        : `install ${given}, or write its path (a path relative to the experiment file begins with ./)`,
    });
  }
  if (!(await stat(path)).isFile()) {
    const hint = 'write the path of a program; its arguments go under args';
    throw new UserError({ code: 'load-not-a-file', message: `${place}: ${given} is not a file`, hint });
  }
  await access(path, constants.X_OK).catch(() => {
    const message = `${place}: ${given} is not executable`;
    throw new UserError({ code: 'not-executable', message, hint: `chmod +x ${path}` });
  });
  // A program that chooses by its name what it does (BusyBox) is started by that name.
  const program = { path: named ?? path };
  return { program, digest: await digestFile(path, signal), description: basename(given) };
}
