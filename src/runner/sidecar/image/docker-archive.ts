import { createHash, type Hash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import tar from 'tar-stream';

/** A file or folder of an image; paths are those in the image, without the slash at their beginning. */
export type ImageEntry =
  | { readonly kind: 'file'; readonly path: string; readonly from: string; readonly mode: 0o644 | 0o755 }
  | { readonly kind: 'text'; readonly path: string; readonly text: string }
  | { readonly kind: 'folder'; readonly path: string; readonly mode: 0o755 | 0o1777 };

/** How an image starts, as the OCI image specification names it. */
export interface ImageConfig {
  readonly Entrypoint: readonly string[];
  readonly Env?: readonly string[];
  readonly User?: string;
  readonly WorkingDir?: string;
  readonly Labels?: Readonly<Record<string, string>>;
}

/** What was written. */
export interface WrittenImage {
  /** `sha256:…` of the image's configuration, which names its layer: what engines call the id of the image. */
  readonly id: string;
  readonly layerDigest: string;
  readonly bytes: number;
}

/**
 * Writes an image of one layer as `docker save` does, which Docker, containerd, kind and k3s load without a registry. The same
 * entries give the same bytes. The file appears when it is whole.
 */
export async function writeDockerArchive(
  path: string,
  image: {
    readonly name: string;
    /** Go's name of the architecture. */
    readonly architecture: string;
    readonly config: ImageConfig;
    readonly entries: readonly ImageEntry[];
  },
  signal: AbortSignal,
): Promise<WrittenImage> {
  const own = `.${process.pid}.tmp`;
  const layer = join(dirname(path), `${own.slice(1)}-layer`);
  const unfinished = `${path}${own}`;
  try {
    const digest = await writeLayer(layer, image.entries, signal);
    const config = JSON.stringify({
      architecture: image.architecture,
      os: 'linux',
      config: image.config,
      rootfs: { type: 'layers', diff_ids: [`sha256:${digest}`] },
    });
    const id = createHash('sha256').update(config).digest('hex');
    const manifest = [{ Config: `${id}.json`, RepoTags: [image.name], Layers: [`${digest}.tar`] }];
    const pack = tar.pack();
    const written = pipeline(pack, createWriteStream(unfinished), { signal });
    // What goes wrong is told by `written`; the entries end with it.
    const packed = (async () => {
      pack.entry({ ...PLAIN, name: 'manifest.json' }, JSON.stringify(manifest));
      pack.entry({ ...PLAIN, name: `${id}.json` }, config);
      await addFile(pack, { path: `${digest}.tar`, from: layer, mode: 0o644 });
      pack.finalize();
    })();
    await Promise.all([written, packed]);
    await rename(unfinished, path);
    return { id: `sha256:${id}`, layerDigest: `sha256:${digest}`, bytes: (await stat(path)).size };
  } finally {
    await Promise.all([layer, unfinished].map((file) => rm(file, { force: true })));
  }
}

const PLAIN = { mode: 0o644, uid: 0, gid: 0, mtime: new Date(0) } as const;

async function writeLayer(path: string, entries: readonly ImageEntry[], signal: AbortSignal): Promise<string> {
  const pack = tar.pack();
  const hash = createHash('sha256');
  const written = pipeline(pack, hashing(hash), createWriteStream(path), { signal });
  const packed = (async () => {
    for (const entry of withFolders(entries)) {
      const of = { ...PLAIN, name: entry.path };
      if (entry.kind === 'folder') pack.entry({ ...of, type: 'directory', mode: entry.mode });
      else if (entry.kind === 'text') pack.entry(of, entry.text);
      else await addFile(pack, entry);
    }
    pack.finalize();
  })();
  await Promise.all([written, packed]);
  return hash.digest('hex');
}

function hashing(hash: Hash): PassThrough {
  const through = new PassThrough();
  through.on('data', (chunk: Buffer) => hash.update(chunk));
  return through;
}

async function addFile(
  pack: tar.Pack,
  { path, from, mode }: { readonly path: string; readonly from: string; readonly mode: number },
): Promise<void> {
  const { size } = await stat(from);
  await pipeline(createReadStream(from), pack.entry({ ...PLAIN, name: path, mode, size }));
}

/** The entries in one order, each folder before what is in it. */
function withFolders(entries: readonly ImageEntry[]): readonly ImageEntry[] {
  const all = new Map<string, ImageEntry>();
  for (const entry of entries) {
    for (let above = dirname(entry.path); above !== '.'; above = dirname(above)) {
      if (!all.has(above)) all.set(above, { kind: 'folder', path: above, mode: 0o755 });
    }
    all.set(entry.path, entry);
  }
  return [...all.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1));
}
