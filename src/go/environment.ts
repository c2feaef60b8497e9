/** The variables that Go's runtime reads when a program starts. */
const GO_VARIABLES = ['GOGC', 'GOMEMLIMIT', 'GODEBUG', 'GOMAXPROCS'] as const;
/** The settings that a process was started with; a variable that it was not given is undefined. Values are untrusted. */
export type GoEnvironment = Readonly<Partial<Record<(typeof GO_VARIABLES)[number], string>>>;

/** The variables of Go's runtime in the text of `/proc/PID/environ`; where one comes twice the first counts, as it does for Go. */
export function parseGoEnvironment(text: string): GoEnvironment {
  const found: Partial<Record<(typeof GO_VARIABLES)[number], string>> = {};
  for (const entry of text.split('\0')) {
    const [name = ''] = entry.split('=', 1);
    const known = GO_VARIABLES.find((variable) => variable === name);
    if (known !== undefined) found[known] ??= entry.slice(name.length + 1);
  }
  return found;
}
