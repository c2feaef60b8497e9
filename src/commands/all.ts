import type { Command } from '../cli/command.ts';
import { assertCommand } from './assert/command.ts';
import { cleanCommand } from './clean/command.ts';
import { compareCommand } from './compare/command.ts';
import { completionCommand } from './completion/command.ts';
import { doctorCommand } from './doctor/command.ts';
import { explainCommand } from './explain/command.ts';
import { exportCommand } from './export/command.ts';
import { gateCommand } from './gate/command.ts';
import { gctraceCommand } from './gctrace/command.ts';
import { harnessCommand } from './harness/command.ts';
import { heapdumpCommand } from './heapdump/command.ts';
import { helpCommand } from './help/command.ts';
import { historyCommand } from './history/command.ts';
import { imageCommand } from './image/command.ts';
import { initCommand } from './init/command.ts';
import { listCommand } from './list/command.ts';
import { mergeCommand } from './merge/command.ts';
import { planCommand } from './plan/command.ts';
import { profileCommand } from './profile/command.ts';
import { recommendCommand } from './recommend/command.ts';
import { recordCommand } from './record/command.ts';
import { reportCommand } from './report/command.ts';
import { resumeCommand } from './resume/command.ts';
import { runCommand } from './run/command.ts';
import { schemaCommand } from './schema/command.ts';
import { showCommand } from './show/command.ts';
import { validateCommand } from './validate/command.ts';
import { versionCommand } from './version/command.ts';

/** Every command, in the order of the help: first what one does first. */
export const commands: readonly Command[] = [
  initCommand,
  validateCommand,
  planCommand,
  doctorCommand,
  runCommand,
  resumeCommand,
  mergeCommand,
  reportCommand,
  recommendCommand,
  compareCommand,
  assertCommand,
  recordCommand,
  historyCommand,
  gateCommand,
  exportCommand,
  explainCommand,
  profileCommand,
  heapdumpCommand,
  gctraceCommand,
  listCommand,
  showCommand,
  imageCommand,
  cleanCommand,
  schemaCommand,
  harnessCommand,
  completionCommand,
  versionCommand,
  helpCommand,
];
