// Loaded into the gctune that `npm run soak` watches: tells of its memory after a collection whenever it is asked.
process.on('message', () => {
  globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  process.send({ heapUsed, external, handles: process.getActiveResourcesInfo().length });
});
process.channel.unref();
