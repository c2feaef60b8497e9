import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { pathToFileURL } from 'node:url';
import { crc32 } from 'node:zlib';
import { execa } from 'execa';

/** A module proxy of files (Go Modules Reference, GOPROXY protocol), which go takes as it is or through HTTP. */
export interface ModuleProxy {
  readonly folder: string;
  /** Adds a version; `files` must hold a go.mod. */
  publish(path: string, version: string, files: Readonly<Record<string, string>>): Promise<void>;
  /** Lets a name that is no version, such as a branch, stand for one. */
  point(path: string, name: string, version: string): Promise<void>;
}

/** Makes an empty proxy, and has go use it, with a module cache of its own and the test's environment, until the test ends. */
export async function moduleProxy(t: TestContext): Promise<ModuleProxy> {
  const folder = await mkdtemp(join(tmpdir(), 'gctune-proxy-'));
  const proxy = join(folder, 'proxy');
  const cache = join(folder, 'modules');
  setEnv(t, { GOPROXY: pathToFileURL(proxy).href, GOSUMDB: 'off', GOFLAGS: '', GOMODCACHE: cache, GOPRIVATE: '' });
  t.after(async () => {
    // Modules are kept in read-only folders, which only root could remove otherwise.
    await execa('go', ['clean', '-modcache'], { env: { GOMODCACHE: cache, GOFLAGS: '' } });
    await rm(folder, { recursive: true, force: true });
  });
  return {
    folder: proxy,
    async publish(path, version, files) {
      const versions = join(proxy, path, '@v');
      await mkdir(versions, { recursive: true });
      const info = JSON.stringify({ Version: version, Time: '2024-01-02T03:04:05Z' });
      await writeFile(join(versions, `${version}.info`), info);
      await writeFile(join(versions, `${version}.mod`), files['go.mod'] ?? '');
      await writeFile(join(versions, `${version}.zip`), zip(files, `${path}@${version}/`));
      await writeFile(join(versions, 'list'), `${version}\n`, { flag: 'a' });
    },
    async point(path, name, version) {
      const info = await readFile(join(proxy, path, '@v', `${version}.info`));
      await writeFile(join(proxy, path, '@v', `${name}.info`), info);
    },
  };
}

/** Serves a proxy through HTTP and has go use that; returns what was asked for. A 404 says what it is in words of its own. */
export async function serveProxy(t: TestContext, { folder }: ModuleProxy): Promise<readonly string[]> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? '/';
    asked.push(path);
    readFile(join(folder, path)).then(
      (content) => response.end(content),
      () => response.writeHead(404, { 'content-type': 'text/plain' }).end('not found: nothing of that name here'),
    );
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  setEnv(t, { GOPROXY: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
  return asked;
}

const original: Readonly<NodeJS.ProcessEnv> = { ...process.env };

/** Sets environment variables of this process until the test ends. */
export function setEnv(t: TestContext, variables: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(variables)) {
    process.env[name] = value;
    t.after(() => {
      if (original[name] === undefined) delete process.env[name];
      else process.env[name] = original[name];
    });
  }
}

/** A ZIP archive of stored files (PKWARE APPNOTE 6.3, §4.3). */
function zip(files: Readonly<Record<string, string>>, prefix: string): Buffer {
  const locals: Buffer[] = [];
  const entries: Buffer[] = [];
  let offset = 0;
  for (const [path, text] of Object.entries(files)) {
    const name = Buffer.from(prefix + path);
    const content = Buffer.from(text);
    // From the version needed on, local header and directory entry have ten fields alike.
    const common = Buffer.alloc(26);
    common.writeUInt16LE(10, 0);
    common.writeUInt32LE(crc32(content), 10);
    common.writeUInt32LE(content.length, 14);
    common.writeUInt32LE(content.length, 18);
    common.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, name, content]);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(offset, 10);
    entries.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x00'), common, rest, name]));
    locals.push(local);
    offset += local.length;
  }
  const directory = Buffer.concat(entries);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, directory, end]);
}
