import type { Command } from '../command.ts';
import { assertCommand } from './assert.ts';
import { cleanCommand } from './clean.ts';
import { compareCommand } from './compare.ts';
import { completionCommand } from './completion.ts';
import { doctorCommand } from './doctor.ts';
import { explainCommand } from './explain.ts';
import { heapdumpCommand } from './heapdump.ts';
import { helpCommand } from './help.ts';
import { initCommand } from './init.ts';
import { listCommand } from './list.ts';
import { planCommand } from './plan.ts';
import { profileCommand } from './profile.ts';
import { recommendCommand } from './recommend.ts';
import { reportCommand } from './report.ts';
import { runCommand } from './run.ts';
import { schemaCommand } from './schema.ts';
import { showCommand } from './show.ts';
import { validateCommand } from './validate.ts';
import { versionCommand } from './version.ts';

/** Every command, in the order of the help: first what one does first. */
export const commands: readonly Command[] = [
  initCommand,
  validateCommand,
  planCommand,
  doctorCommand,
  runCommand,
  reportCommand,
  recommendCommand,
  compareCommand,
  assertCommand,
  explainCommand,
  profileCommand,
  heapdumpCommand,
  listCommand,
  showCommand,
  cleanCommand,
  schemaCommand,
  completionCommand,
  versionCommand,
  helpCommand,
];
