import { ExitCode } from '../../errors.ts';
import type { Io } from '../../cli/io.ts';

// Each asks gctune itself, so that a script need not be renewed with a new version. SHELL says in which form it answers;
// where nothing fits, the shell completes names of files.
const scripts: Readonly<Record<string, string>> = {
  bash: `_gctune() {
  local IFS=$'\\n'
  COMPREPLY=($(compgen -W "$(SHELL=bash gctune --get-yargs-completions "\${COMP_WORDS[@]:0:COMP_CWORD+1}" 2>/dev/null)" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o bashdefault -o default -F _gctune gctune
`,
  zsh: `#compdef gctune
_gctune() {
  local -a reply
  reply=("\${(@f)$(SHELL=zsh gctune --get-yargs-completions "\${words[@]:0:$CURRENT}" 2>/dev/null)}")
  if [[ -n "\${reply[1]}" ]]; then
    _describe 'gctune' reply
  else
    _files
  fi
}
if [[ "\${zsh_eval_context[-1]}" == loadautofunc ]]; then
  _gctune "$@"
else
  compdef _gctune gctune
fi
`,
  fish: `complete -c gctune -a '(SHELL=fish gctune --get-yargs-completions (commandline -opc) (commandline -ct) 2>/dev/null)'
`,
};

/** Prints the completion script of a shell. */
export function printCompletionScript(shell: string, io: Io): Promise<ExitCode> {
  io.stdout.write(scripts[shell] ?? '');
  return Promise.resolve(ExitCode.ok);
}
