import type { ContainerSettings } from '../experiment/experiment.ts';
import type { BuildInfo } from '../results/format.ts';

/** A target made ready to run, with what the linker says of it. */
export interface Artifact {
  /** `binary`: a file on this machine; `image`: something only a container engine can start. */
  readonly kind: 'binary' | 'image';
  /** Absolute path of the binary, or the reference of the image. */
  readonly reference: string;
  /** `sha256:…` of the binary, or the image's id. */
  readonly digest: string;
  /** One line for people: `./targets/heapd, built with go1.26.8`. */
  readonly description: string;
  readonly buildInfo: BuildInfo;
  /** How an image is started where that is not what it says itself. */
  readonly container?: ContainerSettings | undefined;
}
