import type { KuboOperation } from '../../experiment/experiment.ts';
import type { RandomStream } from '../../statistics/random.ts';
import { type AnswerJudge, type OutgoingRequest, RequestFailed } from '../outgoing-request.ts';
import { type Content, drawRecipe } from './content.ts';
import type { ErrorKinds } from './error-kinds.ts';
import { multipartBody, multipartHeaders } from './multipart.ts';
import { freshPeerId } from './peer-id.ts';
import type { PinWalk } from './pin-walk.ts';
import { cidOfAdd, type Expectation, RpcAnswer } from './rpc-answer.ts';
import { apiPath, type RpcClient } from './rpc.ts';

/** What the operations of one load share. */
export interface Surroundings {
  readonly content: Content;
  readonly kinds: ErrorKinds;
  /** CIDs of what the preload has added, in the order in which it was asked to. */
  readonly files: readonly string[];
  readonly pins: PinWalk;
  /** Ports that refuse connections. */
  readonly closedPorts: readonly number[];
  /** The other nodes of exchanges, by what an exchange says of them. */
  readonly others: ReadonlyMap<string | undefined, RpcClient>;
}

/** Draws what one operation asks. `onCid` hears of what an `add` has added. */
export function drawOperation(
  operation: KuboOperation,
  random: RandomStream,
  { content, kinds, files, pins, closedPorts, others }: Surroundings,
  onCid?: (cid: string) => void,
): OutgoingRequest {
  const anyFile = (): string => fileAt(files, random.int(Math.max(1, files.length)));
  const judged = (expectation?: Expectation): RpcAnswer => new RpcAnswer(kinds, expectation);
  switch (operation.kind) {
    case 'add': {
      const recipe = drawRecipe(operation.size, random);
      const read = (text: string): void => {
        const cid = cidOfAdd(text);
        onCid?.(cid);
      };
      const body = (): Buffer => multipartBody(recipe.bytes, (part) => content.fill(part, recipe));
      return new RpcUpload(addCommand(operation.pin), judged({ read }), body);
    }
    case 'cat':
      return rpcRequest(`cat?arg=${anyFile()}`, judged());
    case 'block-get':
      return rpcRequest(`block/get?arg=${anyFile()}`, judged());
    case 'dag-put': {
      const recipe = drawRecipe(operation.size, random);
      const body = (): Buffer => {
        const node = Buffer.from(dagJson(content.make(recipe)));
        return multipartBody(node.length, (part) => void node.copy(part));
      };
      return new RpcUpload('dag/put?store-codec=dag-cbor&input-codec=dag-json', judged(), body);
    }
    case 'mfs-write': {
      const recipe = drawRecipe(operation.size, random);
      const name = recipe.stamp.map((word) => word.toString(16).padStart(8, '0')).join('');
      const body = (): Buffer => multipartBody(recipe.bytes, (part) => content.fill(part, recipe));
      return new RpcUpload(`files/write?arg=/gctune/${name}&create=true&parents=true`, judged(), body);
    }
    case 'pin': {
      const { verb, file } = pins.step(Math.max(1, files.length));
      return rpcRequest(`pin/${verb}?arg=${fileAt(files, file)}`, judged());
    }
    case 'connect': {
      const peer = freshPeerId(random);
      const addresses = peerAddresses(operation, random, closedPorts);
      const query = addresses.map((address) => `arg=${address}/p2p/${peer}`).join('&');
      return rpcRequest(`swarm/connect?${query}`, judged({ fulfilledBy: isFailedDial }));
    }
    case 'exchange': {
      const other = others.get(operation.with);
      if (other === undefined) throw new Error('an exchange needs a second node');
      const recipe = drawRecipe(operation.size, random);
      const body = (): Buffer => multipartBody(recipe.bytes, (part) => content.fill(part, recipe));
      const first = async (): Promise<OutgoingRequest> => {
        let cid = '';
        const read = (text: string): void => void (cid = cidOfAdd(text));
        try {
          await other.post(addCommand(false), { read }, { headers: multipartHeaders, body: body() });
        } catch (error) {
          throw error instanceof RequestFailed ? new RequestFailed(`second node: ${error.kind}`) : error;
        }
        return rpcRequest(`cat?arg=${cid}`, judged());
      };
      return { ...rpcRequest('cat'), first };
    }
  }
}

/**
 * The command that adds one file without progress reports. Its chunks of 256 KiB are raw leaves, so a file of that size
 * is one block.
 */
function addCommand(pin: boolean): string {
  return `add?pin=${pin}&chunker=size-262144&raw-leaves=true&cid-version=1&quieter=true&progress=false`;
}

/** A request without a body. */
function rpcRequest(command: string, answer?: AnswerJudge): OutgoingRequest {
  const request = { method: 'POST', path: apiPath + command, headers: [], body: null };
  return answer === undefined ? request : { ...request, answer };
}

/** A request whose body is made when it is sent. */
class RpcUpload implements OutgoingRequest {
  readonly method = 'POST';
  readonly path: string;
  readonly headers = multipartHeaders;
  readonly answer: AnswerJudge;
  readonly #make: () => Buffer;

  constructor(command: string, answer: AnswerJudge, make: () => Buffer) {
    this.path = apiPath + command;
    this.answer = answer;
    this.#make = make;
  }

  get body(): Buffer {
    return this.#make();
  }
}

function fileAt(files: readonly string[], index: number): string {
  const file = files[index];
  if (file === undefined) throw new Error('no file was added before');
  return file;
}

/** A node of one byte string in dag-json, which writes bytes as base64 without padding. */
function dagJson(bytes: Buffer): string {
  return `{"/":{"bytes":"${bytes.toString('base64').replace(/=+$/, '')}"}}`;
}

function peerAddresses(
  { addresses, transport }: KuboOperation & { kind: 'connect' },
  random: RandomStream,
  closedPorts: readonly number[],
): readonly string[] {
  const ports = transport === 'tcp' ? closedPorts.length : lastPort - firstUnprivilegedPort + 1;
  const start = random.int(ports);
  return Array.from({ length: addresses }, (_, index) => {
    const at = (start + index) % ports;
    const port = transport === 'tcp' ? (closedPorts[at] ?? 0) : firstUnprivilegedPort + at;
    return `/ip4/127.0.0.1/${transport}/${port}`;
  });
}

const firstUnprivilegedPort = 1024;
const lastPort = 65_535;

/** What a node says when a peer is not there: that it has tried is the work. */
function isFailedDial(message: string): boolean {
  return /failed to dial|no good addresses|all dials failed/.test(message);
}
