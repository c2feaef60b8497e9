// Loaded into the gctune that `npm run soak` watches: tells of its memory after a collection whenever it is asked.
import { getHeapCodeStatistics } from 'node:v8';

process.on('message', () => {
  globalThis.gc();
  const { rss, heapUsed, external, arrayBuffers } = process.memoryUsage();
  const { code_and_metadata_size: machineCode, bytecode_and_metadata_size: bytecode } = getHeapCodeStatistics();
  process.send({
    code: machineCode + bytecode,
    rss,
    heapUsed,
    external,
    arrayBuffers,
    handles: process.getActiveResourcesInfo().length,
  });
});
process.channel.unref();
