/** Redis by ioredis, loaded on the first connection: who has no Redis target does not pay for it. */
import type { RedisClient, RedisConnect } from './redis.ts';

export const connectRedis: RedisConnect = async (url, database, limit) => {
  const { Redis } = await import('ioredis');
  const redis = new Redis(url, {
    db: database,
    lazyConnect: true,
    connectTimeout: limit,
    commandTimeout: limit,
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    // The driver connects anew where it needs to; nothing goes on behind its back.
    retryStrategy: () => null,
  });
  let last: unknown = null;
  redis.on('error', (cause: unknown) => {
    last = cause;
  });
  try {
    await redis.connect();
  } catch (cause) {
    redis.disconnect();
    throw last ?? cause;
  }
  const client: RedisClient = {
    ping: () => redis.ping(),
    scan: (cursor, pattern, count) => redis.scan(cursor, 'MATCH', pattern, 'COUNT', count),
    unlink: (keys) => redis.unlink(...keys),
    emptyDatabase: () => redis.flushdb('ASYNC'),
    close: () => redis.disconnect(),
  };
  return client;
};
