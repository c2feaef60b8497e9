import { ExitCode } from '../../errors.ts';
import { defineCommand } from '../../cli/command.ts';

/** `gctune completion`. */
export const completionCommand = defineCommand({
  name: 'completion',
  summary: 'Print a shell completion script',
  positionals: {
    shell: { describe: 'The shell.', required: true, many: false, choices: ['bash', 'zsh', 'fish'] },
  },
  options: {},
  examples: [
    ['source <(gctune completion bash)', 'in ~/.bashrc'],
    ['source <(gctune completion zsh)', 'in ~/.zshrc, after compinit'],
    ['gctune completion fish > ~/.config/fish/completions/gctune.fish', 'once'],
  ],
  exitCodes: [ExitCode.ok, ExitCode.usage, ExitCode.environment],
  run: async ({ values }, io) => (await import('./run.ts')).printCompletionScript(values.shell, io),
});
