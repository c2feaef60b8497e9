// Loaded into the gctune that `npm run soak` watches: tells of its memory after a collection whenever it is asked.
process.on('message', () => {
  globalThis.gc();
  const { rss, heapUsed, external, arrayBuffers } = process.memoryUsage();
  process.send({ rss, heapUsed, external, arrayBuffers, handles: process.getActiveResourcesInfo().length });
});
process.channel.unref();
