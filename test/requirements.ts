import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Something a test needs of the machine. */
export type Requirement =
  | 'docker'
  | 'go'
  | 'actionlint'
  | 'chromium'
  | 'root'
  | 'bash'
  | 'zsh'
  | 'fish'
  | 'xmllint'
  | 'python3'
  | 'setpriv'
  | 'postgres'
  // Prometheus with its promtool, and the exporter whose textfile collector it scrapes.
  | 'prometheus'
  | 'node_exporter'
  | 'kubernetes';

const probes: Record<Requirement, () => boolean> = {
  docker: () => answers('docker', ['version', '--format', '{{.Server.Version}}']),
  go: () => answers('go', ['version']),
  actionlint: () => answers('actionlint', ['-version']),
  chromium: () => chromiumPath() !== undefined,
  root: () => process.getuid?.() === 0,
  bash: () => answers('bash', ['-c', 'true']),
  zsh: () => answers('zsh', ['-c', 'true']),
  fish: () => answers('fish', ['-c', 'true']),
  python3: () => answers('python3', ['--version']),
  // Of util-linux 2.33 or newer.
  setpriv: () => answers('setpriv', ['--pdeathsig', 'KILL', 'true']),
  postgres: () => postgresFolder() !== undefined,
  // Built by `test/cluster/cluster.sh build`.
  kubernetes: () => answers(fileURLToPath(new URL('cluster/cluster.sh', import.meta.url)), ['ready']),
  prometheus: () => answers('prometheus', ['--version']) && answers('promtool', ['--version']),
  node_exporter: () => answers('prometheus-node-exporter', ['--version']),
  xmllint: () => answers('xmllint', ['--version']),
};

/** Where the programs of PostgreSQL are; Debian keeps them out of PATH. */
export function postgresFolder(): string | undefined {
  const versions = existsSync('/usr/lib/postgresql') ? readdirSync('/usr/lib/postgresql') : [];
  const folders = versions.map((version) => `/usr/lib/postgresql/${version}/bin`);
  return folders.find((folder) => existsSync(`${folder}/initdb`));
}

/** Where Chromium is on this machine, if it is. */
export function chromiumPath(): string | undefined {
  return ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => existsSync(path));
}

function answers(program: string, args: readonly string[]): boolean {
  try {
    execFileSync(program, args, { stdio: 'ignore', timeout: 20_000 });
    return true;
  } catch {
    return false;
  }
}

/**
 * Options for a test that needs something of the machine: skipped by name where it is absent,
 * run (and so failed) all the same where GCTUNE_REQUIRE names it.
 */
export function requirement(...needs: readonly Requirement[]): { skip: string | false } {
  const required = (process.env['GCTUNE_REQUIRE'] ?? '').split(',');
  const missing = needs.filter((need) => !required.includes(need) && !probes[need]());
  return { skip: missing.length === 0 ? false : `needs ${missing.join(' and ')}` };
}
