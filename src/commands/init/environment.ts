import { hasPlaceholder } from '../../experiment/placeholder.ts';
import { holdsSecret } from '../../experiment/secrets/secrets.ts';
import { canBeWritten } from './yaml-words.ts';

/** What of a program's environment goes into an experiment. */
export interface CarriedEnvironment {
  readonly env: Readonly<Record<string, string>>;
  /** Names of variables whose values look like secrets: they are not written. */
  readonly secret: readonly string[];
  /** Names of variables whose values cannot stand in an experiment: they hold control characters, or what would be a placeholder. */
  readonly unfit: readonly string[];
  /** Names of variables that gctune itself was started with, with the same values. */
  readonly shared: readonly string[];
}

/** What an experiment sets itself. */
const SET_BY_GCTUNE = /^(?:GOGC|GOMEMLIMIT|GOMAXPROCS|GCTUNE_.*)$/;
/** What shells, terminals, logins, systemd, containers and tools of other languages set, and what is of no use to another instance. */
const NOISE =
  /^(?:_|PATH|HOME|HOSTNAME|PWD|OLDPWD|SHLVL|SHELL|USER|LOGNAME|MAIL|TERM|TERM_.*|COLORTERM|COLUMNS|LINES|LS_COLORS|LESS.*|PAGER|EDITOR|VISUAL|DISPLAY|WAYLAND_DISPLAY|XAUTHORITY|DBUS_.*|XDG_.*|SSH_.*|SUDO_.*|INVOCATION_ID|JOURNAL_STREAM|SYSTEMD_.*|MEMORY_PRESSURE_.*|NOTIFY_SOCKET|WATCHDOG_.*|LISTEN_.*|MAINPID|TMPDIR|CREDENTIALS_DIRECTORY|(?:STATE|CACHE|LOGS|RUNTIME|CONFIGURATION)_DIRECTORY|container|npm_.*|NODE_.*|NVM_.*|PIP_.*|PY(?:ENV|THON).*|CONDA_.*|RUST.*|CARGO_.*|GIT_.*|VSCODE_.*|LANG|LC_.*|TMUX.*|STY|WINDOW|DEBIAN_FRONTEND)$/;
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * What of an environment (`NAME=value` each) is carried over: neither what every program has, nor what stands in `known`
 * with the same value, nor what looks like a secret, nor what gctune was started with itself (`own`): that is the login's, the
 * machine's or the sandbox's far more often than the program's.
 */
export function carriedEnvironment(
  entries: readonly string[],
  known: readonly string[] = [],
  own: Readonly<Record<string, string | undefined>> = {},
): CarriedEnvironment {
  const env: Record<string, string> = {};
  const secret: string[] = [];
  const unfit: string[] = [];
  const shared: string[] = [];
  const seen = new Set<string>();
  for (const entry of entries) {
    const end = entry.indexOf('=');
    const name = entry.slice(0, end);
    const value = entry.slice(end + 1);
    if (end < 1 || !NAME.test(name) || SET_BY_GCTUNE.test(name) || NOISE.test(name) || known.includes(entry)) continue;
    // The first one counts, as it does for Go.
    if (seen.has(name)) continue;
    seen.add(name);
    if (holdsSecret(name, value)) secret.push(name);
    else if (own[name] === value) shared.push(name);
    else if (!canBeWritten(value) || hasPlaceholder(value)) unfit.push(name);
    else env[name] = value.replaceAll('${', () => '$${');
  }
  return { env, secret, unfit, shared };
}
