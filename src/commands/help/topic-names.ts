/** What `gctune help <topic>` knows besides the commands. */
export const topicNames = ['exit-codes', 'metrics', 'experiment', 'environment'] as const;
